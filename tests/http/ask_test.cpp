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

}  // namespace
}  // namespace ota::http::testing
