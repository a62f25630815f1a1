#include "gateway/audit/verify.hpp"
#include "gateway/cli/http_door.hpp"
#include "tests/http/certificates.hpp"
#include "tests/http/raw_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

namespace ota::cli {
namespace {

using namespace http::testing;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string watcher = "canary-watcher-00000000", desk = "canary-desk-0000000000",
                  stranger = "canary-stranger-0000000";

/// The door of a gateway, with two calls behind it as a book would have them: what happens to a token on its way.
class door : public ::testing::Test {
protected:
    door() {
        std::filesystem::create_directories(folder_);
        settings_.data_directory = folder_;
        settings_.http.port = 0;
        settings_.http.tokens = {{"watcher", api_role::read, put("watcher", watcher)},
                                 {"desk", api_role::operate, put("desk", desk)}};
    }
    ~door() override {
        it_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::string put(const std::string& name, const std::string& text) const {
        const auto path = folder_ + "/" + name;
        std::ofstream(path) << text << "\n";
        ::chmod(path.c_str(), 0600);
        return path;
    }
    void open() {
        it_.emplace(settings_, std::uint16_t{3}, metrics_, log_);
        std::string why;
        ASSERT_TRUE(it_->load(settings_.http, why)) << why;
        ASSERT_TRUE(it_->open(why)) << why;
        http::router routes;
        routes.add("GET", "/api/v1/cards",
                   [this](const http::request& asked) { return call(asked, http::role::read); });
        routes.add("POST", "/api/v1/changes",
                   [this](const http::request& asked) { return call(asked, http::role::operate); });
        routes.add("GET", "/api/v1/faulty",
                   [](const http::request&) -> http::response { throw std::runtime_error("canary-of-a-handler"); });
        routes.add("GET", "/healthz", [](const http::request&) { return http::response{.body = "{}", .headers = {}}; });
        ASSERT_TRUE(it_->serve(std::move(routes), why)) << why;
    }
    http::response call(const http::request& asked, http::role needs) {
        const auto with = it_->surroundings();
        const auto who = with.tokens.find(asked);
        if (!who) {
            with.deny("unknown-token", asked.peer);
            return http::problem(401, "this token is not known");
        }
        if (!with.permit(*who)) return http::problem(429, "too often");
        if (asked.method != "GET" && !with.room()) return http::problem(503, "it could not be recorded");
        const unsigned status = who->may < needs ? 403 : 200;
        if (status == 403) with.deny("role", asked.peer);
        if (asked.method != "GET")
            with.audit({who->name, http::name_of(who->may), asked.peer, asked.method, asked.path, asked.path, status});
        return status == 200 ? http::response{.body = "{}", .headers = {}} : http::problem(403, "too little");
    }
    std::string ask(const std::string& method, const std::string& path, const std::string& token) {
        auto answer = ask_raw(it_->port(), method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
                                               (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") +
                                               "Content-Length: 0\r\n\r\n");
        answers_ += answer;
        return answer;
    }
    unsigned status(const std::string& method, const std::string& path, const std::string& token) {
        return status_of(ask(method, path, token));
    }
    [[nodiscard]] std::string trail() const {
        std::ifstream in(folder_ + "/audit/audit-3.jsonl");
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::string logged() {
        const std::lock_guard lock(mutex_);
        return logged_;
    }

    const std::string folder_ = ::testing::TempDir() + "door-" + std::to_string(::getpid());
    gateway_settings settings_;
    ops::metrics metrics_;
    std::mutex mutex_;
    std::string logged_, answers_;
    ops::log log_{ops::level::debug,
                  [this](std::string_view line) {
                      const std::lock_guard lock(mutex_);
                      logged_ += line;
                  },
                  [] { return std::chrono::system_clock::time_point(); }};
    std::optional<http_door> it_;
};

TEST_F(door, callers_are_told_apart_and_what_they_did_is_recorded) {
    open();
    EXPECT_EQ(status("GET", "/api/v1/cards", watcher), 200U);
    EXPECT_EQ(status("POST", "/api/v1/changes", watcher), 403U);
    EXPECT_EQ(status("POST", "/api/v1/changes", desk), 200U);
    EXPECT_EQ(status("POST", "/api/v1/changes", stranger), 401U);
    EXPECT_EQ(status("POST", "/api/v1/changes", ""), 401U);
    EXPECT_EQ(status("GET", "/healthz", ""), 200U);
    const auto records = trail();
    EXPECT_EQ(std::ranges::count(records, '\n'), 2);
    EXPECT_THAT(
        records,
        HasSubstr(
            R"("who":"watcher","role":"read","peer":"127.0.0.1","method":"POST","path":"/api/v1/changes","status":403)"));
    EXPECT_THAT(
        records,
        HasSubstr(
            R"("who":"desk","role":"operate","peer":"127.0.0.1","method":"POST","path":"/api/v1/changes","status":200)"));
    const auto figures = metrics_.text();
    EXPECT_THAT(figures, HasSubstr("otagw_audit_records_total 2\n"));
    EXPECT_THAT(figures, HasSubstr("otagw_http_refused_total{reason=\"unknown-token\"} 2\n"));
    EXPECT_THAT(figures, HasSubstr("otagw_http_refused_total{reason=\"role\"} 1\n"));
    EXPECT_THAT(figures, HasSubstr("otagw_http_requests_total{route=\"POST /api/v1/changes\",state=\"401\"} 2\n"));
    EXPECT_THAT(figures, HasSubstr("otagw_http_seconds_count{route=\"GET /healthz\"} 1\n"));
}

TEST_F(door, knows_when_its_audit_log_has_no_room) {
    const auto place = folder_ + "/audit";
    std::filesystem::create_directories(place);
    ASSERT_EQ(::mount("otagw-test", place.c_str(), "tmpfs", 0, "size=64k,mode=700"), 0)
        << "the test mounts a small disk: run it as root";
    open();
    EXPECT_EQ(status("POST", "/api/v1/changes", desk), 503U);
    EXPECT_EQ(status("GET", "/api/v1/cards", desk), 200U);
    EXPECT_EQ(trail(), "");
    it_.reset();
    EXPECT_EQ(::umount(place.c_str()), 0);
}

TEST_F(door, a_call_that_fails_inside_is_in_the_log_without_what_it_had_in_hand) {
    open();
    EXPECT_EQ(status("GET", "/api/v1/faulty?card=1", watcher), 500U);
    EXPECT_THAT(logged(), HasSubstr(R"("a call could not be served","method":"GET","route":"/api/v1/faulty"})"));
    EXPECT_THAT(logged() + answers_, Not(HasSubstr("canary-of-a-handler")));
    EXPECT_THAT(metrics_.text(),
                HasSubstr("otagw_http_requests_total{route=\"GET /api/v1/faulty\",state=\"500\"} 1\n"));
}

TEST_F(door, a_token_shows_nowhere) {
    open();
    for (const auto& token : {watcher, desk, stranger}) {
        (void)ask("GET", "/api/v1/cards", token);
        (void)ask("POST", "/api/v1/changes", token);
        (void)ask("PUT", "/api/v1/changes", token);
        (void)ask("GET", "/none", token);
        (void)ask("NON SENSE", "/", token);
        answers_ += ask_raw(it_->port(), "GET / HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\nbroken\r\n\r\n");
    }
    auto wrong = settings_.http;
    wrong.tokens.push_back({"twin", api_role::keys, put("twin", desk)});
    std::string why;
    EXPECT_FALSE(it_->load(wrong, why));
    it_->stop();
    EXPECT_THAT(answers_ + why + logged() + trail() + metrics_.text(), Not(HasSubstr("canary")));
    EXPECT_THAT(logged(), HasSubstr("audit log opened"));
}

TEST_F(door, tokens_and_certificates_change_whole_or_not_at_all) {
    open();
    certificates made;
    auto next = settings_.http;
    const auto files = made.make("server");
    next.tls = {files.certificate, files.key, ""};
    next.tokens = {{"desk", api_role::read, put("desk", stranger)}, {"lost", api_role::read, folder_ + "/none"}};
    std::string why;
    EXPECT_FALSE(it_->load(next, why));
    EXPECT_THAT(why, HasSubstr("/none cannot be read"));
    EXPECT_EQ(status("GET", "/api/v1/cards", desk), 200U) << "still without TLS, and by the token of before";
    next.tokens.pop_back();
    ASSERT_TRUE(it_->load(next, why)) << why;
    const auto by = [&](const std::string& token) {
        return curl("-o /dev/null -w '%{http_code}' --cacert " + files.certificate + " -H 'Authorization: Bearer " +
                    token + "' https://localhost:" + std::to_string(it_->port()) + "/api/v1/cards");
    };
    EXPECT_EQ(by(stranger), "200");
    EXPECT_EQ(by(desk), "401");
    EXPECT_THAT(metrics_.text(), HasSubstr("otagw_http_certificate_left_seconds 1"));
}

TEST_F(door, the_api_alone_asks_for_a_certificate_of_the_client) {
    certificates made;
    const auto files = made.make("server"), client = made.make("client");
    settings_.http.tls = {files.certificate, files.key, client.certificate};
    open();
    const auto status = [&](const std::string& path, const std::string& more) {
        return curl("-o /dev/null -w '%{http_code}' --cacert " + files.certificate + " -H 'Authorization: Bearer " +
                    watcher + "' " + more + " https://localhost:" + std::to_string(it_->port()) + path);
    };
    EXPECT_EQ(status("/healthz", ""), "200");
    EXPECT_EQ(status("/api/v1/cards", ""), "403");
    EXPECT_EQ(status("/api/v1/cards", "--cert " + client.certificate + " --key " + client.key), "200");
    EXPECT_THAT(metrics_.text(), HasSubstr("otagw_http_refused_total{reason=\"no-certificate\"} 1\n"));
}

TEST_F(door, each_caller_has_a_rate) {
    settings_.http.rate = 3;
    open();
    std::vector<unsigned> seen;
    for (int i = 0; i < 20; ++i) seen.push_back(status("GET", "/api/v1/cards", watcher));
    EXPECT_EQ(seen.front(), 200U);
    EXPECT_THAT(seen, ::testing::Contains(429U));
    EXPECT_EQ(status("GET", "/api/v1/cards", desk), 200U);
}

TEST_F(door, a_reload_changes_the_rate_of_callers) {
    open();
    const auto turned_away_of_ten = [this] {
        std::vector<unsigned> seen;
        for (int i = 0; i < 10; ++i) seen.push_back(status("GET", "/api/v1/cards", watcher));
        return std::ranges::count(seen, 429U);
    };
    EXPECT_EQ(turned_away_of_ten(), 0);
    auto next = settings_.http;
    next.rate = 0.001;
    std::string why;
    ASSERT_TRUE(it_->load(next, why)) << why;
    EXPECT_EQ(turned_away_of_ten(), 9);
    next.rate = 0;
    ASSERT_TRUE(it_->load(next, why)) << why;
    EXPECT_EQ(turned_away_of_ten(), 0);
}

TEST_F(door, the_log_tells_who_was_turned_away_once_a_minute_and_at_the_end) {
    open();
    for (int i = 0; i < 60; ++i) EXPECT_EQ(status("GET", "/api/v1/cards", stranger), 401U);
    EXPECT_EQ(status("POST", "/api/v1/changes", watcher), 403U);
    EXPECT_THAT(logged(), Not(HasSubstr("turned away")));
    it_->tick();
    EXPECT_THAT(logged(), HasSubstr(R"("address":"127.0.0.1","reasons":"role 1, unknown-token 60","refusals":61)"));
    EXPECT_EQ(status("POST", "/api/v1/changes", watcher), 403U);
    it_->tick();
    EXPECT_THAT(logged(), Not(HasSubstr(R"("refusals":1)"))) << "the minute is not over";
    it_->stop();
    EXPECT_THAT(logged(), HasSubstr(R"("reasons":"role 1","refusals":1)"));
    EXPECT_THAT(logged(), Not(HasSubstr("canary")));
}

TEST(turned_away, has_a_line_a_minute_for_each_address_and_forgets_who_stays_away) {
    turned_away it(3);
    const turned_away::time_point begin{};
    EXPECT_TRUE(it.due(begin).empty());
    it.add("192.0.2.1", "no-token");
    ASSERT_EQ(it.due(begin).size(), 1U);
    it.add("192.0.2.1", "slow");
    it.add("192.0.2.1", "no-token");
    EXPECT_TRUE(it.due(begin + std::chrono::seconds(59)).empty());
    const auto told = it.due(begin + std::chrono::minutes(1));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().address, "192.0.2.1");
    EXPECT_EQ(told.front().reasons, "no-token 1, slow 1");
    EXPECT_EQ(told.front().refusals, 2U);
    EXPECT_TRUE(it.due(begin + std::chrono::minutes(2)).empty());
    for (const auto* each : {"192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"}) it.add(each, "role");
    const auto crowd = it.due(begin + std::chrono::minutes(2));
    ASSERT_EQ(crowd.size(), 4U) << "who stayed away has left his place";
    EXPECT_EQ(crowd.back().address, "others");
    EXPECT_EQ(crowd.back().refusals, 2U);
}

TEST_F(door, the_head_of_the_audit_log_is_noted_and_proves_its_end) {
    open();
    EXPECT_EQ(status("POST", "/api/v1/changes", desk), 200U);
    it_->stop();
    const auto told = logged();
    const auto closed = told.find("audit log closed");
    ASSERT_NE(closed, std::string::npos);
    const auto head = told.substr(told.find("\"head\":\"", closed) + 8, 64);
    std::ostringstream said;
    EXPECT_EQ(audit::verify({folder_ + "/audit/audit-3.jsonl"}, head, said), 0) << said.str();
}

TEST_F(door, does_not_open_on_a_log_that_another_gateway_has) {
    open();
    http_door second(settings_, 3, metrics_, log_);
    std::string why;
    EXPECT_FALSE(second.open(why));
    EXPECT_THAT(why, HasSubstr("is open in another process"));
}

}  // namespace
}  // namespace ota::cli
