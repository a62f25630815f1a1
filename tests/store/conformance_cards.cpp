#include "tests/store/conformance.hpp"

#include <random>

namespace ota::store {

using testing::ElementsAre;
using testing::IsEmpty;

namespace {

void expect_same(const card_row& a, const card_row& b) {
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.iccid, b.iccid);
    EXPECT_EQ(a.msisdn, b.msisdn);
    EXPECT_EQ(a.msisdn_since, b.msisdn_since);
    EXPECT_EQ(a.profile, b.profile);
    EXPECT_EQ(a.is, b.is);
    EXPECT_EQ(a.labels, b.labels);
    EXPECT_EQ(a.sealed_keys, b.sealed_keys);
    EXPECT_EQ(a.twin, b.twin);
    EXPECT_EQ(a.version, b.version);
    EXPECT_EQ(a.due, b.due);
}

card_change change_of(const card_row& card, std::string_view twin, std::optional<wall_time> due = {}) {
    return {card.id, card.version, octets(twin), due, card.is};
}

std::vector<std::string> iccids_of(const std::vector<card_row>& cards) {
    std::vector<std::string> all;
    for (const auto& c : cards) all.push_back(c.iccid);
    return all;
}

}  // namespace

TEST_P(store_conformance, gives_back_every_field_of_a_card_after_reopening) {
    auto fresh = a_card("8988303000000000017", "00491701234567", at(5));
    fresh.is = standing::suspended;
    fresh.due = at(77);
    const auto card_in = insert(fresh);
    EXPECT_NE(card_in.id, 0);
    EXPECT_EQ(card_in.version, 1u);
    reopen();
    expect_same(card(card_in.id), card_in);
    auto tx = begin();
    const std::vector<std::string> iccids{"8988303000000000025", "8988303000000000017", "no digits", "",
                                          "898830300000000001"};
    const auto found = must(tx->cards_by_iccid(iccids));
    ASSERT_EQ(found.size(), 5u);
    EXPECT_FALSE(found[0] || found[2] || found[3] || found[4]);
    expect_same(found[1].value(), card_in);
}

TEST_P(store_conformance, keeps_iccids_of_18_to_20_digits_apart) {
    const auto a = insert(a_card("898830300000000001"));
    const auto b = insert(a_card("8988303000000000010"));
    const auto c = insert(a_card("89883030000000000100"));
    auto tx = begin();
    const std::vector<std::string> iccids{a.iccid, b.iccid, c.iccid};
    const auto found = must(tx->cards_by_iccid(iccids));
    EXPECT_EQ(found[0]->id, a.id);
    EXPECT_EQ(found[1]->id, b.id);
    EXPECT_EQ(found[2]->id, c.id);
    EXPECT_EQ(found[2]->iccid, c.iccid);
}

TEST_P(store_conformance, refuses_a_second_card_with_an_iccid) {
    insert(a_card("8988303000000000017"));
    auto tx = begin();
    std::vector<card_row> cards{a_card("8988303000000000025"), a_card("8988303000000000017")};
    EXPECT_EQ(error_of(tx->insert_cards(cards)), make_error_code(errc::duplicate));
    EXPECT_TRUE(error_of(tx->commit())) << "half of a failed call must not be committed";
    tx.reset();
    EXPECT_EQ(must(begin()->count()).cards, 1);
}

TEST_P(store_conformance, refuses_an_iccid_that_is_no_number) {
    auto tx = begin();
    std::vector<card_row> cards{a_card("89883O3000000000017")};
    EXPECT_EQ(error_of(tx->insert_cards(cards)), make_error_code(errc::misuse));
}

TEST_P(store_conformance, keeps_ids_that_the_caller_chose) {
    auto card_in = a_card("8988303000000000017");
    card_in.id = 4711;
    EXPECT_EQ(insert(card_in).id, 4711);
    EXPECT_GT(insert(a_card("8988303000000000025")).id, 4711);
    EXPECT_EQ(card(4711).iccid, "8988303000000000017");
}

TEST_P(store_conformance, saves_a_card_under_compare_and_set) {
    const auto first = insert(a_card("8988303000000000017"));
    committed([&](transaction& tx) {
        must(tx.save_cards(std::vector{card_change{first.id, 1, octets("second"), at(9), standing::quarantined}}));
    });
    const auto second = card(first.id);
    EXPECT_EQ(second.twin, octets("second"));
    EXPECT_EQ(second.version, 2u);
    EXPECT_EQ(second.due, at(9));
    EXPECT_EQ(second.is, standing::quarantined);
    EXPECT_EQ(second.sealed_keys, first.sealed_keys);
    EXPECT_EQ(second.labels, first.labels);

    auto tx = begin();
    EXPECT_EQ(error_of(tx->save_cards(std::vector{change_of(first, "late")})), make_error_code(errc::conflict));
    EXPECT_EQ(error_of(tx->save_cards(std::vector{card_change{999, 1, {}, {}, {}}})), make_error_code(errc::conflict));
    tx.reset();
    EXPECT_EQ(card(first.id).twin, octets("second"));
}

TEST_P(store_conformance, commits_nothing_of_a_call_that_met_a_conflict) {
    const auto a = insert(a_card("8988303000000000017"));
    const auto b = insert(a_card("8988303000000000025"));
    auto tx = begin();
    auto late = change_of(b, "late");
    late.expected_version = 7;
    EXPECT_EQ(error_of(tx->save_cards(std::vector{change_of(a, "early"), late})), make_error_code(errc::conflict));
    EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::conflict));
    tx.reset();
    EXPECT_EQ(card(a.id).twin, octets("twin"));
}

TEST_P(store_conformance, goes_on_after_a_conflict_that_was_taken_back) {
    const auto a = insert(a_card("8988303000000000017"));
    const auto b = insert(a_card("8988303000000000025"));
    committed([&](transaction& tx) {
        must(tx.savepoint());
        auto late = change_of(b, "late");
        late.expected_version = 7;
        EXPECT_EQ(error_of(tx.save_cards(std::vector{change_of(a, "lost"), late})), make_error_code(errc::conflict));
        must(tx.back_to_savepoint());
        std::vector<card_row> third{a_card("8988303000000000033")};
        must(tx.insert_cards(third));
        must(tx.save_cards(std::vector{change_of(b, "kept")}));
    });
    reopen();
    EXPECT_EQ(card(a.id).twin, octets("twin"));
    EXPECT_EQ(card(b.id).twin, octets("kept"));
    EXPECT_EQ(must(begin()->count()).cards, 3);
}

TEST_P(store_conformance, saves_a_card_many_times_in_one_transaction_and_over_many) {
    auto c = insert(a_card("8988303000000000017"));
    for (int round = 0; round < 5; ++round) {
        auto tx = begin();
        for (int i = 0; i < 5; ++i) {
            const auto text = std::to_string(round) + std::string(static_cast<std::size_t>(i * 300), 'x');
            const auto due = i % 2 == 0 ? std::optional(at(round * 10 + i)) : std::nullopt;
            must(tx->save_cards(std::vector{change_of(c, text, due)}));
            c = must(tx->cards_by_id(std::vector{c.id})).front().value();
            ASSERT_EQ(c.twin, octets(text));
            ASSERT_EQ(c.due, due);
        }
        must(tx->commit());
    }
    EXPECT_EQ(c.version, 26u);
    EXPECT_EQ(must(begin()->count()).due, 1);
}

TEST_P(store_conformance, lists_due_cards_earliest_first) {
    const auto a = insert(a_card("8988303000000000017"));
    const auto b = insert(a_card("8988303000000000025"));
    const auto c = insert(a_card("8988303000000000033"));
    committed([&](transaction& tx) {
        must(tx.save_cards(
            std::vector{change_of(a, "a", at(300)), change_of(b, "b", at(100)), change_of(c, "c", at(200))}));
    });
    auto tx = begin();
    EXPECT_THAT(iccids_of(must(tx->due_cards(at(200), 10))), ElementsAre(b.iccid, c.iccid));
    EXPECT_THAT(iccids_of(must(tx->due_cards(at(900), 1))), ElementsAre(b.iccid));
    EXPECT_THAT(iccids_of(must(tx->due_cards(at(99), 10))), IsEmpty());
    EXPECT_EQ(must(tx->count()).due, 3);
    const auto now = must(tx->cards_by_id(std::vector{b.id})).front().value();
    must(tx->save_cards(std::vector{change_of(now, "b")}));
    EXPECT_THAT(iccids_of(must(tx->due_cards(at(900), 10))), ElementsAre(c.iccid, a.iccid));
}

TEST_P(store_conformance, moves_a_number_to_the_newest_card) {  // R21
    const auto old = insert(a_card("8988303000000000017", "491701", at(1)));
    const auto fresh = insert(a_card("8988303000000000025", "491701", at(2)));
    EXPECT_EQ(card(old.id).msisdn, "");
    EXPECT_EQ(card(old.id).version, 2u) << "whoever holds the old row must read it again";
    EXPECT_EQ(card(fresh.id).msisdn, "491701");
    const auto late = insert(a_card("8988303000000000033", "491701", at(0)));
    EXPECT_EQ(late.msisdn, "") << "its time was over before it came";
    EXPECT_EQ(card(fresh.id).msisdn, "491701");
    auto tx = begin();
    const std::vector<std::string> numbers{"491702", "491701", ""};
    const auto holders = must(tx->holders_of(numbers));
    EXPECT_THAT(holders[0], IsEmpty());
    EXPECT_THAT(holders[1], ElementsAre(fresh.id, old.id, late.id));
    EXPECT_THAT(holders[2], IsEmpty());
}

TEST_P(store_conformance, updates_everything_of_a_card_under_compare_and_set) {
    const auto other = insert(a_card("8988303000000000025", "491701", at(1)));
    auto c = insert(a_card("8988303000000000017"));
    const auto stale = c;
    c.iccid = "8988303000000000033";
    c.msisdn = "491701";
    c.msisdn_since = at(50);
    c.profile = "isim";
    c.labels = "fleet=south";
    c.sealed_keys = octets("other keys");
    c.is = standing::replaced;
    c.twin = octets("other twin");
    c.due = at(3);
    committed([&](transaction& tx) { must(tx.update_cards({&c, 1})); });
    c.version = 2;
    expect_same(card(c.id), c);
    EXPECT_EQ(card(other.id).msisdn, "");
    auto tx = begin();
    EXPECT_FALSE(must(tx->cards_by_iccid(std::vector{stale.iccid})).front());
    EXPECT_TRUE(must(tx->cards_by_iccid(std::vector{c.iccid})).front());
    EXPECT_EQ(error_of(tx->update_cards({&stale, 1})), make_error_code(errc::conflict));
}

TEST_P(store_conformance, lets_cards_of_one_call_swap_their_numbers) {  // R21
    auto a = insert(a_card("8988303000000000017", "491701", at(1))),
         b = insert(a_card("8988303000000000025", "491702", at(1)));
    const auto give = [](card_row& card, std::string number, wall_time since) {
        card.msisdn = std::move(number);
        card.msisdn_since = since;
    };
    give(a, "491702", at(2));
    give(b, "491701", at(2));
    committed([&](transaction& tx) { must(tx.update_cards(std::vector{a, b})); });
    a = card(a.id), b = card(b.id);
    EXPECT_EQ(a.msisdn, "491702");
    EXPECT_EQ(b.msisdn, "491701");

    give(a, "", at(3));
    give(b, "491702", at(3));  // handed on, in either order
    committed([&](transaction& tx) { must(tx.update_cards(std::vector{b, a})); });
    a = card(a.id), b = card(b.id);
    EXPECT_EQ(a.msisdn, "");
    EXPECT_EQ(b.msisdn, "491702");

    give(a, "491702", at(4));
    b.labels = "still=there";  // it keeps its number, and loses it
    committed([&](transaction& tx) { must(tx.update_cards(std::vector{a, b})); });
    EXPECT_EQ(card(a.id).msisdn, "491702");
    EXPECT_EQ(card(b.id).msisdn, "");
    EXPECT_EQ(card(b.id).labels, "still=there");
    auto tx = begin();
    EXPECT_THAT(must(tx->holders_of(std::vector<std::string>{"491702"})).front(), ElementsAre(a.id, b.id));
}

TEST_P(store_conformance, lists_cards_by_filter_in_pages) {
    for (int i = 0; i < 25; ++i) {
        auto c = a_card("89883030000000000" + std::to_string(10 + i), "4917" + std::to_string(i));
        c.profile = i % 2 == 0 ? "usim" : "isim";
        c.labels = i % 3 == 0 ? "fleet=north" : "fleet=northern,zone=north";
        c.is = i == 4 ? standing::suspended : standing::active;
        insert(c);
    }
    auto tx = begin();
    card_filter filter;
    filter.limit = 10;
    std::vector<std::string> all;
    for (;;) {
        const auto page = iccids_of(must(tx->list_cards(filter)));
        if (page.empty()) break;
        EXPECT_LE(page.size(), 10u);
        all.insert(all.end(), page.begin(), page.end());
        filter.after_iccid = all.back();
    }
    EXPECT_EQ(all.size(), 25u);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    const auto how_many = [&](const card_filter& f) { return must(tx->list_cards(f)).size(); };
    EXPECT_EQ(how_many({.profile = "isim"}), 12u);
    EXPECT_EQ(how_many({.label = "fleet=north"}), 9u);
    EXPECT_EQ(how_many({.label = "zone"}), 16u);
    EXPECT_EQ(how_many({.label = "north"}), 0u);
    EXPECT_EQ(how_many({.msisdn = "49177"}), 1u);
    EXPECT_EQ(how_many({.profile = "isim", .msisdn = "49178"}), 0u);
    EXPECT_EQ(how_many({.iccid_prefix = "898830300000000001"}), 10u);
    EXPECT_EQ(how_many({.iccid_prefix = "8988303000000000012"}), 1u);
    EXPECT_EQ(how_many({.iccid_prefix = "8989"}), 0u);
    EXPECT_EQ(how_many({.is = standing::suspended}), 1u);
}

TEST_P(store_conformance, survives_a_long_random_life_of_many_cards) {
    constexpr std::size_t many = 300;
    std::mt19937_64 random(42);
    std::vector<card_row> model;
    for (std::size_t i = 0; i < many; ++i) model.push_back(a_card(std::to_string(8988303000000000000ull + i)));
    committed([&](transaction& tx) { must(tx.insert_cards(model)); });
    for (int turn = 0; turn < 150; ++turn) {
        auto tx = begin();
        auto next = model;
        std::vector<card_change> changes;
        for (int i = 0; i < 20; ++i) {
            auto& c = next[random() % many];
            c.twin = wire::octets(random() % 600, static_cast<std::uint8_t>(random()));
            c.due = random() % 2 == 0 ? std::optional(at(static_cast<std::int64_t>(random() % 1000))) : std::nullopt;
            changes.push_back({c.id, c.version++, c.twin, c.due, c.is});
        }
        must(tx->save_cards(changes));
        if (random() % 4 == 0) continue;  // rolled back
        must(tx->commit());
        model = std::move(next);
        tx.reset();  // before the store that it belongs to
        if (turn % 50 == 49) reopen();
    }
    auto tx = begin();
    std::vector<card_id> ids;
    for (const auto& c : model) ids.push_back(c.id);
    const auto found = must(tx->cards_by_id(ids));
    for (std::size_t i = 0; i < many; ++i) expect_same(found[i].value(), model[i]);
    const auto with_due = std::count_if(model.begin(), model.end(), [](const auto& c) { return c.due.has_value(); });
    EXPECT_EQ(must(tx->count()).due, with_due);
    EXPECT_EQ(must(tx->due_cards(at(1000), 1000)).size(), static_cast<std::size_t>(with_due));
}

}  // namespace ota::store
