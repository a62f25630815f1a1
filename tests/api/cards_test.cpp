#include "gateway/cards/operate.hpp"
#include "gateway/cards/show.hpp"
#include "tests/api/api_room.hpp"

namespace ota::api::testing {

using cards::testing::header;
using cards::testing::iccid_a;
using cards::testing::iccid_b;
using cards::testing::iccid_c;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct cards_api : room {
    cards_api() {
        take(header + row(iccid_a, "491700000001") + row(iccid_b, "491700000002", "des", ",,region=north") +
             row(iccid_c, ""));
    }
    static std::vector<std::string> iccids(const json::value& list) {
        std::vector<std::string> out;
        for (const auto& item : list.at("items").as_array()) out.emplace_back(item.at("iccid").as_string());
        return out;
    }
};

TEST_F(cards_api, lists_cards_page_by_page) {
    const auto first = parsed(get("/cards?limit=2"));
    EXPECT_THAT(iccids(first), ElementsAre(iccid_a, iccid_b));
    const auto second = parsed(get("/cards?limit=2&after=" + std::string(first.at("next").as_string())));
    EXPECT_THAT(iccids(second), ElementsAre(iccid_c));
    EXPECT_FALSE(second.as_object().contains("next"));
    EXPECT_FALSE(parsed(get("/cards?limit=3")).as_object().contains("next")) << "the last page is full";
}

TEST_F(cards_api, finds_cards_by_each_filter) {
    ASSERT_TRUE(cards::suspend(work, iccid_a));
    EXPECT_THAT(iccids(parsed(get("/cards?profile=des"))), ElementsAre(iccid_b));
    EXPECT_THAT(iccids(parsed(get("/cards?label=region%3Dnorth"))), ElementsAre(iccid_b));
    EXPECT_THAT(iccids(parsed(get("/cards?label=region"))), ElementsAre(iccid_b));
    EXPECT_THAT(iccids(parsed(get("/cards?standing=suspended"))), ElementsAre(iccid_a));
    EXPECT_THAT(iccids(parsed(get("/cards?msisdn=%2B491700000002"))), ElementsAre(iccid_b));
    EXPECT_THAT(iccids(parsed(get("/cards?msisdn=+491700000002"))), ElementsAre(iccid_b));
    EXPECT_THAT(iccids(parsed(get("/cards?iccid=894900000000000003"))), ElementsAre(iccid_c));
    EXPECT_THAT(iccids(parsed(get("/cards?profile=none"))), IsEmpty());
}

TEST_F(cards_api, says_what_is_wrong_with_a_filter) {
    for (const auto* bad :
         {"limit=0", "limit=1001", "limit=x", "limit=", "standing=lost", "msisdn=12ab", "iccid=89x", "after=x"}) {
        const auto said = get("/cards?" + std::string(bad));
        EXPECT_EQ(said.status, 400u) << bad;
        EXPECT_FALSE(detail_of(said).empty());
    }
}

TEST_F(cards_api, shows_a_card_without_its_keys) {
    const auto said = get("/cards/" + iccid_a);
    EXPECT_EQ(said.status, 200u);
    EXPECT_EQ(parsed(said).at("standing").as_string(), "active");
    EXPECT_THAT(answers, Not(HasSubstr(cards::testing::kic_16)));
    EXPECT_EQ(get("/cards/8949000000000000099").status, 404u);
    EXPECT_EQ(get("/cards/nonsense").status, 404u);
}

TEST_F(cards_api, tells_a_cards_events_and_timeline_newest_first_in_pages) {
    for (const auto* id : {"1", "2", "3"}) (void)give(iccid_a, id, "./SC/USIM/ACC", "AAE=");
    const auto first = parsed(get("/cards/" + iccid_a + "/changes?limit=2"));
    EXPECT_EQ(first.at("items").at(0).at("id").as_string(), "3");
    const auto second =
        parsed(get("/cards/" + iccid_a + "/changes?limit=2&after=" + std::string(first.at("next").as_string())));
    ASSERT_EQ(second.at("items").as_array().size(), 1u);
    EXPECT_EQ(second.at("items").at(0).at("id").as_string(), "1");
    EXPECT_FALSE(second.as_object().contains("next"));

    ASSERT_TRUE(cards::suspend(work, iccid_a));
    ASSERT_TRUE(cards::resume(work, iccid_a));
    const auto newest = parsed(get("/cards/" + iccid_a + "/timeline?limit=1"));
    EXPECT_EQ(newest.at("items").at(0).at("what").at("what").as_string(), "resumed");
    const auto before =
        parsed(get("/cards/" + iccid_a + "/timeline?limit=1&after=" + std::string(newest.at("next").as_string())));
    EXPECT_EQ(before.at("items").at(0).at("what").at("what").as_string(), "suspended");
}

TEST_F(cards_api, does_not_lead_from_one_cards_page_into_another_cards_events) {
    const auto seq = give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    EXPECT_THAT(parsed(get("/cards/" + iccid_b + "/changes?after=" + std::to_string(seq))).at("items").as_array(),
                IsEmpty());
    ASSERT_TRUE(cards::suspend(work, iccid_a));
    const auto history = parsed(get("/cards/" + iccid_a + "/timeline")).at("items").at(0).at("seq").as_int64();
    EXPECT_THAT(parsed(get("/cards/" + iccid_b + "/timeline?after=" + std::to_string(history))).at("items").as_array(),
                IsEmpty());
    EXPECT_EQ(get("/cards/" + iccid_a + "/timeline?after=soon").status, 400u);
    EXPECT_EQ(get("/cards/8949000000000000099/timeline").status, 404u);
}

TEST_F(cards_api, explains_why_a_card_waits_with_what_the_gateway_says) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    voice.reasons = {"routes: no route has a bind"};
    EXPECT_THAT(get("/cards/" + iccid_a + "/explain").body, HasSubstr("no route has a bind"));
    EXPECT_EQ(get("/cards/8949000000000000099/explain").status, 404u);
}

TEST_F(cards_api, suspends_resumes_and_repairs) {
    const auto suspended = post("/cards/" + iccid_a + "/suspend");
    EXPECT_EQ(suspended.status, 200u);
    EXPECT_EQ(parsed(suspended).at("standing").as_string(), "suspended");
    EXPECT_EQ(parsed(post("/cards/" + iccid_a + "/resume")).at("standing").as_string(), "active");
    EXPECT_EQ(post("/cards/" + iccid_a + "/resume").status, 409u) << "it is active";
    EXPECT_EQ(post("/cards/" + iccid_a + "/repair").status, 200u);
    EXPECT_EQ(post("/cards/8949000000000000099/repair").status, 404u);
}

TEST_F(cards_api, replaces_a_card_and_carries_its_values_over) {
    (void)give(iccid_a, "1", "./SC/USIM/ACC", "AAE=");
    const auto said = post("/cards/" + iccid_a + "/replace", R"({"by":")" + iccid_c + R"(","carry_over":true})");
    ASSERT_EQ(said.status, 200u) << said.body;
    EXPECT_EQ(said.body, R"({"ended":1,"carried":["./SC/USIM/ACC"],"left":[],"number":"491700000001"})");
    EXPECT_EQ(post("/cards/" + iccid_a + "/suspend").status, 409u) << "it is replaced";
}

TEST_F(cards_api, says_what_is_wrong_with_a_replacement) {
    const auto path = "/cards/" + iccid_a + "/replace";
    for (const auto* bad : {"", "{}", "[]", "{", R"({"by":7})", R"({"by":"12"})",
                            R"({"by":"8949000000000000034","by":"8949000000000000026"})",
                            R"({"by":"8949000000000000034","carry_over":"yes"})"})
        EXPECT_EQ(post(path, bad).status, 400u) << bad;
    EXPECT_EQ(post(path, R"({"by":")" + iccid_a + "\"}").status, 409u);
    EXPECT_EQ(post(path, R"({"by":"8949000000000000099"})").status, 404u);
}

TEST_F(cards_api, looks_at_so_many_cards_a_page_and_goes_on_behind_them) {
    const auto looked = cards::list_page(work, {.profile = "des", .limit = 10}, 1);
    ASSERT_TRUE(looked);
    EXPECT_THAT(looked.value().cards, IsEmpty());
    EXPECT_EQ(looked.value().next, iccid_a);
    const auto on = cards::list_page(work, {.profile = "des", .after_iccid = iccid_a, .limit = 10}, 1);
    ASSERT_EQ(on.value().cards.size(), 1u);
    EXPECT_EQ(on.value().next, iccid_b);
}

}  // namespace ota::api::testing
