#include "gateway/campaigns/errc.hpp"
#include "gateway/campaigns/sheet.hpp"
#include "gateway/cards/rewrap.hpp"
#include "tests/campaigns/campaign_world.hpp"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

namespace ota::campaigns::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class operating : public world {
protected:
    std::string faults_of(const std::string& more, const std::string& cards = "{all: true}",
                          const std::string& change = "{node: ./SC/USIM/SPN, format: chr, value: Neu}") {
        config::faults told;
        const auto c =
            read_campaign(config::document::parse("name: spring\nchange: " + change + "\ncards: " + cards + "\n" + more,
                                                  "c.yaml", told)
                              .root());
        check_campaign(c, settings, told);
        std::string out;
        for (const auto& f : told.list()) out += config::to_string(f) + "\n";
        return out;
    }
    estimate assessed(const std::string& more = "",
                      const std::string& change = "{node: ./SC/USIM/SPN, format: chr, value: Neu}") {
        return assess(desk(*state), settings, document(more, "{all: true}", change)).value();
    }
};

TEST_F(operating, a_dry_run_tells_cards_messages_and_hours) {
    add_cards(0, 1000);
    add_cards(1000, 10, "", store::standing::quarantined);
    const auto e = assessed("pace: 100/h\n");
    EXPECT_EQ(e.cards, 1010u);
    EXPECT_EQ(e.changes, 1000u);
    EXPECT_EQ(e.skipped.at("quarantined"), 10u);
    EXPECT_EQ(e.messages, 1000);
    EXPECT_EQ(*e.ends_at - e.begins_at, hours(10));
    EXPECT_EQ(e.profiles.at("aes").sampled, sample_size);
    EXPECT_TRUE(e.warnings.empty());
    const auto json = boost::json::parse(serialize_estimate(e)).as_object();
    EXPECT_EQ(json.at("sms").as_int64(), 1000);
    EXPECT_EQ(json.at("hours").as_double(), 10.0);
    std::ostringstream text;
    print_estimate(e, text);
    EXPECT_THAT(text.str(), HasSubstr("1010 cards, 1000 SMS, 10.0 hours"));
    EXPECT_TRUE(all(office()).value().empty());
    EXPECT_TRUE(log.empty());
}

TEST_F(operating, a_dry_run_counts_the_messages_of_a_long_change) {
    add_cards(0, 10);
    const auto e = assessed("", "{node: ./SC/USIM/Long, format: bin, value: \"" + std::string(532, 'A') + "AA==\"}");
    EXPECT_GE(e.messages, 40);
    EXPECT_LE(e.messages, 60);
}

TEST_F(operating, a_dry_run_tells_what_would_be_rejected) {
    add_cards(0, 10);
    const auto e = assessed("", "{node: ./SC/USIM/Fixed, format: bin, value: \"AAAAAA==\"}");
    ASSERT_EQ(e.profiles.at("aes").refused.size(), 1u);
    EXPECT_EQ(e.profiles.at("aes").refused.begin()->second, 10u);
    EXPECT_EQ(e.messages, 0);
}

TEST_F(operating, a_dry_run_knows_windows_and_the_rates_of_routes) {
    add_cards(0, 7200);
    settings.routes.push_back({});
    settings.routes.back().rate = 0.5;
    const auto e = assessed("window: {from: \"12:00\", to: \"14:00\"}\nend: \"2027-01-13T13:00:00Z\"\n");
    EXPECT_EQ(queue::serialize_timestamp(*e.ends_at), "2027-01-13T14:00:00.000Z");
    EXPECT_THAT(e.warnings, Contains(HasSubstr("the end comes first")));
}

TEST_F(operating, what_the_settings_do_not_allow_is_told) {
    settings.sources.push_back({"//dm/*", {"./SC"}});
    EXPECT_THAT(faults_of(""), HasSubstr("change.node: the setting `sources` does not let otagw/campaigns touch it"));
    settings.sources.clear();
    EXPECT_THAT(faults_of("", "{profile: none}"), HasSubstr("cards.profile: no profile none"));
    EXPECT_THAT(faults_of("", "{all: true}", "{node: ./SC/USIM/Other, format: chr, value: x}"),
                HasSubstr("change.node: no profile of these cards"));
    EXPECT_THAT(faults_of("life: 40d\n"), HasSubstr("life: is longer than store.retention"));
}

TEST_F(operating, the_value_is_kept_wrapped_and_never_shown) {  // R24
    add_cards(0, 2);
    config::faults told;
    auto c = document("", "{all: true}", "{node: ./SC/USIM/SPN, format: chr, value: canary-7f3a}");
    ASSERT_TRUE(create(office(), c, "test"));
    {
        auto tx = std::move(state->begin().value());
        const auto everything = tx->values("").value();
        for (const auto& [name, value] : everything) EXPECT_THAT(value, Not(HasSubstr("canary-7f3a"))) << name;
    }
    std::ostringstream text;
    print_sheet(look(), now, text);
    print_line(look(), now, text);
    EXPECT_THAT(text.str() + serialize_sheet(look(), now), Not(HasSubstr("canary-7f3a")));
    run_for(seconds(3), applied());
    ASSERT_EQ(log.size(), 2u);
    EXPECT_THAT(log[0].value, HasSubstr("canary-7f3a"));
}

TEST_F(operating, the_value_goes_over_to_a_new_key_encryption_key) {
    add_cards(0, 2);
    begin();
    auto next =
        std::move(secure_channel::key_encryption_key::load(secure_channel::secret(wire::octets(32, 9))).value());
    const auto did = cards::rewrap(*state, kek, next, cards::system_random, {});
    ASSERT_TRUE(did) << did.error().message();
    EXPECT_FALSE(find(office(), "spring"));
    const cards::desk under{*state, settings.profiles, next, cards::system_random, [this] { return now; }, false};
    EXPECT_EQ(find(office_at(under), "spring").value().what.change.value, "Neu");
}

TEST_F(operating, a_name_is_free_again_when_its_changes_are_not_remembered_any_more) {
    add_cards(0, 2);
    begin();
    EXPECT_EQ(forget(office(), "spring").error(), errc::not_over);
    run_for(seconds(5), applied());
    EXPECT_EQ(forget(office(), "spring").error(), errc::remembered);
    now += settings.store.retention;
    ASSERT_TRUE(forget(office(), "spring"));
    EXPECT_EQ(find(office(), "spring").error(), errc::unknown_campaign);
    auto tx = std::move(state->begin().value());
    EXPECT_TRUE(tx->values("campaign").value().empty());
}

TEST_F(operating, cards_are_listed_in_pages) {
    add_cards(0, 1100);
    begin("pace: 1/h\n");
    run_for(seconds(3), nothing());
    std::size_t seen = 0;
    std::set<std::string> iccids;
    for (std::optional<std::size_t> from = 0; from; ++seen) {
        const auto page = cards_of(office(), "spring", std::nullopt, *from, 300).value();
        for (const auto& card : page.cards) iccids.insert(card.iccid);
        from = page.next;
    }
    EXPECT_EQ(iccids.size(), 1100u);
    EXPECT_EQ(seen, 4u);
    EXPECT_EQ(cards_of(office(), "spring", outcome::open, 0, 300).value().cards.size(), 1u);
    EXPECT_TRUE(cards_of(office(), "spring", outcome::failed, 0, 300).value().cards.empty());
    EXPECT_EQ(cards_of(office(), "none", outcome::failed, 0, 300).error(), errc::unknown_campaign);
}

TEST_F(operating, a_card_that_had_its_messages_today_waits_for_its_tomorrow) {
    add_cards(0, 2, "tz=Europe/Berlin");
    {
        auto tx = std::move(state->begin().value());
        auto card = std::move(cards::take_card(*tx, desk(*state), iccid(0)).value());
        card.fx.history.push_back(
            R"({"what":"proof","packet":5,"cntr":"0000000001","segments":2,"sendings":1,"status":"00"})");
        ASSERT_TRUE(cards::put_card(*tx, desk(*state), card, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    begin("sms_per_card_and_day: 2\nzone: {label: tz}\n");
    now += seconds(1);
    run_for(seconds(3), applied());
    EXPECT_EQ(of(outcome::applied), 1u);
    const auto waiting = cards_of(office(), "spring", outcome::waiting, 0, 10).value().cards;
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].iccid, iccid(0));
    EXPECT_EQ(waiting[0].reason, "sms-cap");
    EXPECT_EQ(queue::serialize_timestamp(waiting[0].at), "2027-01-12T23:00:00.000Z");
    now = waiting[0].at;
    run_for(seconds(3), applied());
    EXPECT_EQ(state_of(), "completed");
    EXPECT_EQ(of(outcome::applied), 2u);
}

}  // namespace
}  // namespace ota::campaigns::testing
