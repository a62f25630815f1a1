#include "gateway/api/query.hpp"
#include "tests/api/api_room.hpp"

namespace ota::api::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct book_of_calls : room {
    static std::string concrete(std::string path) {
        for (std::size_t at; (at = path.find('{')) != std::string::npos;)
            path.replace(at, path.find('}') - at + 1, "1");
        return path;
    }
};

TEST_F(book_of_calls, asks_every_entry_for_a_token) {
    serve();
    for (const auto& e : entries) {
        const auto said = ask("", e.method, concrete(e.path));
        EXPECT_EQ(said.status, 401u) << e.method << ' ' << e.path;
        EXPECT_THAT(header_of(said, "WWW-Authenticate"), HasSubstr("Bearer realm="));
        EXPECT_THAT(detail_of(said), HasSubstr("Authorization: Bearer"));
    }
    EXPECT_EQ(denials.size(), entries.size());
    EXPECT_EQ(denials.front(), "no-token");
    EXPECT_THAT(deeds, IsEmpty()) << "nobody did anything";
}

TEST_F(book_of_calls, knows_no_token_but_its_own) {
    const auto said = get("/me", "somebody-elses-token-00000");
    EXPECT_EQ(said.status, 401u);
    EXPECT_THAT(header_of(said, "WWW-Authenticate"), HasSubstr("invalid_token"));
    EXPECT_THAT(denials, ElementsAre("unknown-token"));
    EXPECT_THAT(said.body, ::testing::Not(HasSubstr("somebody-elses")));
}

TEST_F(book_of_calls, says_which_setting_is_missing_when_there_are_no_tokens) {
    leave_tokens_of("nobody");
    EXPECT_THAT(detail_of(get("/me")), HasSubstr("http.tokens"));
}

TEST_F(book_of_calls, asks_each_entry_for_its_role) {
    serve();
    for (const auto& e : entries) {
        if (e.needs == http::role::read) continue;
        const auto said = ask(e.needs == http::role::operate ? read_token : operate_token, e.method, concrete(e.path));
        EXPECT_EQ(said.status, 403u) << e.method << ' ' << e.path;
        EXPECT_THAT(header_of(said, "WWW-Authenticate"), HasSubstr("insufficient_scope"));
        EXPECT_THAT(detail_of(said), HasSubstr(std::string(http::name_of(e.needs))));
        EXPECT_EQ(denials.back(), "role");
    }
}

TEST_F(book_of_calls, lets_each_role_do_what_those_before_it_may) {
    for (const auto& token : {read_token, operate_token, keys_token}) EXPECT_EQ(get("/cards", token).status, 200u);
}

TEST_F(book_of_calls, refuses_more_calls_than_the_rate_allows) {
    permitted = false;
    const auto said = get("/me");
    EXPECT_EQ(said.status, 429u);
    EXPECT_EQ(header_of(said, "Retry-After"), "1");
    EXPECT_THAT(denials, ElementsAre("rate"));
}

TEST_F(book_of_calls, does_nothing_that_the_audit_log_has_no_room_for) {
    recordable = false;
    const auto said = post("/cards/8949000000000000018/suspend");
    EXPECT_EQ(said.status, 503u);
    EXPECT_EQ(header_of(said, "Retry-After"), "10");
    EXPECT_THAT(denials, ElementsAre("audit"));
    EXPECT_EQ(get("/cards").status, 200u) << "reading goes on";
    EXPECT_THAT(deeds, IsEmpty());
}

TEST_F(book_of_calls, tells_the_audit_log_of_what_changes_and_of_who_tried) {
    (void)get("/cards");
    (void)post("/cards/8949000000000000018/suspend");
    (void)post("/cards/8949000000000000018/suspend", {}, {}, read_token);
    EXPECT_THAT(deeds, ElementsAre("backend POST /api/v1/cards/{iccid}/suspend 404",
                                   "viewer POST /api/v1/cards/{iccid}/suspend 403"));
}

TEST_F(book_of_calls, refuses_a_parameter_that_a_call_does_not_know) {
    EXPECT_EQ(detail_of(get("/cards?status=quarantined")), "unknown parameter `status`");
    EXPECT_EQ(get("/cards?standing=quarantined&limit=5&&").status, 200u);
    EXPECT_EQ(detail_of(get("/cards/8949000000000000018?limit=5")), "unknown parameter `limit`");
    EXPECT_EQ(detail_of(get("/me?%22a\n%C3%A4=1")), "unknown parameter `\"a???`");
    EXPECT_EQ(detail_of(get("/me?" + std::string(1000, 'x'))), "unknown parameter `" + std::string(64, 'x') + "`");
    (void)post("/cards/8949000000000000018/suspend?force");
    EXPECT_THAT(deeds, ElementsAre("backend POST /api/v1/cards/{iccid}/suspend 400"));
}

TEST_F(book_of_calls, says_who_calls) { EXPECT_EQ(get("/me", keys_token).body, R"({"name":"support","role":"keys"})"); }

TEST(query_of_a_call, is_decoded_and_found_by_name) {
    EXPECT_EQ(query_value("a=1&b=x%2Fy+z&c", "b"), "x/y z");
    EXPECT_EQ(query_value("a=1&b=x&c", "c"), "");
    EXPECT_EQ(query_value("a=1", "b"), std::nullopt);
    EXPECT_EQ(query_value("a=%zz%4", "a"), "%zz%4") << "what is no escape stays";
    EXPECT_EQ(query_value("&&=&a=1=2", "a"), "1=2");
    EXPECT_EQ(unknown_parameter("a=1&&%62&c=3", {"a", "b", "c"}), std::nullopt);
    EXPECT_EQ(unknown_parameter("a=1&d%20e=2", {"a"}), "d e");
    EXPECT_EQ(unknown_parameter("=1", {"a"}), "");
}

}  // namespace ota::api::testing
