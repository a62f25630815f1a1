#include "gateway/http/ask.hpp"

#include "tests/http/certificates.hpp"
#include "tests/http/running_server.hpp"

#include <gtest/gtest.h>

namespace ota::http::testing {
namespace {

using namespace std::chrono_literals;

TEST(ask, gets_the_answer_of_a_running_server) {
    running_server server;
    const auto said = ask("127.0.0.1", server.port, "/hello", 5s);
    ASSERT_TRUE(said.has_value());
    EXPECT_EQ(said->status, 200u);
    EXPECT_TRUE(said->body.starts_with("hello")) << said->body;
    EXPECT_EQ(ask("127.0.0.1", server.port, "/nowhere", 5s)->status, 404u);
}

TEST(ask, speaks_tls_with_the_server_of_its_certificate_alone) {
    certificates made;
    const auto files = made.make("server"), other = made.make("other");
    tls_identity identity;
    std::string why;
    ASSERT_TRUE(identity.load(files, why)) << why;
    running_server server({.tls = &identity, .observer = {}});
    const auto said = ask("127.0.0.1", server.port, "/hello?x", 5s, files.certificate);
    ASSERT_TRUE(said.has_value());
    EXPECT_EQ(said->body, "hello x");
    EXPECT_FALSE(ask("127.0.0.1", server.port, "/hello", 5s, other.certificate).has_value());
    EXPECT_FALSE(ask("127.0.0.1", server.port, "/hello", 5s).has_value());
    running_server plain;
    EXPECT_FALSE(ask("127.0.0.1", plain.port, "/hello", 1s, files.certificate).has_value());
}

TEST(ask, gets_nothing_where_nobody_listens) {
    std::uint16_t port = 0;
    {
        running_server server;
        port = server.port;
    }
    EXPECT_FALSE(ask("127.0.0.1", port, "/hello", 1s).has_value());
    EXPECT_FALSE(ask("no such address", port, "/hello", 1s).has_value());
}

TEST(ask, says_why_there_is_no_answer) {
    std::uint16_t port = 0;
    {
        running_server server;
        port = server.port;
    }
    question q;
    q.to = {false, "127.0.0.1", port};
    q.path = "/hello";
    std::string why;
    EXPECT_FALSE(ask(q, 1000, why));
    EXPECT_EQ(why, "http://127.0.0.1:" + std::to_string(port) + ": Connection refused");
    running_server server;
    q.to.port = server.port;
    EXPECT_FALSE(ask(q, 3, why));
    EXPECT_NE(why.find("too long"), std::string::npos) << why;
    q.to.tls = true;
    EXPECT_FALSE(ask(q, 1000, why));
    EXPECT_NE(why.find("TLS"), std::string::npos) << why;
}

TEST(ask, reads_where_a_gateway_serves) {
    EXPECT_EQ(to_string(parse_url("http://gateway:8080/").value()), "http://gateway:8080");
    EXPECT_EQ(to_string(parse_url("https://gateway").value()), "https://gateway:443");
    EXPECT_EQ(parse_url("http://[::1]:99")->host, "::1");
    EXPECT_EQ(to_string(parse_url("http://[::1]:99").value()), "http://[::1]:99");
    for (const auto* text : {"gateway:8080", "ftp://x", "http://", "http://x:", "http://x:0", "http://x:70000",
                             "http://x:1a", "http://x/path", "http://me@x", "http://[::1", "http://[::1]x"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

}  // namespace
}  // namespace ota::http::testing
