#include "tests/http/raw_client.hpp"
#include "tests/http/running_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace ota::http {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(hostile_client, malformed_requests_get_a_400_problem_and_the_connection_ends) {
    running_server server;
    for (const std::string bad : {
             "nonsense\r\n\r\n",
             "GET /hello\r\n\r\n",
             "GET /hello HTTP/9.9\r\nHost: a\r\n\r\n",
             "GET /hel lo HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET /hello HTTP/1.1\r\nHost a\r\n\r\n",
             "GET /hello HTTP/1.1\r\nHost: a\r\nBad\x01Name: b\r\n\r\n",
             "GET /hello HTTP/1.1\r\n\r\n",
             "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
             "GET hello HTTP/1.1\r\nHost: a\r\n\r\n",
             "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
             "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
         }) {
        const auto answer = ask_raw(server.port, bad);
        EXPECT_EQ(status_of(answer), 400U) << bad;
        EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n")) << bad;
        EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << bad;
    }
    EXPECT_EQ(body_of(ask_raw(server.port, "GET /hello?ok HTTP/1.0\r\n\r\n")), "hello ok") << "the others go on";
}

TEST(hostile_client, every_cut_of_a_request_ends_without_an_answer) {
    running_server server({.header_timeout = 100ms, .body_timeout = 100ms, .observer = {}});
    const std::string whole = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    for (std::size_t length = 0; length < whole.size(); length += 4) {
        EXPECT_EQ(ask_raw(server.port, whole.substr(0, length)), "") << length;
    }
}

TEST(hostile_client, long_header_gets_431_and_long_body_413) {
    running_server server({.header_limit_in_octets = 4096, .body_limit_in_octets = 1000, .observer = {}});
    const std::string long_field(8192, 'x');
    EXPECT_EQ(status_of(ask_raw(server.port, "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + long_field + "\r\n\r\n")), 431U);
    EXPECT_EQ(status_of(ask_raw(server.port, "GET /" + long_field)), 431U);
    const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    EXPECT_EQ(status_of(ask_raw(server.port, post + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'))), 413U);
    EXPECT_EQ(
        status_of(ask_raw(server.port, post + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x'))),
        413U);
    EXPECT_EQ(body_of(ask_raw(server.port, post + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x'))).size(),
              1000U);
}

TEST(hostile_client, answer_to_a_refused_body_survives_the_body) {
    running_server server({.body_limit_in_octets = 1000, .observer = {}});
    const auto answer = ask_raw(
        server.port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x'));
    EXPECT_EQ(status_of(answer), 413U);
}

TEST(hostile_client, dripping_header_is_cut_when_the_whole_header_is_late) {
    running_server server({.header_timeout = 300ms, .observer = {}});
    raw_client dripping(server.port);
    int sent = 0;
    // An octet each 50 ms would keep a timer of each read alive for ever.
    while (sent < 400 && dripping.send(sent == 0 ? "GET /hello HTTP/1.1\r\nX: " : "x")) {
        ++sent;
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_LT(sent, 400);
    EXPECT_EQ(dripping.receive_until_closed(), "");
}

TEST(hostile_client, many_dripping_clients_do_not_keep_others_from_an_answer) {
    running_server server({.connection_limit = 64, .observer = {}});
    std::vector<std::unique_ptr<raw_client>> dripping;
    for (int i = 0; i < 40; ++i) {
        dripping.push_back(std::make_unique<raw_client>(server.port));
        dripping.back()->send("GET /hello HTTP/1.1\r\n");
    }
    EXPECT_EQ(body_of(ask_raw(server.port, "GET /hello?me HTTP/1.0\r\n\r\n")), "hello me");
}

TEST(hostile_client, connections_beyond_the_limit_are_closed_and_a_freed_place_is_given_again) {
    running_server server({.connection_limit = 2, .observer = {}});
    const auto ask = [](raw_client& client) {
        client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        return status_of(client.receive());
    };
    auto first = std::make_unique<raw_client>(server.port);
    raw_client second(server.port);
    EXPECT_EQ(ask(*first), 200U);
    EXPECT_EQ(ask(second), 200U);
    raw_client third(server.port);
    EXPECT_EQ(third.receive_until_closed(), "");
    first.reset();
    unsigned status = 0;
    for (int attempt = 0; attempt < 200 && status != 200; ++attempt) {
        raw_client next(server.port);
        status = ask(next);
        if (status != 200) std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(status, 200U);
}

TEST(hostile_client, one_that_never_reads_does_not_hold_the_server) {
    running_server server({.write_timeout = 200ms, .observer = {}});
    raw_client deaf(server.port);
    const std::string post =
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'x');
    int sent = 0;
    while (sent < 100 && deaf.send(post)) ++sent;
    EXPECT_LT(sent, 100);
    EXPECT_EQ(body_of(ask_raw(server.port, "GET /hello?me HTTP/1.0\r\n\r\n")), "hello me");
}

}  // namespace
}  // namespace ota::http
