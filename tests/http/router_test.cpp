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

handler tells_parameters() {
    return [](const request& asked) {
        std::string all;
        for (const auto& each : asked.parameters) all += "[" + each + "]";
        return response{.body = all, .headers = {}};
    };
}

TEST(router, a_step_in_braces_stands_for_any_one_step) {
    router routes;
    routes.add("GET", "/cards/{iccid}", tells_parameters());
    routes.add("GET", "/cards/{iccid}/packets/{id}", tells_parameters());
    const auto one = routes.answer(asking("GET", "/cards/8949"));
    EXPECT_EQ(one.answer.body, "[8949]");
    EXPECT_EQ(one.route, "/cards/{iccid}") << "the path as asked must not become a metric label";
    EXPECT_EQ(routes.answer(asking("GET", "/cards/8949/packets/p%2F1%20%c3%A9")).answer.body, "[8949][p/1 \xc3\xa9]");
    for (const auto* wrong : {"/cards", "/cards/", "/cards/1/", "/cards/1/packets", "/cards//packets/2",
                              "/cards/1/packets/2/3", "/Cards/1"}) {
        EXPECT_EQ(routes.answer(asking("GET", wrong)).answer.status, 404U) << wrong;
    }
}

TEST(router, more_steps_spelt_out_win_and_an_exact_path_over_all) {
    router routes;
    routes.add_prefix("GET", "/cards/", says("prefix"));
    routes.add("GET", "/cards/{iccid}/{what}", says("any"));
    routes.add("GET", "/cards/{iccid}/nodes", says("nodes"));
    routes.add("GET", "/cards/1/nodes", says("exact"));
    EXPECT_EQ(routes.answer(asking("GET", "/cards/2/nodes")).answer.body, "nodes");
    EXPECT_EQ(routes.answer(asking("GET", "/cards/1/nodes")).answer.body, "exact");
    EXPECT_EQ(routes.answer(asking("GET", "/cards/2/timeline")).answer.body, "any");
    EXPECT_EQ(routes.answer(asking("GET", "/cards/2/a/b")).answer.body, "prefix");
}

TEST(router, a_wrong_escape_in_a_parameter_is_a_400_problem) {
    router routes;
    routes.add("GET", "/cards/{iccid}", tells_parameters());
    for (const auto* wrong : {"/cards/%", "/cards/%4", "/cards/%zz", "/cards/a%00", "/cards/%+1", "/cards/%-1"}) {
        EXPECT_EQ(routes.answer(asking("GET", wrong)).answer.status, 400U) << wrong;
    }
}

TEST(router, methods_of_a_template_are_listed_where_another_is_asked) {
    router routes;
    routes.add("GET", "/changes/{id}", says("read"));
    routes.add("DELETE", "/changes/{id}", says("cancelled"));
    EXPECT_EQ(routes.answer(asking("DELETE", "/changes/1")).answer.body, "cancelled");
    const auto refused = routes.answer(asking("PUT", "/changes/1"));
    EXPECT_EQ(refused.answer.status, 405U);
    EXPECT_EQ(refused.answer.headers.front().second, "GET, HEAD, DELETE");
    EXPECT_EQ(refused.route, "/changes/{id}");
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
