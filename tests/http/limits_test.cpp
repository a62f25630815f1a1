#include "gateway/http/rates.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/http/running_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace ota::http {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr rates::time_point start{1000h};

TEST(rates, so_many_a_second_and_a_burst_after_a_pause) {
    rates some(10, 20);
    int taken = 0;
    for (int i = 0; i < 100; ++i) taken += some.take("desk", start) ? 1 : 0;
    EXPECT_EQ(taken, 20);
    EXPECT_FALSE(some.take("desk", start + 50ms));
    EXPECT_TRUE(some.take("desk", start + 100ms));
    EXPECT_FALSE(some.take("desk", start + 100ms));
    EXPECT_TRUE(some.take("other", start + 100ms)) << "each has his own";
    taken = 0;
    for (int i = 0; i < 100; ++i) taken += some.take("desk", start + 1h) ? 1 : 0;
    EXPECT_EQ(taken, 20);
}

TEST(rates, none_is_unlimited) {
    rates unlimited(0, 0);
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(unlimited.take("desk", start));
}

TEST(rates, names_beyond_the_limit_share_one_bucket_and_idle_ones_are_forgotten) {
    rates few(1, 1, 2);
    EXPECT_TRUE(few.take("a", start));
    EXPECT_TRUE(few.take("b", start));
    EXPECT_TRUE(few.take("c", start));
    EXPECT_FALSE(few.take("d", start));
    EXPECT_TRUE(few.take("d", start + 2s));
    EXPECT_TRUE(few.take("e", start + 2s));
}

/// Handlers below /slow/ wait until they are let go.
struct slow_server {
    explicit slow_server(server_settings with) : it(std::move(with), routes()), port(it.start().value()) {}
    ~slow_server() { let_go(); }

    router routes() {
        router all;
        all.add("GET", "/slow/one", [this](const request&) {
            std::unique_lock lock(mutex);
            ++waiting;
            some.notify_all();
            some.wait(lock, [this] { return free; });
            return response{.body = "done", .headers = {}};
        });
        all.add("GET", "/quick", [](const request&) { return response{.body = "quick", .headers = {}}; });
        all.add("GET", "/secret", [](const request&) { return problem(401, "a token is missing"); });
        return all;
    }
    void wait_for(int n) {
        std::unique_lock lock(mutex);
        some.wait(lock, [&] { return waiting == n; });
    }
    void let_go() {
        const std::lock_guard lock(mutex);
        free = true;
        some.notify_all();
    }

    std::mutex mutex;
    std::condition_variable some;
    int waiting = 0;
    bool free = false;
    server it;
    std::uint16_t port;
};

TEST(limits, a_lane_that_is_full_holds_up_nothing_else) {
    std::atomic<int> busy = 0;
    slow_server server({.lanes = {{"/slow/", 2, 3}}, .observer = {}, .refused = [&](refusal why, std::string_view) {
                            busy += why == refusal::busy ? 1 : 0;
                        }});
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(std::make_unique<raw_client>(server.port));
        ASSERT_TRUE(clients.back()->send("GET /slow/one HTTP/1.1\r\nHost: a\r\n\r\n"));
        if (i < 2) server.wait_for(i + 1);
        if (i == 5) break;
        EXPECT_EQ(body_of(ask_raw(server.port, "GET /quick HTTP/1.0\r\n\r\n")),
                  "quick");  // and the one before has arrived
    }
    const auto refused = clients.back()->receive();
    EXPECT_EQ(status_of(refused), 503U);
    EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_EQ(busy, 1);
    server.let_go();
    clients.pop_back();
    for (auto& each : clients) EXPECT_EQ(body_of(each->receive()), "done");
}

TEST(limits, a_body_is_as_long_as_its_path_allows) {
    running_server server({.body_limit_in_octets = 100, .body_limits = {{"/echo", 1000}}, .observer = {}});
    const auto post = [&](const std::string& path, std::size_t size) {
        return status_of(ask_raw(server.port, "POST " + path +
                                                  " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
                                                  std::to_string(size) + "\r\n\r\n" + std::string(size, 'x')));
    };
    EXPECT_EQ(post("/echo", 1000), 200U);
    EXPECT_EQ(post("/echo", 1001), 413U);
    EXPECT_EQ(post("/hello", 100), 405U);
    EXPECT_EQ(post("/hello", 101), 413U);
    EXPECT_EQ(
        status_of(ask_raw(server.port, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                                           std::string(1001, 'x'))),
        413U);
}

TEST(limits, who_comes_too_often_without_a_token_is_slowed_down_and_others_are_served) {
    std::atomic<int> failures = 0;
    slow_server server({.failures_per_minute = 5, .observer = {}, .refused = [&](refusal why, std::string_view) {
                            failures += why == refusal::failures ? 1 : 0;
                        }});
    raw_client client(server.port);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(client.send("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n"));
        EXPECT_EQ(status_of(client.receive()), 401U);
    }
    ASSERT_TRUE(client.send("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n"));
    const auto answer = client.receive_until_closed();
    EXPECT_EQ(status_of(answer), 429U);
    EXPECT_THAT(answer, HasSubstr("Retry-After: "));
    EXPECT_EQ(failures, 1);
    EXPECT_EQ(body_of(ask_raw(server.port, "GET /quick HTTP/1.0\r\n\r\n")), "quick")
        << "behind one address may be many";
}

TEST(limits, each_refusal_is_told_by_its_reason_and_address) {
    std::mutex mutex;
    std::vector<std::string> told;
    std::set<std::string> peers;
    running_server server({.header_limit_in_octets = 4096,
                           .body_limit_in_octets = 10,
                           .header_timeout = 100ms,
                           .observer = {},
                           .refused = [&](refusal why, std::string_view peer) {
                               const std::lock_guard lock(mutex);
                               peers.emplace(peer);
                               told.emplace_back(name_of(why));
                           }});
    (void)ask_raw(server.port, "nonsense\r\n\r\n");
    (void)ask_raw(server.port, "GET /" + std::string(8000, 'x'));
    (void)ask_raw(server.port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
    (void)ask_raw(server.port, "GET /hel");
    server.it.stop();
    EXPECT_THAT(told, ::testing::ElementsAre("malformed", "long-header", "long-body", "slow"));
    EXPECT_THAT(peers, ::testing::ElementsAre("127.0.0.1"));
}

TEST(limits, a_connection_without_a_further_request_is_closed_and_was_not_slow) {
    std::atomic<int> slow = 0;
    running_server server(
        {.header_timeout = 100ms, .observer = {}, .refused = [&](refusal, std::string_view) { ++slow; }});
    raw_client client(server.port);
    ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_EQ(status_of(client.receive_until_closed()), 200U);
    server.it.stop();
    EXPECT_EQ(slow, 0);
}

TEST(limits, what_may_not_come_in_is_answered_in_place_of_the_handler) {
    running_server server({.observer = {}, .refused = {}, .admit = [](const request& asked) -> std::optional<response> {
                               if (asked.query == "no") return problem(503, "not now");
                               return std::nullopt;
                           }});
    EXPECT_EQ(body_of(ask_raw(server.port, "GET /hello?yes HTTP/1.0\r\n\r\n")), "hello yes");
    EXPECT_EQ(status_of(ask_raw(server.port, "GET /hello?no HTTP/1.0\r\n\r\n")), 503U);
}

}  // namespace
}  // namespace ota::http
