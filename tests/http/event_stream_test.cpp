#include "gateway/http/event_feed.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/http/running_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

namespace ota::http {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view listen = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n";

/// A server with one feed at /events.
struct feeding_server {
    explicit feeding_server(server_settings with = {}, std::size_t kept = 4096)
        : feed(kept), it(std::move(with), routes()), port(it.start().value()) {}

    router routes() {
        router all;
        all.add("GET", "/events", [this](const request& asked) {
            const auto id = asked.header("Last-Event-ID");
            feed_subscription what{feed.shared(), {}, {}, [this] { return allowed.load(); }};
            if (!id.empty()) what.after = std::stoull(std::string(id));
            return response{.headers = {}, .stream = std::make_shared<feed_subscription>(std::move(what))};
        });
        all.add("GET", "/hello", [](const request&) { return response{.body = "{}", .headers = {}}; });
        return all;
    }
    void wait_for_clients(std::size_t n) const {
        while (feed.clients() != n) std::this_thread::sleep_for(1ms);
    }

    event_feed feed;
    std::atomic<bool> allowed{true};
    server it;
    std::uint16_t port;
};

TEST(event_stream, stays_open_and_brings_each_event) {
    feeding_server server;
    raw_client client(server.port);
    ASSERT_TRUE(client.send(listen));
    EXPECT_EQ(client.receive_until("retry: 2000\n\n"),
              "HTTP/1.1 200 OK\r\nServer: otagw\r\nX-Content-Type-Options: nosniff\r\n"
              "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
              "X-Accel-Buffering: no\r\nConnection: close\r\n\r\nretry: 2000\n\n");
    server.feed.publish("taken", R"({"event":"1"})");
    EXPECT_EQ(client.receive_until("\n\n"), "id: 1\nevent: taken\ndata: {\"event\":\"1\"}\n\n");
    server.feed.publish("ended", "{}");
    EXPECT_EQ(client.receive_until("\n\n"), "id: 2\nevent: ended\ndata: {}\n\n");
}

TEST(event_stream, goes_on_where_the_client_was) {
    feeding_server server;
    raw_client first(server.port);
    ASSERT_TRUE(first.send(listen));
    server.wait_for_clients(1);
    for (int i = 1; i <= 10; ++i) server.feed.publish("taken", std::to_string(i));
    raw_client back(server.port);
    ASSERT_TRUE(back.send("GET /events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 8\r\n\r\n"));
    EXPECT_THAT(back.receive_until("data: 10\n\n"), HasSubstr("\r\n\r\nretry: 2000\n\nid: 9\n"));
}

TEST(event_stream, head_gets_its_header_alone) {
    feeding_server server;
    const auto answer = ask_raw(server.port, "HEAD /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status_of(answer), 200U);
    EXPECT_EQ(server.feed.clients(), 0U);
}

TEST(event_stream, a_hundred_clients_get_all_of_it) {
    feeding_server server({.threads = 2, .observer = {}});
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<raw_client>(server.port));
        ASSERT_TRUE(clients.back()->send(listen));
    }
    server.wait_for_clients(100);
    for (int i = 1; i <= 1000; ++i) server.feed.publish("taken", std::to_string(i));
    for (auto& each : clients) {
        const auto all = each->receive_until("data: 1000\n\n");
        EXPECT_THAT(all, HasSubstr("id: 1\nevent: taken\ndata: 1\n\nid: 2\n"));
        EXPECT_THAT(all, HasSubstr("id: 999\nevent: taken\ndata: 999\n\nid: 1000\n"));
    }
    EXPECT_EQ(server.feed.cut_clients(), 0U);
}

TEST(event_stream, one_more_than_the_limit_is_told_to_come_later) {
    std::atomic<int> refused = 0;
    feeding_server server({.stream_limit = 1, .observer = {}, .refused = [&](refusal why, std::string_view) {
                               refused += why == refusal::streams ? 1 : 0;
                           }});
    auto first = std::make_unique<raw_client>(server.port);
    ASSERT_TRUE(first->send(listen));
    server.wait_for_clients(1);
    raw_client second(server.port);
    ASSERT_TRUE(second.send(listen));
    const auto answer = second.receive();
    EXPECT_EQ(status_of(answer), 503U);
    EXPECT_THAT(answer, HasSubstr("Retry-After: 10\r\n"));
    EXPECT_EQ(refused, 1);
    first.reset();
    server.wait_for_clients(0);  // its going is noticed, though nothing is sent
    ASSERT_TRUE(second.send(listen));
    server.wait_for_clients(1);
}

TEST(event_stream, a_client_that_does_not_read_is_cut_and_the_others_go_on) {
    feeding_server server({}, 1000);
    raw_client stuck(server.port), good(server.port);
    ASSERT_TRUE(stuck.send(listen));
    ASSERT_TRUE(good.send(listen));
    server.wait_for_clients(2);
    (void)good.receive_until("retry: 2000\n\n");
    const std::string much(8000, 'x');
    for (int i = 1; server.feed.cut_clients() == 0; ++i) {  // until the sockets' buffers are full
        for (int k = 0; k < 100; ++k) server.feed.publish("taken", much);
        server.feed.publish("mark", std::to_string(i));
        EXPECT_THAT(good.receive_until("data: " + std::to_string(i) + "\n\n"), HasSubstr("event: mark"));
    }
    server.wait_for_clients(1);
    EXPECT_EQ(server.feed.cut_clients(), 1U);
}

TEST(event_stream, ends_with_the_server) {
    feeding_server server;
    raw_client client(server.port);
    ASSERT_TRUE(client.send(listen));
    server.wait_for_clients(1);
    (void)client.receive_until("retry: 2000\n\n");
    server.it.stop();
    EXPECT_EQ(client.receive_until_closed(), "");
    EXPECT_EQ(server.feed.clients(), 0U);
}

TEST(event_stream, ends_when_the_token_was_taken_away) {
    feeding_server server;
    raw_client client(server.port);
    ASSERT_TRUE(client.send(listen));
    server.wait_for_clients(1);
    server.allowed = false;
    EXPECT_THAT(client.receive_until_closed(), Not(HasSubstr("<open>")));
}

}  // namespace
}  // namespace ota::http
