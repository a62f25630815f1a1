#include "tests/http/curl.hpp"
#include "tests/http/running_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ota::http {
namespace {

using testing::curl;
using ::testing::HasSubstr;
using testing::running_server;

TEST(curl, reads_an_answer_its_header_and_a_problem) {
    running_server server;
    const auto url = "http://127.0.0.1:" + std::to_string(server.port);
    EXPECT_EQ(curl(url + "/hello?curl"), "hello curl");
    EXPECT_THAT(curl("--head '" + url + "/hello?curl'"), HasSubstr("Content-Length: 10"));
    EXPECT_EQ(curl("-o /dev/null -w '%{http_code} %{content_type}' " + url + "/none"), "404 application/problem+json");
    EXPECT_EQ(curl("-o /dev/null -w '%{http_code}' -X DELETE " + url + "/hello"), "405");
}

TEST(curl, reuses_its_connection) {
    running_server server;
    const auto url = "http://127.0.0.1:" + std::to_string(server.port) + "/hello?x ";
    EXPECT_EQ(curl("-w ' %{num_connects};' " + url + url + url), "hello x 1;hello x 0;hello x 0;");
}

TEST(curl, posts_with_100_continue_and_in_chunks) {
    running_server server;
    const auto url = " http://127.0.0.1:" + std::to_string(server.port) + "/echo";
    EXPECT_EQ(curl("-H 'Expect: 100-continue' --data-binary some-data" + url), "some-data");
    EXPECT_EQ(curl("-H 'Transfer-Encoding: chunked' --data-binary some-data" + url), "some-data");
}

}  // namespace
}  // namespace ota::http
