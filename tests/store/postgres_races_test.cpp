#include "tests/store/conformance.hpp"
#include "tests/store/postgres_cluster.hpp"

#include <atomic>
#include <barrier>
#include <future>
#include <thread>
#include <utility>

// Two stores on one database: what two instances of the gateway do to each other.
namespace ota::store {

namespace {

class postgres_races : public testing::Test {
protected:
    [[nodiscard]] card_row insert(std::string iccid, std::optional<wall_time> due = {}) {
        auto c = a_card(std::move(iccid));
        c.due = due;
        auto tx = must(a_->begin());
        must(tx->insert_cards({&c, 1}));
        must(tx->commit());
        return c;
    }
    [[nodiscard]] static card_row read(transaction& tx, card_id id) {
        return must(tx.cards_by_id(std::vector{id})).front().value();
    }
    [[nodiscard]] static card_change change_of(const card_row& card, std::string_view twin) {
        return {card.id, card.version, octets(twin), card.due, card.is};
    }
    /// Runs it beside us, until the server says that it waits for a lock.
    template <class Work>
    [[nodiscard]] auto until_it_waits(Work work) {
        auto running = std::async(std::launch::async, std::move(work));
        for (int i = 0; i < 2000 && waiting() == "0"; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_NE(waiting(), "0");
        return running;
    }
    std::string waiting() {
        return postgres_cluster::shared().run(home_.name(),
                                              "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                              "AND datname = current_database()");
    }
    [[nodiscard]] postgres_options patient() {
        auto o = home_.options();
        o.busy_timeout = std::chrono::seconds(60);
        return o;
    }

    postgres_home home_;
    std::unique_ptr<store> a_ = must(open_postgres(patient())), b_ = must(open_postgres(patient()));
};

}  // namespace

TEST_F(postgres_races, a_card_that_was_read_is_waited_for) {  // R5
    const auto c = insert("8988303000000000017");
    auto tx = must(a_->begin());
    const auto mine = read(*tx, c.id);
    auto other = until_it_waits([&] {
        auto theirs = must(b_->begin());
        const auto now = must(theirs->cards_by_iccid(std::vector{c.iccid})).front().value();
        must(theirs->save_cards(std::vector{change_of(now, "second")}));
        must(theirs->commit());
        return now.version;
    });
    must(tx->save_cards(std::vector{change_of(mine, "first")}));
    must(tx->commit());
    EXPECT_EQ(other.get(), 2u) << "it sees what was committed while it waited";
    EXPECT_EQ(read(*must(a_->begin()), c.id).version, 3u);
}

TEST_F(postgres_races, a_card_that_another_store_changed_is_a_conflict) {  // R5
    const auto c = insert("8988303000000000017");
    auto theirs = must(b_->begin());
    must(theirs->save_cards(std::vector{change_of(c, "theirs")}));
    must(theirs->commit());
    auto tx = must(a_->begin());
    EXPECT_EQ(error_of(tx->save_cards(std::vector{change_of(c, "mine")})), make_error_code(errc::conflict));
}

TEST_F(postgres_races, one_of_two_readers_of_a_partition_is_fenced) {
    for (const std::optional<std::int64_t> from : {std::optional<std::int64_t>(), std::optional<std::int64_t>(5)}) {
        auto tx = must(a_->begin());
        must(tx->move_offset("topic", 0, from, {from.value_or(0) + 5, 1}));
        auto other = until_it_waits([&] {
            auto theirs = must(b_->begin());
            return error_of(theirs->move_offset("topic", 0, from, {from.value_or(0) + 7, 2}));
        });
        must(tx->commit());
        EXPECT_EQ(other.get(), make_error_code(errc::conflict));
    }
}

TEST_F(postgres_races, an_event_that_two_stores_take_in_is_taken_in_once) {  // R22
    for (const bool commits : {true, false}) {
        auto tx = must(a_->begin());
        must(tx->insert_events(std::vector{an_event(commits ? 1 : 3, commits ? "one" : "two")}));
        auto other = until_it_waits([&] {
            auto theirs = must(b_->begin());
            auto done = theirs->insert_events(std::vector{an_event(commits ? 2 : 4, commits ? "one" : "two")});
            if (done) done = theirs->commit();
            return error_of(done);
        });
        if (commits) must(tx->commit());
        tx.reset();
        EXPECT_EQ(other.get(), commits ? make_error_code(errc::duplicate) : std::error_code());
    }
    EXPECT_EQ(must(must(a_->begin())->count()).open_events, 2);
}

TEST_F(postgres_races, an_event_that_two_stores_close_has_one_end) {
    {
        auto tx = must(a_->begin());
        must(tx->insert_events(std::vector{an_event(1, "one")}));
        must(tx->commit());
    }
    auto tx = must(a_->begin());
    must(tx->close_events(std::vector<event_close>{{1, 4, "mine", "", at(50)}}));
    auto other = until_it_waits([&] {
        auto theirs = must(b_->begin());
        const auto row =
            must(theirs->close_events(std::vector<event_close>{{1, 1, "theirs", "", at(60)}})).front().value();
        must(theirs->commit());
        return row.reason;
    });
    must(tx->commit());
    EXPECT_EQ(other.get(), "mine");
    EXPECT_EQ(must(must(a_->begin())->count()).open_events, 0);
}

TEST_F(postgres_races, due_cards_are_dealt_out_once) {
    std::vector<card_id> all;
    for (int i = 0; i < 10; ++i) all.push_back(insert("89883030000000000" + std::to_string(10 + i), at(100 + i)).id);
    auto tx = must(a_->begin());
    auto theirs = must(b_->begin());
    std::vector<card_id> dealt;
    for (const auto& c : must(tx->due_cards(at(500), 4))) dealt.push_back(c.id);
    EXPECT_EQ(dealt.size(), 4u);
    for (const auto& c : must(theirs->due_cards(at(500), 10))) dealt.push_back(c.id);
    EXPECT_THAT(dealt, testing::UnorderedElementsAreArray(all));
}

TEST_F(postgres_races, cards_that_lock_each_other_out_end_in_one_conflict) {
    const auto one = insert("8988303000000000017"), two = insert("8988303000000000025");
    auto tx = must(a_->begin());
    (void)read(*tx, one.id);
    auto other = until_it_waits([&] {
        auto theirs = must(b_->begin());
        (void)read(*theirs, two.id);
        return error_of(theirs->cards_by_id(std::vector{one.id}));
    });
    const auto mine = error_of(tx->cards_by_id(std::vector{two.id}));
    tx.reset();
    const auto their = other.get();
    EXPECT_TRUE((mine == make_error_code(errc::conflict)) != (their == make_error_code(errc::conflict)));
    EXPECT_TRUE(!mine || !their);
}

TEST_F(postgres_races, batches_that_cross_are_run_again_and_both_count) {  // R5
    const auto one = insert("8988303000000000017"), two = insert("8988303000000000025");
    std::barrier both_hold_one(2);
    std::atomic<int> conflicts = 0;
    const auto batch = [&](store& st, card_id first, card_id second) {
        for (bool met = false;;) {
            auto tx = must(st.begin());
            const auto done = [&]() -> wire::result<void> {
                OTA_TRY(const auto a, tx->cards_by_id(std::vector{first}));
                OTA_TRY(tx->save_cards(std::vector{change_of(*a.front(), "a")}));
                if (!std::exchange(met, true)) both_hold_one.arrive_and_wait();
                OTA_TRY(const auto b, tx->cards_by_id(std::vector{second}));
                OTA_TRY(tx->save_cards(std::vector{change_of(*b.front(), "b")}));
                return tx->commit();
            }();
            if (done) return;
            if (error_of(done) == make_error_code(errc::conflict))
                ++conflicts;
            else
                throw std::runtime_error("a deadlock is " + done.error().message());
        }
    };
    auto other = std::async(std::launch::async, [&] { batch(*b_, two.id, one.id); });
    batch(*a_, one.id, two.id);
    other.get();
    EXPECT_GE(conflicts, 1) << "one of two, and perhaps again";
    auto tx = must(a_->begin());
    EXPECT_EQ(read(*tx, one.id).version, 3u);
    EXPECT_EQ(read(*tx, two.id).version, 3u);
}

TEST_F(postgres_races, a_receipt_beside_its_submission_marks_it) {
    for (const bool receipt_first : {true, false}) {
        const std::int64_t packet = receipt_first ? 1 : 2;
        const auto id = std::to_string(packet);
        auto receiving = must(a_->begin()), submitting = must(b_->begin());
        EXPECT_FALSE(must(receiving->mark_receipts(std::vector<receipt_mark>{{"r", id, 2, at(200)}})).front());
        must(submitting->insert_submissions(std::vector<submission_row>{{packet, 0, 0, 7, "r", id, at(100)}}));
        must((receipt_first ? receiving : submitting)->commit());
        must((receipt_first ? submitting : receiving)->commit());
        receiving.reset(), submitting.reset();
        auto tx = must(a_->begin());
        const auto row = must(tx->submissions_of(packet)).front();
        EXPECT_EQ(row.receipt, 2);
        EXPECT_EQ(row.receipt_at, at(200));
        must(tx->mark_receipts(std::vector<receipt_mark>{{"r", id, 3, at(300)}}));
        EXPECT_EQ(must(tx->submissions_of(packet)).front().receipt, 3) << "the last one counts";
    }
}

TEST_F(postgres_races, two_first_writers_of_a_named_value_both_count) {
    const auto add = [](transaction& tx) {
        const auto so_far = must(tx.value("tally"));
        must(tx.set_value("tally", std::to_string((so_far ? std::stoi(*so_far) : 0) + 1)));
    };
    auto tx = must(a_->begin());
    add(*tx);
    auto other = until_it_waits([&] {
        auto theirs = must(b_->begin());
        add(*theirs);
        must(theirs->commit());
        return true;
    });
    must(tx->commit());
    EXPECT_TRUE(other.get());
    EXPECT_EQ(must(must(a_->begin())->value("tally")), "2");
}

TEST_F(postgres_races, waits_for_a_card_only_so_long) {
    const auto c = insert("8988303000000000017");
    auto tx = must(a_->begin());
    (void)read(*tx, c.id);
    auto hasty = patient();
    hasty.busy_timeout = std::chrono::milliseconds(50);
    const auto st = must(open_postgres(hasty));
    auto theirs = must(st->begin());
    EXPECT_EQ(error_of(theirs->cards_by_id(std::vector{c.id})), make_error_code(errc::busy));
    EXPECT_EQ(error_of(theirs->commit()), make_error_code(errc::busy)) << "nothing goes on behind a failure";
}

TEST_F(postgres_races, the_outbox_keeps_the_order_of_commits_whatever_the_clocks_say) {
    for (const auto& [st, seq] : {std::pair(a_.get(), 900), std::pair(b_.get(), 500), std::pair(a_.get(), 901)}) {
        auto tx = must(st->begin());
        must(tx->append_outbox(std::vector<outbox_row>{{seq, "t", "card", std::to_string(seq)}}));
        must(tx->commit());
    }
    auto tx = must(b_->begin());
    std::vector<std::int64_t> seqs;
    for (std::int64_t after = 0;;) {
        const auto page = must(tx->outbox(after, 1));
        if (page.empty()) break;
        seqs.push_back(after = page.front().seq);
    }
    EXPECT_THAT(seqs, testing::ElementsAre(900, 500, 901));
}

TEST_F(postgres_races, a_number_that_two_stores_give_away_has_one_card) {  // R21
    auto mine = a_card("8988303000000000017", "491701", at(1)), their = a_card("8988303000000000025", "491701", at(2));
    auto tx = must(a_->begin());
    must(tx->insert_cards({&mine, 1}));
    auto other = until_it_waits([&] {
        auto theirs = must(b_->begin());
        return error_of(theirs->insert_cards({&their, 1}));
    });
    must(tx->commit());
    EXPECT_EQ(other.get(), make_error_code(errc::duplicate));
    auto again = must(b_->begin());
    their.id = 0;
    must(again->insert_cards({&their, 1}));
    must(again->commit());
    EXPECT_EQ(read(*must(a_->begin()), mine.id).msisdn, "");
}

TEST_F(postgres_races, two_stores_count_together) {
    std::vector<std::jthread> crowd;
    std::atomic<int> made = 0;
    for (auto* st : {a_.get(), b_.get(), a_.get(), b_.get()})
        crowd.emplace_back([st, &made] {
            for (int i = 0; i < 20; ++i) {
                const int n = ++made;
                auto tx = must(st->begin());
                must(tx->insert_events(std::vector{an_event(n, std::to_string(n))}));
                must(tx->commit());
            }
        });
    crowd.clear();
    EXPECT_EQ(must(must(b_->begin())->count()).open_events, 80);
    EXPECT_EQ(must(open_postgres(patient()))->commits(), 80u);
}

}  // namespace ota::store
