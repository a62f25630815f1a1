#include "tests/http/raw_client.hpp"
#include "tests/http/running_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <mutex>
#include <vector>

namespace ota::http {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::string_view hello = "GET /hello?world HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(http_server, answers_with_the_handlers_response) {
    running_server server;
    raw_client client(server.port);
    ASSERT_TRUE(client.send(hello));
    const auto answer = client.receive();
    EXPECT_EQ(status_of(answer), 200U);
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain\r\n"));
    EXPECT_THAT(answer, HasSubstr("X-Peer: 127.0.0.1\r\n"));
    EXPECT_EQ(body_of(answer), "hello world");
}

TEST(http_server, keeps_a_connection_for_the_next_request_and_answers_pipelined_ones_in_order) {
    running_server server;
    raw_client client(server.port);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send(hello));
        EXPECT_EQ(body_of(client.receive()), "hello world");
    }
    ASSERT_TRUE(client.send("GET /hello?1 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello?2 HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_EQ(body_of(client.receive()), "hello 1");
    EXPECT_EQ(body_of(client.receive()), "hello 2");
}

TEST(http_server, closes_when_the_client_asks_for_it_and_for_http_1_0) {
    running_server server;
    EXPECT_EQ(body_of(ask_raw(server.port, "GET /hello?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
              "hello x");
    EXPECT_EQ(body_of(ask_raw(server.port, "GET /hello?y HTTP/1.0\r\n\r\n")), "hello y");
}

TEST(http_server, head_gets_the_header_of_get_without_its_body) {
    running_server server;
    raw_client client(server.port);
    ASSERT_TRUE(client.send("HEAD /hello?world HTTP/1.1\r\nHost: a\r\n\r\n"));
    const auto answer = client.receive(true);
    EXPECT_EQ(status_of(answer), 200U);
    EXPECT_THAT(answer, HasSubstr("Content-Length: 11\r\n"));
    EXPECT_EQ(body_of(answer), "");
    ASSERT_TRUE(client.send(hello));
    EXPECT_EQ(body_of(client.receive()), "hello world") << "the body must not lie between the answers";
}

TEST(http_server, answer_without_content_has_no_length) {
    running_server server;
    const auto answer = ask_raw(server.port, "DELETE /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status_of(answer), 204U);
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
    EXPECT_EQ(answer.find("\nContent-Type"), std::string::npos);
}

TEST(http_server, takes_bodies_by_length_in_chunks_and_after_100_continue) {
    running_server server;
    raw_client client(server.port);
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"));
    EXPECT_EQ(body_of(client.receive()), "abc");
    ASSERT_TRUE(client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
    EXPECT_EQ(body_of(client.receive()), "abc");
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
    EXPECT_EQ(status_of(client.receive()), 100U);
    ASSERT_TRUE(client.send("abc"));
    EXPECT_EQ(body_of(client.receive()), "abc");
}

TEST(http_server, takes_a_target_in_absolute_form) {
    running_server server;
    const auto answer =
        ask_raw(server.port, "GET http://a:1/hello?z HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(body_of(answer), "hello z");
}

TEST(http_server, serves_parallel_clients_on_several_threads) {
    running_server server({.threads = 4, .observer = {}});
    std::atomic<int> right = 0;
    std::vector<std::jthread> clients;
    for (int c = 0; c < 16; ++c) {
        clients.emplace_back([&, c] {
            raw_client client(server.port);
            for (int i = 0; i < 50; ++i) {
                const auto text = std::to_string(c * 1000 + i);
                client.send("GET /hello?" + text + " HTTP/1.1\r\nHost: a\r\n\r\n");
                if (body_of(client.receive()) == "hello " + text) ++right;
            }
        });
    }
    clients.clear();
    EXPECT_EQ(right, 16 * 50);
}

TEST(http_server, tells_its_observer_the_registered_path_and_the_status) {
    std::mutex mutex;
    std::vector<std::string> seen;
    {
        running_server server({.observer = [&](const served& each) {
            const std::lock_guard lock(mutex);
            seen.push_back(std::string(each.method) + " " + std::string(each.route) + " " +
                           std::to_string(each.status));
        }});
        ask_raw(server.port, "GET /hello?secret HTTP/1.0\r\n\r\n");
        ask_raw(server.port, "GET /unknown HTTP/1.0\r\n\r\n");
        ask_raw(server.port, "PUT /echo HTTP/1.0\r\n\r\n");
    }
    EXPECT_THAT(seen, ::testing::ElementsAre("GET /hello 200", "GET  404", "PUT /echo 405"));
}

TEST(http_server, stop_lets_a_request_in_progress_finish_and_closes_idle_connections) {
    running_server server({.threads = 2, .observer = {}});
    raw_client idle(server.port);
    ASSERT_TRUE(idle.send(hello));
    EXPECT_EQ(status_of(idle.receive()), 200U);
    raw_client busy(server.port);
    ASSERT_TRUE(busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    server.it.stop();
    const auto answer = busy.receive_until_closed();
    EXPECT_EQ(body_of(answer), "at last");
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(idle.receive_until_closed(), "");
    EXPECT_THROW(raw_client{server.port}, std::runtime_error);
}

TEST(http_server, stop_cuts_what_outlives_the_deadline) {
    running_server server({.stop_deadline = std::chrono::milliseconds(50), .observer = {}});
    raw_client stuck(server.port);
    ASSERT_TRUE(stuck.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    auto stopped = std::async(std::launch::async, [&] { server.it.stop(); });
    EXPECT_EQ(stopped.wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(http_server, port_in_use_is_the_error_of_start) {
    running_server first;
    server second({.port = first.port, .observer = {}}, {});
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), std::errc::address_in_use);
    server nowhere({.address = "not an address", .observer = {}}, {});
    EXPECT_FALSE(nowhere.start());
}

TEST(http_server, leaves_the_signals_to_the_main_thread) {
    static std::atomic<pthread_t> handled_by;
    struct sigaction before {};
    struct sigaction mine {};
    mine.sa_handler = [](int) { handled_by = ::pthread_self(); };
    ::sigaction(SIGUSR1, &mine, &before);
    running_server server({.threads = 4, .observer = {}});
    for (int i = 0; i < 20; ++i) {
        ::kill(::getpid(), SIGUSR1);
        EXPECT_TRUE(::pthread_equal(handled_by, ::pthread_self()));
    }
    ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace ota::http
