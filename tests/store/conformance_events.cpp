#include "tests/store/conformance.hpp"

#include <random>

namespace ota::store {

namespace {

void expect_same(const event_row& a, const event_row& b) {
    EXPECT_EQ(a.seq, b.seq);
    EXPECT_EQ(a.source, b.source);
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.card, b.card);
    EXPECT_EQ(a.previous, b.previous);
    EXPECT_EQ(a.op, b.op);
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(a.node, b.node);
    EXPECT_EQ(a.subject, b.subject);
    EXPECT_EQ(a.reason, b.reason);
    EXPECT_EQ(a.detail, b.detail);
    EXPECT_EQ(a.traceparent, b.traceparent);
    EXPECT_EQ(a.revision, b.revision);
    EXPECT_EQ(a.content_hash, b.content_hash);
    EXPECT_EQ(a.accepted_at, b.accepted_at);
    EXPECT_EQ(a.closed_at, b.closed_at);
}

}  // namespace

TEST_P(store_conformance, gives_back_every_field_of_an_event_after_reopening) {
    auto open = an_event(11, "one");
    open.revision = -5;
    auto rejected = an_event(12, "two", 0);
    rejected.state = 3;
    rejected.reason = "unknown-card";
    rejected.detail = "no such ICCID";
    rejected.closed_at = at(99);
    committed([&](transaction& tx) { must(tx.insert_events(std::vector{open, rejected})); });
    reopen();
    auto tx = begin();
    const auto by_seq = must(tx->events_by_seq(std::vector<event_seq>{12, 13, 11}));
    expect_same(by_seq[0].value(), rejected);
    EXPECT_FALSE(by_seq[1]);
    expect_same(by_seq[2].value(), open);
    const auto by_key = must(tx->find_events(std::vector<event_key>{{"urn:dm:a", "one"}, {"urn:dm:a", "three"}}));
    expect_same(by_key[0].value(), open);
    EXPECT_FALSE(by_key[1]);
    EXPECT_EQ(must(tx->count()).open_events, 1);
}

TEST_P(store_conformance, takes_source_and_id_together_as_the_key) {  // R22
    auto a = an_event(1, "bc");
    a.source = "a";
    auto b = an_event(2, "c");
    b.source = "ab";
    committed([&](transaction& tx) { must(tx.insert_events(std::vector{a, b})); });
    auto tx = begin();
    const auto found =
        must(tx->find_events(std::vector<event_key>{{"a", "bc"}, {"ab", "c"}, {"abc", ""}, {"", "abc"}}));
    EXPECT_EQ(found[0]->seq, 1);
    EXPECT_EQ(found[1]->seq, 2);
    EXPECT_FALSE(found[2] || found[3]);
}

TEST_P(store_conformance, takes_an_event_in_only_once) {  // R22
    committed([&](transaction& tx) { must(tx.insert_events(std::vector{an_event(1, "one")})); });
    auto tx = begin();
    EXPECT_EQ(error_of(tx->insert_events(std::vector{an_event(2, "one")})), make_error_code(errc::duplicate));
    EXPECT_EQ(error_of(tx->insert_events(std::vector{an_event(1, "other")})), make_error_code(errc::duplicate));
    EXPECT_EQ(error_of(tx->insert_events(std::vector{an_event(3, "two"), an_event(4, "two")})),
              make_error_code(errc::duplicate));
}

TEST_P(store_conformance, takes_an_event_in_only_once_even_when_it_was_looked_for_before) {
    auto tx = begin();
    EXPECT_FALSE(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", "one"}})).front());
    must(tx->insert_events(std::vector{an_event(1, "one")}));
    EXPECT_TRUE(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", "one"}})).front());
    EXPECT_EQ(error_of(tx->insert_events(std::vector{an_event(2, "one")})), make_error_code(errc::duplicate));
}

TEST_P(store_conformance, knows_every_event_of_a_long_random_life) {
    std::mt19937_64 random(7);
    std::vector<std::string> known;
    event_seq seq = 0;
    for (int turn = 0; turn < 120; ++turn) {
        auto tx = begin();
        std::vector<event_row> fresh;
        for (auto i = random() % 12; i > 0; --i) ++seq, fresh.push_back(an_event(seq, "event-" + std::to_string(seq)));
        must(tx->insert_events(fresh));
        if (random() % 4 == 0) continue;  // rolled back
        must(tx->commit());
        for (const auto& e : fresh) known.push_back(e.id);
        tx.reset();
        if (turn % 50 == 49) reopen();
    }
    auto tx = begin();
    for (event_seq i = 1; i <= seq; ++i) {
        const auto id = "event-" + std::to_string(i);
        const auto found = must(tx->find_events(std::vector<event_key>{{"urn:dm:a", id}})).front();
        EXPECT_EQ(found.has_value(), std::find(known.begin(), known.end(), id) != known.end()) << id;
        EXPECT_TRUE(!found || found->id == id);
    }
}

TEST_P(store_conformance, forgets_an_event_that_was_rolled_back) {
    {
        auto tx = begin();
        must(tx->insert_events(std::vector{an_event(1, "one")}));
    }
    auto tx = begin();
    EXPECT_FALSE(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", "one"}})).front());
    must(tx->insert_events(std::vector{an_event(1, "one")}));
    must(tx->commit());
}

TEST_P(store_conformance, closes_an_event_once_and_for_all) {
    committed([&](transaction& tx) { must(tx.insert_events(std::vector{an_event(1, "one"), an_event(2, "two")})); });
    committed([&](transaction& tx) {
        const auto rows =
            must(tx.close_events(std::vector<event_close>{{1, 4, "card-error", "6A82", at(50)}, {9, 1, "", "", {}}}));
        auto expected = an_event(1, "one");
        expected.state = 4;
        expected.reason = "card-error";
        expected.detail = "6A82";
        expected.closed_at = at(50);
        expect_same(rows[0].value(), expected);
        EXPECT_FALSE(rows[1]);
    });
    auto tx = begin();
    const auto again = must(tx->close_events(std::vector<event_close>{{1, 1, "", "", at(60)}, {2, 1, "", "", at(60)}}));
    EXPECT_EQ(again[0]->state, 4) << "final once, final for ever";
    EXPECT_EQ(again[0]->closed_at, at(50));
    EXPECT_EQ(again[1]->state, 1);
    EXPECT_EQ(must(tx->count()).open_events, 0);
    EXPECT_EQ(error_of(tx->close_events(std::vector<event_close>{{2, 0, "", "", {}}})), make_error_code(errc::misuse));
}

TEST_P(store_conformance, counts_cards_events_and_outbox) {
    committed([&](transaction& tx) {
        std::vector<card_row> cards{a_card("8988303000000000017"), a_card("8988303000000000025")};
        must(tx.insert_cards(cards));
        must(tx.insert_events(std::vector{an_event(1, "one"), an_event(2, "two"), an_event(3, "three")}));
        must(tx.append_outbox(std::vector<outbox_row>{{5, "t", "k", "v"}}));
        must(tx.close_events(std::vector<event_close>{{1, 1, "", "", at(1)}}));
    });
    reopen();
    const auto now = must(begin()->count());
    EXPECT_EQ(now.cards, 2);
    EXPECT_EQ(now.open_events, 2);
    EXPECT_EQ(now.outbox, 1);
    EXPECT_EQ(now.due, 0);
}

TEST_P(store_conformance, finds_the_oldest_event_that_is_open) {
    using verdict = open_search::verdict;
    EXPECT_EQ(must(begin()->first_open(0, 10)).is, verdict::none);
    EXPECT_EQ(must(begin()->first_open(0, 10)).seq, 0);
    std::vector<event_row> rows;
    for (event_seq seq = 1; seq <= 5; ++seq) rows.push_back(an_event(seq, std::to_string(seq)));
    committed([&](transaction& tx) {
        must(tx.insert_events(rows));
        must(tx.close_events(
            std::vector<event_close>{{1, 1, "", "", at(1500)}, {2, 1, "", "", at(1500)}, {4, 1, "", "", at(1500)}}));
    });
    auto found = must(begin()->first_open(0, 10));
    EXPECT_EQ(found.is, verdict::open);
    EXPECT_EQ(found.seq, 3);
    EXPECT_EQ(found.accepted_at, rows[2].accepted_at);
    EXPECT_EQ(must(begin()->first_open(4, 10)).seq, 5);
    found = must(begin()->first_open(0, 2));
    EXPECT_EQ(found.is, verdict::unfinished) << "two rows, both final";
    EXPECT_EQ(found.seq, 2);
    committed([&](transaction& tx) {
        must(tx.close_events(std::vector<event_close>{{3, 1, "", "", at(9)}, {5, 2, "", "", at(9)}}));
    });
    found = must(begin()->first_open(2, 10));
    EXPECT_EQ(found.is, verdict::none);
    EXPECT_EQ(found.seq, 5) << "the last one looked at";
}

TEST_P(store_conformance, prunes_what_is_final_and_old) {
    committed([&](transaction& tx) {
        must(tx.insert_events(std::vector{an_event(1, "a"), an_event(2, "b"), an_event(3, "c"), an_event(4, "d")}));
        must(tx.close_events(
            std::vector<event_close>{{1, 1, "", "", at(1500)}, {3, 1, "", "", at(1500)}, {4, 1, "", "", at(9000)}}));
        must(tx.insert_submissions(
            std::vector<submission_row>{{1, 0, 0, 1, "r", "m1", at(1001)}, {2, 0, 0, 1, "r", "m2", at(5000)}}));
        must(tx.append_history(std::vector<history_row>{{1, 1, 0, at(1001), "{}"}, {2, 1, 1, at(5000), "{}"}}));
        must(tx.mark_receipts(std::vector<receipt_mark>{{"r", "unknown", 2, at(1001)}}));
    });
    committed([&](transaction& tx) { EXPECT_EQ(must(tx.prune(at(2000), 1)), 4u) << "one of each"; });
    committed([&](transaction& tx) { EXPECT_EQ(must(tx.prune(at(2000), 10)), 1u); });
    committed([&](transaction& tx) { EXPECT_EQ(must(tx.prune(at(2000), 10)), 0u); });
    auto tx = begin();
    const auto left = must(tx->events_by_seq(std::vector<event_seq>{1, 2, 3, 4}));
    EXPECT_FALSE(left[0] || left[2]);
    EXPECT_TRUE(left[1] && left[3]) << "open, and closed lately";
    EXPECT_TRUE(must(tx->submissions_of(1)).empty());
    EXPECT_EQ(must(tx->submissions_of(2)).size(), 1u);
    EXPECT_EQ(must(tx->history(2, 10)).size(), 1u) << "the chain ends where it was pruned";
    EXPECT_FALSE(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", "a"}})).front());
    must(tx->insert_events(std::vector{an_event(5, "a")}));
    EXPECT_EQ(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", "a"}})).front()->seq, 5);
}

}  // namespace ota::store
