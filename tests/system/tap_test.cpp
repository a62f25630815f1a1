// `otagw tap` against a server of the test's own that says what a gateway would, one connection after the other.
#include "tests/system/program.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <mutex>
#include <thread>

namespace ota::system_test {
namespace {

using std::chrono::seconds;

/// Gives each connection the next answer and closes it, or leaves the last one open.
class spoken_server {
public:
    explicit spoken_server(std::vector<std::string> answers, bool hold_last = false)
        : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (::bind(listening_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(listening_, 8) != 0 ||
            ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
            throw std::runtime_error("no port");
        }
        port = ntohs(at.sin_port);
        speaker_ = std::jthread([this, answers = std::move(answers), hold_last](const std::stop_token& stop) {
            for (std::size_t i = 0; i < answers.size() && !stop.stop_requested(); ++i) {
                const int client = accept_one(stop);
                if (client < 0) return;
                hear(client);
                (void)!::send(client, answers[i].data(), answers[i].size(), MSG_NOSIGNAL);
                while (hold_last && i + 1 == answers.size() && !stop.stop_requested())
                    std::this_thread::sleep_for(std::chrono::milliseconds(20));
                ::close(client);
            }
        });
    }
    ~spoken_server() {
        speaker_.request_stop();
        speaker_.join();
        ::close(listening_);
    }
    [[nodiscard]] std::vector<std::string> heard() {
        const std::lock_guard lock(mutex_);
        return heard_;
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port); }
    std::uint16_t port = 0;

private:
    int accept_one(const std::stop_token& stop) const {
        while (!stop.stop_requested()) {
            pollfd p{listening_, POLLIN, 0};
            if (::poll(&p, 1, 20) == 1) return ::accept(listening_, nullptr, nullptr);
        }
        return -1;
    }
    void hear(int client) {
        std::string question;
        char piece[4096];
        while (question.find("\r\n\r\n") == std::string::npos) {
            const auto got = ::recv(client, piece, sizeof piece, 0);
            if (got <= 0) break;
            question.append(piece, static_cast<std::size_t>(got));
        }
        const std::lock_guard lock(mutex_);
        heard_.push_back(std::move(question));
    }

    int listening_;
    std::mutex mutex_;
    std::vector<std::string> heard_;
    std::jthread speaker_;
};

const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& text) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", text.size());
    return size + text + "\r\n";
}

const std::string ended =
    "id: 7\nretry: 100\nevent: ended\ndata: "
    "{\"event\":\"e-1\",\"source\":\"s\",\"card\":\"8944\",\"node\":\"./A\",\"state\":\"applied\",\"reason\":\"\"}\n\n";
const std::string taken =
    "id: 8\nevent: taken\ndata: {\"event\":\"e-2\",\"source\":\"s\",\"card\":\"8945\",\"node\":\"./B\"}\n\n";

TEST(tap, shows_events_comes_again_after_a_break_and_goes_on_behind_the_last_one) {
    workplace place("tap");
    place.write("token", "0123456789abcdef-token\n");
    const auto cut = ended.size() / 2;
    spoken_server server({head + chunk(": hello\n\n") + chunk(ended.substr(0, cut)) +
                              chunk(ended.substr(cut) + "id: 8\nevent: taken\ndata: {\"ev"),
                          "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
                          head + chunk("event: gap\ndata: {}\n\n" + taken)});
    int code = -1;
    const auto said = run({otagw(), "tap", "--url", server.url(), "--token-file", "token", "--card", "89 44", "--state",
                           "applied", "--limit", "2"},
                          place.path(), code);
    EXPECT_EQ(code, 0) << said;
    EXPECT_NE(said.find(" ended  8944 applied ./A e-1 s\n"), std::string::npos) << said;
    EXPECT_NE(said.find(" taken  8945 ./B e-2 s\n"), std::string::npos) << said;
    EXPECT_NE(said.find("some events were missed"), std::string::npos) << said;
    EXPECT_EQ(said.find("0123456789abcdef"), std::string::npos) << "never the token";
    const auto heard = server.heard();
    ASSERT_EQ(heard.size(), 3u);
    EXPECT_TRUE(
        heard[0].starts_with("GET /api/v1/events?type=taken,ended,dead,alert&card=89%2044&state=applied HTTP/1.1\r\n"))
        << heard[0];
    EXPECT_NE(heard[0].find("Authorization: Bearer 0123456789abcdef-token\r\n"), std::string::npos) << heard[0];
    EXPECT_EQ(heard[0].find("Last-Event-ID"), std::string::npos) << heard[0];
    EXPECT_NE(heard[1].find("Last-Event-ID: 7\r\n"), std::string::npos) << heard[1];
    EXPECT_NE(heard[2].find("Last-Event-ID: 7\r\n"), std::string::npos) << "half an event does not count: " << heard[2];
}

TEST(tap, writes_json_lines_for_scripts) {
    workplace place("tap-json");
    spoken_server server({head + chunk(ended)});
    int code = -1;
    const auto said = run({otagw(), "tap", "--url", server.url(), "--json", "--limit", "1"}, place.path(), code);
    EXPECT_EQ(code, 0) << said;
    EXPECT_TRUE(said.starts_with("{\"at\":\"")) << said;
    EXPECT_NE(
        said.find(
            R"("type":"ended","event":"e-1","source":"s","card":"8944","node":"./A","state":"applied","reason":"")"),
        std::string::npos)
        << said;
}

TEST(tap, says_why_it_is_refused_and_ends_with_1) {
    workplace place("tap-refused");
    const std::string problem =
        R"({"type":"about:blank","title":"Unauthorized","status":401,"detail":"no token is configured"})";
    spoken_server server({"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json\r\nContent-Length: " +
                          std::to_string(problem.size()) + "\r\n\r\n" + problem});
    int code = -1;
    const auto said = run({otagw(), "tap", "--url", server.url()}, place.path(), code);
    EXPECT_EQ(code, 1);
    EXPECT_EQ(said, "otagw tap: " + server.url() + ": 401: no token is configured (give --token-file)\n");
}

TEST(tap, ends_with_1_where_nobody_listens_and_with_2_on_wrong_words) {
    workplace place("tap-nobody");
    std::string url;
    {
        spoken_server server({""});
        url = server.url();
    }
    int code = -1;
    EXPECT_NE(run({otagw(), "tap", "--url", url}, place.path(), code).find("Connection refused"), std::string::npos);
    EXPECT_EQ(code, 1);
    run({otagw(), "tap"}, place.path(), code);
    EXPECT_EQ(code, 2);
    place.write("two", "a b\n");
    EXPECT_NE(
        run({otagw(), "tap", "--url", url, "--token-file", "two"}, place.path(), code).find("must hold one token"),
        std::string::npos);
    EXPECT_EQ(code, 2);
}

TEST(tap, ends_with_0_on_sigint) {
    workplace place("tap-sigint");
    spoken_server server({head + chunk(ended)}, true);
    program tap({otagw(), "tap", "--url", server.url()}, place.path(), place.path() / "out");
    EXPECT_FALSE(tap.wait_for("e-1", seconds(30)).empty()) << tap.output();
    tap.signal(SIGINT);
    EXPECT_EQ(tap.wait(seconds(30)), 0) << tap.output();
}

}  // namespace
}  // namespace ota::system_test
