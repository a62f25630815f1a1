#include "gateway/campaigns/calls.hpp"
#include "tests/campaigns/book_in_hand.hpp"
#include "tests/campaigns/campaign_world.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace ota::campaigns::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* good =
    R"({"name":"spring","change":{"node":"./SC/USIM/SPN","format":"chr","value":"canary-7f3a"},"cards":{"all":true},"pace":"1/h"})";

class calls : public world {
protected:
    calls() : at{office()} {
        static const http::token_table none;
        api::book book({none, {}, {}, {}});
        add_calls(book, at);
    }
    http::response ask(const std::string& method, const std::string& path, const std::string& query = "",
                       const std::string& body = "", std::vector<std::string> parameters = {},
                       http::role may = http::role::operate) {
        http::request asked;
        asked.method = method;
        asked.query = query;
        asked.body = body;
        asked.parameters = std::move(parameters);
        const auto said = entries_in_hand().at(method + " /api/v1/campaigns" + path).does({asked, {"ops", may}});
        EXPECT_THAT(said.body, Not(HasSubstr("canary-7f3a")));
        return said;
    }
    static boost::json::object body_of(const http::response& r) { return boost::json::parse(r.body).as_object(); }

    campaigns::office at;
};

TEST_F(calls, create_a_campaign_and_say_where_it_is) {
    add_cards(0, 5);
    const auto made = ask("POST", "", "", good);
    EXPECT_EQ(made.status, 201u);
    EXPECT_EQ(made.headers, (http::header_fields{{"Location", "/api/v1/campaigns/spring"}}));
    EXPECT_EQ(body_of(made).at("created_by"), "api/ops");
    EXPECT_EQ(ask("POST", "", "", good).status, 409u);
    const auto one = ask("GET", "/{name}", "", "", {"spring"});
    EXPECT_EQ(one.status, 200u);
    EXPECT_EQ(body_of(one).at("state"), "collecting");
    EXPECT_EQ(ask("GET", "/{name}", "", "", {"none"}).status, 404u);
}

TEST_F(calls, tell_every_fault_of_a_document) {
    const auto said = ask(
        "POST", "", "",
        R"({"name":"Bad Name","change":{"node":"./SC/USIM/SPN","format":"chr","value":"canary-7f3a"},"cards":{},"pace":"fast"})");
    EXPECT_EQ(said.status, 422u);
    EXPECT_EQ(said.content_type, "application/problem+json");
    const auto faults = body_of(said).at("faults").as_array();
    ASSERT_EQ(faults.size(), 3u);
    EXPECT_EQ(faults[0].at("path"), "name");
    EXPECT_EQ(ask("POST", "", "", "{").status, 422u);
    EXPECT_EQ(ask("POST", "", "",
                  R"({"name":"a","change":{"node":"./SC/Nowhere","format":"chr","value":"x"},"cards":{"all":true}})")
                  .status,
              422u);
}

TEST_F(calls, let_readers_estimate_but_not_create) {
    add_cards(0, 5);
    const auto said = ask("POST", "", "dry_run=true", good, {}, http::role::read);
    EXPECT_EQ(said.status, 200u);
    EXPECT_EQ(body_of(said).at("sms"), 5);
    EXPECT_EQ(ask("POST", "", "", good, {}, http::role::read).status, 403u);
    EXPECT_EQ(ask("POST", "", "dry_run=maybe", good).status, 400u);
    EXPECT_TRUE(body_of(ask("GET", "")).at("items").as_array().empty());
    EXPECT_EQ(entries_in_hand().at("POST /api/v1/campaigns/{name}/pause").needs, http::role::operate);
}

TEST_F(calls, pass_orders_on) {
    begin();
    EXPECT_EQ(ask("POST", "/{name}/resume", "", "", {"spring"}).status, 409u);
    EXPECT_EQ(body_of(ask("POST", "/{name}/pause", "", "", {"spring"})).at("state"), "paused");
    EXPECT_EQ(body_of(ask("POST", "/{name}/resume", "", "", {"spring"})).at("state"), "collecting");
    EXPECT_EQ(body_of(ask("POST", "/{name}/cancel", "", "", {"spring"})).at("state"), "ending");
    EXPECT_EQ(ask("POST", "/{name}/cancel", "", "", {"spring"}).status, 409u);
    EXPECT_EQ(ask("POST", "/{name}/pause", "", "", {"none"}).status, 404u);
}

TEST_F(calls, list_in_pages) {
    add_cards(0, 5);
    for (const auto* name : {"a", "b", "c"}) {
        auto c = document();
        c.name = name;
        ASSERT_TRUE(create(at, c, "test"));
    }
    const auto first = body_of(ask("GET", "", "limit=2"));
    EXPECT_EQ(first.at("items").as_array().size(), 2u);
    EXPECT_EQ(first.at("next"), "b");
    const auto rest = body_of(ask("GET", "", "limit=2&after=b"));
    EXPECT_EQ(rest.at("items").at(0).at("name"), "c");
    EXPECT_FALSE(rest.contains("next"));
    settle();
    const auto cards = body_of(ask("GET", "/{name}/cards", "limit=3", "", {"a"}));
    EXPECT_EQ(cards.at("items").as_array().size(), 3u);
    EXPECT_EQ(cards.at("next"), "3");
    EXPECT_EQ(body_of(ask("GET", "/{name}/cards", "outcome=open&after=3", "", {"a"})).at("items").as_array().size(),
              2u);
    for (const auto* bad : {"limit=0", "limit=1001", "limit=x", "outcome=good", "after=x"})
        EXPECT_EQ(ask("GET", "/{name}/cards", bad, "", {"a"}).status, 400u) << bad;
}

}  // namespace
}  // namespace ota::campaigns::testing
