#include "tests/store/conformance.hpp"

#include <atomic>
#include <thread>

namespace ota::store {

TEST_P(store_conformance, rolls_back_what_was_not_committed) {
    const auto c = insert(a_card("8988303000000000017"));
    const auto before = store_->commits();
    {
        auto tx = begin();
        must(tx->save_cards(std::vector{card_change{c.id, 1, octets("lost"), at(1), standing::active}}));
        must(tx->insert_events(std::vector{an_event(1, "one")}));
        must(tx->append_outbox(std::vector<outbox_row>{{1, "t", "k", "v"}}));
        must(tx->set_value("name", "lost"));
    }
    EXPECT_EQ(store_->commits(), before);
    EXPECT_EQ(card(c.id).twin, octets("twin"));
    auto tx = begin();
    EXPECT_FALSE(must(tx->value("name")));
    EXPECT_FALSE(must(tx->events_by_seq(std::vector<event_seq>{1})).front());
    const auto now = must(tx->count());
    EXPECT_EQ(now.open_events, 0);
    EXPECT_EQ(now.outbox, 0);
    EXPECT_EQ(now.due, 0);
}

TEST_P(store_conformance, counts_the_commits_that_changed_something) {
    const auto before = store_->commits();
    committed([](transaction& tx) { must(tx.set_value("a", "1")); });
    committed([](transaction& tx) { EXPECT_TRUE(must(tx.value("a"))); });
    committed([](transaction& tx) { must(tx.set_value("a", "2")); });
    EXPECT_EQ(store_->commits(), before + 2);
    reopen();
    EXPECT_EQ(store_->commits(), before + 2);
}

TEST_P(store_conformance, comes_back_to_its_savepoint) {  // R1: a failing row is isolated
    const auto c = insert(a_card("8988303000000000017"));
    committed([&](transaction& tx) {
        EXPECT_EQ(error_of(tx.back_to_savepoint()), make_error_code(errc::misuse));
        must(tx.insert_events(std::vector{an_event(1, "one")}));
        must(tx.savepoint());
        must(tx.insert_events(std::vector{an_event(2, "two")}));
        must(tx.save_cards(std::vector{card_change{c.id, 1, octets("lost"), at(1), standing::active}}));
        must(tx.append_outbox(std::vector<outbox_row>{{1, "t", "k", "v"}}));
        must(tx.back_to_savepoint());
        EXPECT_FALSE(must(tx.find_events(std::vector<event_key>{{"urn:dm:a", "two"}})).front());
        EXPECT_TRUE(must(tx.find_events(std::vector<event_key>{{"urn:dm:a", "one"}})).front());
        must(tx.insert_events(std::vector{an_event(3, "two")}));
        must(tx.savepoint());
        must(tx.save_cards(std::vector{card_change{c.id, 1, octets("kept"), {}, standing::active}}));
        must(tx.savepoint());
        must(tx.set_value("lost", "1"));
        must(tx.back_to_savepoint());
        must(tx.back_to_savepoint());
    });
    EXPECT_EQ(card(c.id).twin, octets("kept"));
    auto tx = begin();
    EXPECT_FALSE(must(tx->value("lost")));
    EXPECT_EQ(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", "two"}})).front()->seq, 3);
    EXPECT_EQ(must(tx->count()).open_events, 2);
    EXPECT_EQ(must(tx->count()).outbox, 0);
}

TEST_P(store_conformance, commits_the_good_rows_after_a_failed_call_was_taken_back) {
    auto tx = begin();
    for (int i = 0; i < 6; ++i) {
        must(tx->savepoint());
        // Every third row has a key that is taken.
        const auto e = an_event(i + 1, i % 3 == 2 ? "taken" : std::to_string(i));
        const auto twice = std::vector{e, i == 2 ? an_event(90, "taken") : an_event(100 + i, "x" + std::to_string(i))};
        if (!tx->insert_events(twice)) must(tx->back_to_savepoint());
    }
    must(tx->commit());
    tx.reset();
    tx = begin();
    const auto rows = must(tx->events_by_seq(std::vector<event_seq>{1, 2, 3, 4, 5, 6, 90}));
    EXPECT_TRUE(rows[0] && rows[1] && rows[3] && rows[4] && rows[5]);
    EXPECT_FALSE(rows[2] || rows[6]);
}

TEST_P(store_conformance, refuses_verbs_after_the_commit) {
    auto tx = begin();
    must(tx->set_value("a", "1"));
    must(tx->commit());
    EXPECT_EQ(error_of(tx->set_value("a", "2")), make_error_code(errc::misuse));
    EXPECT_EQ(error_of(tx->value("a")), make_error_code(errc::misuse));
    EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::misuse));
}

TEST_P(store_conformance, does_nothing_for_empty_lists) {
    auto tx = begin();
    EXPECT_TRUE(must(tx->cards_by_iccid({})).empty());
    EXPECT_TRUE(must(tx->find_events({})).empty());
    must(tx->insert_cards({}));
    must(tx->save_cards({}));
    must(tx->insert_events({}));
    must(tx->insert_submissions({}));
    must(tx->append_history({}));
    must(tx->append_outbox({}));
    must(tx->remove_outbox({}));
    EXPECT_TRUE(must(tx->mark_receipts({})).empty());
    EXPECT_TRUE(must(tx->close_events({})).empty());
    must(tx->commit());
}

TEST_P(store_conformance, lets_threads_take_turns) {  // R5: no update is lost
    const auto c = insert(a_card("8988303000000000017"));
    constexpr int threads = 4, turns = 50;
    std::atomic<int> failures = 0;
    const auto count_up = [&] {
        for (int i = 0; i < turns; ++i) {
            auto tx = begin();
            const auto now = must(tx->cards_by_id(std::vector{c.id})).front().value();
            const auto next =
                std::to_string(now.twin == octets("twin") ? 1 : std::stoi(std::string(wire::as_text(now.twin))) + 1);
            if (!tx->save_cards(std::vector{card_change{c.id, now.version, octets(next), {}, now.is}}) || !tx->commit())
                ++failures;
        }
    };
    std::vector<std::jthread> crowd;
    for (int i = 0; i < threads; ++i) crowd.emplace_back(count_up);
    crowd.clear();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(card(c.id).twin, octets(std::to_string(threads * turns)));
}

}  // namespace ota::store
