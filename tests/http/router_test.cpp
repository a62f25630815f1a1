#include "gateway/http/router.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <stdexcept>

namespace ota::http {
namespace {

handler says(std::string text) {
    return [text = std::move(text)](const request&) { return response{.body = text, .headers = {}}; };
}

request asking(std::string method, std::string path) { return {.method = std::move(method), .path = std::move(path)}; }

TEST(router, exact_path_wins_over_prefix_and_longest_prefix_wins) {
    router routes;
    routes.add_prefix("GET", "/api/", says("api"));
    routes.add_prefix("GET", "/api/cards/", says("cards"));
    routes.add("GET", "/api/cards/all", says("all"));
    EXPECT_EQ(routes.answer(asking("GET", "/api/x")).answer.body, "api");
    EXPECT_EQ(routes.answer(asking("GET", "/api/cards/1")).answer.body, "cards");
    EXPECT_EQ(routes.answer(asking("GET", "/api/cards/all")).answer.body, "all");
    EXPECT_EQ(routes.answer(asking("GET", "/api/cards/1")).route, "/api/cards/");
}

TEST(router, unknown_path_is_a_404_problem) {
    router routes;
    routes.add("GET", "/a", says("a"));
    const auto [answer, route] = routes.answer(asking("GET", "/ab"));
    EXPECT_EQ(answer.status, 404U);
    EXPECT_EQ(answer.content_type, "application/problem+json");
    const auto body = boost::json::parse(answer.body).as_object();
    EXPECT_EQ(body.at("type").as_string(), "about:blank");
    EXPECT_EQ(body.at("title").as_string(), "Not Found");
    EXPECT_EQ(body.at("status").as_int64(), 404);
    EXPECT_FALSE(body.at("detail").as_string().empty());
    EXPECT_TRUE(route.empty()) << "an unknown path must not become a metric label";
}

TEST(router, wrong_method_is_a_405_that_lists_the_right_ones) {
    router routes;
    routes.add("GET", "/a", says("read"));
    routes.add("PUT", "/a", says("written"));
    EXPECT_EQ(routes.answer(asking("PUT", "/a")).answer.body, "written");
    const auto answer = routes.answer(asking("DELETE", "/a")).answer;
    EXPECT_EQ(answer.status, 405U);
    ASSERT_EQ(answer.headers.size(), 1U);
    EXPECT_EQ(answer.headers.front(), (std::pair<std::string, std::string>("Allow", "GET, HEAD, PUT")));
}

TEST(router, exception_of_a_handler_is_a_500_that_tells_nothing) {
    router routes;
    routes.add("GET", "/a", [](const request&) -> response { throw std::runtime_error("canary-7f3a"); });
    const auto answer = routes.answer(asking("GET", "/a")).answer;
    EXPECT_EQ(answer.status, 500U);
    EXPECT_EQ(answer.body.find("canary"), std::string::npos);
}

TEST(request, header_is_found_in_any_case) {
    const request asked{.headers = {{"X-One", "1"}, {"x-two", "2"}, {"X-TWO", "3"}}};
    EXPECT_EQ(asked.header("x-one"), "1");
    EXPECT_EQ(asked.header("X-Two"), "2");
    EXPECT_EQ(asked.header("x-three"), "");
}

}  // namespace
}  // namespace ota::http
