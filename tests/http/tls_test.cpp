#include "gateway/http/event_feed.hpp"
#include "tests/http/certificates.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/http/running_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace ota::http {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A server under TLS that says whether the client showed a certificate.
class tls : public ::testing::Test {
protected:
    void load(const tls_files& what) {
        std::string why;
        ASSERT_TRUE(identity_.load(what, why)) << why;
    }
    std::string refusal_of(const tls_files& what) {
        std::string why;
        EXPECT_FALSE(identity_.load(what, why));
        return why;
    }
    void serve(server_settings with = {}) {
        with.tls = &identity_;
        with.refused = [this](refusal why, std::string_view) { ++refused_[static_cast<std::size_t>(why)]; };
        auto routes = running_server::routes();
        routes.add("GET", "/who", [](const request& asked) {
            return response{
                .content_type = "text/plain", .body = asked.certified ? "certified" : "anybody", .headers = {}};
        });
        routes.add("GET", "/events", [this](const request&) {
            return response{
                .headers = {},
                .stream = std::make_shared<feed_subscription>(feed_subscription{feed_.shared(), {}, {}, {}})};
        });
        server_.emplace(std::move(with), std::move(routes));
        port_ = server_->start().value();
    }
    [[nodiscard]] std::string url(const std::string& path) const {
        return " https://localhost:" + std::to_string(port_) + path;
    }

    certificates made_;
    tls_identity identity_;
    event_feed feed_;
    std::array<std::atomic<int>, refusals> refused_{};
    std::optional<server> server_;
    std::uint16_t port_ = 0;
};

TEST_F(tls, curl_gets_answers_keeps_its_connection_and_posts_much) {
    const auto files = made_.make("server");
    load(files);
    serve({.body_limits = {{"/echo", 4'000'000}}, .observer = {}});
    EXPECT_EQ(curl("--cacert " + files.certificate + " -w ' %{num_connects} %{http_version};'" + url("/hello?x") +
                   url("/hello?y")),
              "hello x 1 1.1;hello y 0 1.1;");
    const auto big = made_.folder() + "/big";
    std::ofstream(big) << std::string(3'000'000, 'z');
    EXPECT_EQ(curl("--cacert " + files.certificate + " --data-binary @" + big + url("/echo") + " | sha256sum"),
              printed_by("sha256sum < " + big));
    EXPECT_THAT(curl(url("/hello")), HasSubstr("self-signed certificate"))
        << "who does not trust it must not be served";
}

TEST_F(tls, speaks_1_2_and_1_3_and_nothing_older) {
    load(made_.make("server"));
    serve();
    const auto handshake = [&](const std::string& version) {
        return printed_by("echo | openssl s_client -brief -connect 127.0.0.1:" + std::to_string(port_) + " " + version);
    };
    EXPECT_THAT(handshake("-tls1_3"), HasSubstr("Protocol version: TLSv1.3"));
    EXPECT_THAT(handshake("-tls1_2"), HasSubstr("Protocol version: TLSv1.2"));
    EXPECT_THAT(handshake("-tls1_1 -cipher ALL:@SECLEVEL=0"), Not(HasSubstr("Protocol version")));
}

TEST_F(tls, plain_http_on_its_port_is_no_handshake_and_counted) {
    load(made_.make("server"));
    serve();
    EXPECT_THAT(ask_raw(port_, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"), Not(HasSubstr("hello")));
    while (refused_[static_cast<std::size_t>(refusal::handshake)] == 0) std::this_thread::sleep_for(1ms);
}

TEST_F(tls, a_client_that_does_not_shake_hands_is_cut) {
    load(made_.make("server"));
    serve({.header_timeout = 100ms, .observer = {}});
    raw_client silent(port_);
    EXPECT_EQ(silent.receive_until_closed(), "");
}

TEST_F(tls, a_new_certificate_serves_new_connections_without_a_restart) {
    const auto first = made_.make("first"), second = made_.make("second");
    load(first);
    serve();
    EXPECT_EQ(curl("--cacert " + first.certificate + url("/hello?1")), "hello 1");
    load(second);
    EXPECT_THAT(curl("--cacert " + first.certificate + url("/hello?2")), HasSubstr("certificate"));
    EXPECT_EQ(curl("--cacert " + second.certificate + url("/hello?3")), "hello 3");
}

TEST_F(tls, a_pair_that_cannot_be_used_is_refused_and_the_old_one_stays) {
    const auto good = made_.make("good"), other = made_.make("other");
    load(good);
    serve();
    EXPECT_THAT(refusal_of({good.certificate, other.key, ""}),
                HasSubstr("other.key cannot be used: key values mismatch"));
    EXPECT_THAT(refusal_of({made_.folder() + "/none.pem", good.key, ""}), HasSubstr("none.pem cannot be used"));
    EXPECT_THAT(refusal_of({good.certificate, made_.folder() + "/none.key", ""}), HasSubstr("none.key cannot be used"));
    EXPECT_THAT(refusal_of({good.certificate, good.key, good.key}), HasSubstr("the clients' authority"));
    ::chmod(other.key.c_str(), 0644);
    EXPECT_THAT(refusal_of(other), HasSubstr("other.key may be read by everybody"));
    EXPECT_EQ(curl("--cacert " + good.certificate + url("/hello?still")), "hello still");
    const auto left = *identity_.not_after() - std::chrono::system_clock::now();
    EXPECT_GT(left, std::chrono::hours(24));
    EXPECT_LT(left, std::chrono::hours(49));
}

TEST_F(tls, clients_show_certificates_of_the_authority_or_none) {
    auto files = made_.make("server");
    const auto client = made_.make("client"), stranger = made_.make("stranger");
    files.client_ca = client.certificate;
    load(files);
    serve();
    const auto as = [&](const std::string& more) { return curl("--cacert " + files.certificate + more + url("/who")); };
    EXPECT_EQ(as(""), "anybody") << "a probe has none to show";
    EXPECT_EQ(as(" --cert " + client.certificate + " --key " + client.key), "certified");
    EXPECT_THAT(as(" --cert " + stranger.certificate + " --key " + stranger.key),
                Not(AnyOf(HasSubstr("anybody"), HasSubstr("certified"))));
}

TEST_F(tls, event_streams_flow_under_it_and_end_with_the_server) {
    const auto files = made_.make("server");
    load(files);
    serve();
    std::string got;
    std::jthread client([&] { got = curl("--no-buffer --cacert " + files.certificate + url("/events")); });
    while (feed_.clients() == 0) std::this_thread::sleep_for(1ms);
    for (int i = 1; i <= 1000; ++i) feed_.publish("taken", std::to_string(i));
    std::this_thread::sleep_for(200ms);
    server_->stop();
    client.join();
    EXPECT_THAT(got, HasSubstr("id: 1000\nevent: taken\ndata: 1000\n\n"));
    EXPECT_THAT(got, Not(HasSubstr("curl:")));
}

}  // namespace
}  // namespace ota::http
