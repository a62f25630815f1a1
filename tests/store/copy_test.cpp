#include "gateway/store/copy.hpp"

#include "tests/store/conformance.hpp"
#include "tests/store/postgres_cluster.hpp"
#include "tests/store/sqlite_home.hpp"

// A living installation moves from one kind of store to the other and back.
namespace ota::store {

namespace {

/// More than a page of the common rows, and some of everything.
void fill(store& st) {
    auto tx = must(st.begin());
    std::vector<card_row> cards;
    for (int i = 0; i < 2500; ++i) {
        cards.push_back(
            a_card(std::to_string(8988303000000000000ll + i), i % 2 == 0 ? "4917" + std::to_string(i / 4) : "", at(i)));
        if (i % 3 == 0) cards.back().due = at(1000 + i);
    }
    must(tx->insert_cards(cards));
    std::vector<event_row> events;
    for (int i = 1; i <= 4100; ++i)
        events.push_back(an_event(i, std::string("id\0", 3) + std::to_string(i), cards[1].id));
    events[7].revision = -3;
    must(tx->insert_events(events));
    must(tx->close_events(std::vector<event_close>{{5, 4, "card-error", "6A82", at(9000)}}));
    must(tx->insert_submissions(
        std::vector<submission_row>{{10, 0, 0, 7, "a", "m1", at(4)}, {10, 1, 2, 7, "a", "", at(5), 3, at(6)}}));
    must(tx->mark_receipts(std::vector<receipt_mark>{{"a", "m1", 2, at(7)}, {"b", "early", 1, at(8)}}));
    must(tx->append_history(std::vector<history_row>{{1, 7, 0, at(1), "{}"}, {2, 7, 1, at(2), "{}"}}));
    must(tx->append_outbox(std::vector<outbox_row>{{3, "t", "k", std::string("v\0", 2)}, {4, "t", "k", "w"}}));
    must(tx->save_later_states(std::vector{later_state{5, 1, 2, at(10)}}));
    must(tx->save_account({7, "./DMAcc/A", "client", "IMEI:1", std::string("\0n", 2), "s"}));
    must(tx->save_account({7, "./DMAcc/B", "client", "", "", ""}));
    must(tx->move_offset("topic", 3, {}, {77, ~0ull}));
    must(tx->set_value("paused/a", "1"));
    must(tx->commit());
}

}  // namespace

TEST(store_copy, moves_everything_to_the_shared_store_and_back) {
    folder here;
    postgres_home there;
    auto first = must(open_sqlite({.path = here.path("first.db")}));
    auto shared = must(open_postgres(there.options()));
    auto last = must(open_sqlite({.path = here.path("last.db")}));
    fill(*first);
    std::vector<std::string> told;
    const auto moved = must(copy(*first, *shared, [&](const std::string& sentence) { told.push_back(sentence); }));
    EXPECT_EQ(moved.cards, 2500u);
    EXPECT_EQ(moved.events, 4100u);
    EXPECT_EQ(moved.submissions, 2u);
    EXPECT_EQ(moved.outbox, 2u);
    EXPECT_GT(moved.numbers, 600u);
    EXPECT_THAT(told, testing::Contains("compared: 4100 events"));
    must(copy(*shared, *last, {}));
    auto tx = must(last->begin());
    EXPECT_EQ(must(tx->source_offset("topic", 3)), (source_position{77, ~0ull}));
    EXPECT_EQ(must(tx->events_by_seq(std::vector<event_seq>{5})).front()->reason, "card-error");
    EXPECT_EQ(must(tx->count()).open_events, 4099);
    EXPECT_EQ(must(must(shared->begin())->count()).open_events, 4099);
    EXPECT_EQ(must(must(first->begin())->count()).due, must(must(shared->begin())->count()).due);
}

TEST(store_copy, keeps_the_order_of_the_outbox_and_gives_ids_that_follow_it) {
    folder here;
    postgres_home there;
    auto from = must(open_postgres(there.options()));
    for (const std::int64_t seq : {900, 500, 901}) {  // instances whose clocks differ
        auto tx = must(from->begin());
        must(tx->append_outbox(std::vector<outbox_row>{{seq, "t", "card", std::to_string(seq)}}));
        must(tx->commit());
    }
    auto to = must(open_sqlite({.path = here.path("to.db")}));
    must(copy(*from, *to, {}));
    std::vector<std::string> values;
    auto tx = must(to->begin());
    for (const auto& row : must(tx->outbox(0, 10))) values.push_back(row.value);
    EXPECT_THAT(values, testing::ElementsAre("900", "500", "901"));
}

TEST(store_copy, counts_a_receipt_that_crossed_its_submission) {
    folder here;
    postgres_home there;
    auto from = must(open_postgres(there.options()));
    auto receiving = must(from->begin()), submitting = must(from->begin());
    must(receiving->mark_receipts(std::vector<receipt_mark>{{"r", "m", 2, at(200)}, {"r", "unknown", 2, at(200)}}));
    must(submitting->insert_submissions(std::vector<submission_row>{{1, 0, 0, 7, "r", "m", at(100)}}));
    must(receiving->commit());
    must(submitting->commit());
    receiving.reset(), submitting.reset();
    auto to = must(open_sqlite({.path = here.path("to.db")}));
    must(copy(*from, *to, {}));
    EXPECT_EQ(must(must(to->begin())->submissions_of(1)).front().receipt, 2);
}

TEST(store_copy, nothing_opens_a_half_copied_target) {
    folder here;
    postgres_home there;
    auto from = must(open_sqlite({.path = here.path("from.db")}));
    fill(*from);
    for (const bool server : {true, false}) {
        const auto open = [&] {
            return server ? open_postgres(there.options()) : open_sqlite({.path = here.path("to.db")});
        };
        auto to = must(open());
        struct cut {};
        const auto die = [](const std::string& sentence) {
            if (sentence == "copied: 2 submissions") throw cut();  // as good as a kill
        };
        EXPECT_THROW((void)copy(*from, *to, die), cut);
        to.reset();
        EXPECT_EQ(error_of(open()), make_error_code(errc::unfinished));
    }
}

TEST(store_copy, notices_a_row_that_differs_afterwards) {
    folder here;
    auto from = must(open_sqlite({.path = here.path("from.db")})), to = must(open_sqlite({.path = here.path("to.db")}));
    fill(*from);
    const auto done = copy(*from, *to, [&](const std::string& sentence) {
        if (sentence != "copied: 1 named values") return;
        auto tx = must(to->begin());  // behind its back
        must(tx->close_events(std::vector<event_close>{{4000, 1, "", "", at(1)}}));
        must(tx->commit());
    });
    EXPECT_EQ(error_of(done), make_error_code(errc::corrupt));
    to.reset();
    EXPECT_EQ(error_of(open_sqlite({.path = here.path("to.db")})), make_error_code(errc::unfinished));
}

TEST(store_copy, refuses_a_target_that_is_not_empty) {
    folder here;
    auto from = must(open_sqlite({.path = here.path("from.db")})), to = must(open_sqlite({.path = here.path("to.db")}));
    auto tx = must(to->begin());
    must(tx->set_value("a", "1"));
    must(tx->commit());
    tx.reset();
    EXPECT_EQ(error_of(copy(*from, *to, {})), make_error_code(errc::misuse));
}

}  // namespace ota::store
