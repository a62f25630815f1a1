#include "gateway/store/copy.hpp"
#include "gateway/store/postgres/partitions.hpp"
#include "gateway/store/whole.hpp"

#include "tests/store/conformance.hpp"
#include "tests/store/postgres_cluster.hpp"
#include "tests/store/sqlite_home.hpp"

#include <future>

// Finished work in partitions by week: made ahead, found without a look at all of them, dropped as a whole.
namespace ota::store {

namespace {

using std::chrono::days;
using testing::HasSubstr;
using testing::Not;

class postgres_weeks : public testing::Test {
protected:
    std::string run(const std::string& sql) {
        return postgres_cluster::shared().run(home_.name(), "SET search_path = otagw; " + sql);
    }
    std::string rows_in(const std::string& table) { return run("SELECT count(*) FROM " + table); }
    std::string weeks_of(const std::string& table) {
        return run("SELECT count(*) FROM pg_inherits WHERE inhparent = 'otagw." + table + "'::regclass");
    }
    static wall_time now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
    static std::int64_t week_of(wall_time t) { return postgres::id_at(t) / postgres::ids_per_week; }
    static std::string week(const std::string& table, wall_time t) { return table + "_w" + std::to_string(week_of(t)); }
    /// The plan of a statement as the store has it planned: once for all values. Its parameters are given as SQL.
    std::string plan_of(const std::string& types, const std::string& statement, const std::string& values) {
        return run(
            "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; SET "
            "enable_mergejoin = off; "
            "PREPARE asked(" +
            types + ") AS " + statement + "; EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) EXECUTE asked(" +
            values + ")");
    }
    /// An event that was taken in, sent, received and closed at this time.
    void live(store& st, id_source& ids, wall_time at, const std::string& id, std::optional<wall_time> closed) {
        auto tx = must(st.begin());
        auto e = an_event(ids.next(at), id);
        e.accepted_at = at;
        must(tx->insert_events(std::vector{e}));
        must(tx->insert_submissions(std::vector<submission_row>{{ids.next(at), 0, 0, 1, "r", id, at}}));
        must(tx->append_history(std::vector<history_row>{{ids.next(at), 1, 0, at, "{}"}}));
        if (closed) must(tx->close_events(std::vector<event_close>{{e.seq, 1, "", "", *closed}}));
        if (closed) must(tx->save_later_states(std::vector<later_state>{{e.seq, 1, 0, *closed}}));
        must(tx->commit());
    }
    /// As `otagw store prune`: until nothing is left to do.
    static int prune(store& st, wall_time older) {
        for (int calls = 0;; ++calls) {
            auto tx = must(st.begin());
            const auto gone = must(tx->prune(older, 1000));
            must(tx->commit());
            if (gone == 0) return calls;
        }
    }
    void make_weeks(wall_time first, wall_time last) {
        auto tx = must(store_->begin());
        must(dynamic_cast<whole&>(*tx).make_room(postgres::id_at(first), postgres::id_at(last)));
        must(tx->commit());
    }

    postgres_home home_;
    std::unique_ptr<store> store_ = must(open_postgres(home_.options()));
};

}  // namespace

TEST_F(postgres_weeks, are_made_ahead_by_whoever_comes_first_and_once) {
    EXPECT_EQ(weeks_of("history"), "6") << "this one, four to come, the rest";
    run("DROP TABLE " + week("history", now() + days(7)) + "; DROP TABLE " + week("submission", now()));
    EXPECT_THAT(must(inspect_postgres(home_.options())).warnings,
                testing::ElementsAre(HasSubstr("otagw store migrate")));
    std::vector<std::future<void>> crowd;  // instances that start at once
    for (int i = 0; i < 6; ++i)
        crowd.push_back(std::async(std::launch::async, [&] { must(open_postgres(home_.options())); }));
    for (auto& one : crowd) one.get();
    EXPECT_EQ(weeks_of("history"), "6");
    EXPECT_EQ(weeks_of("submission"), "6");
    EXPECT_THAT(must(inspect_postgres(home_.options())).warnings, testing::IsEmpty());
}

TEST_F(postgres_weeks, a_week_without_a_partition_lies_in_the_rest_and_stays_there) {
    run("DROP TABLE " + week("history", now()));
    id_source ids{1};
    live(*store_, ids, now(), "one", {});
    EXPECT_EQ(rows_in("history_rest"), "1");
    must(migrate_postgres(home_.options()));
    EXPECT_EQ(weeks_of("history"), "5");
    live(*store_, ids, now() + days(7), "two", {});
    EXPECT_EQ(rows_in("history_rest"), "1");
    EXPECT_EQ(rows_in("history"), "2");
}

TEST_F(postgres_weeks, old_ones_are_dropped_and_what_is_still_open_stays) {
    id_source ids{1};
    make_weeks(now() - days(70), now());
    for (int age = 70; age >= 0; age -= 7)
        live(*store_, ids, now() - days(age), "week-" + std::to_string(age), now() - days(age) + std::chrono::hours(1));
    id_source old{2};
    live(*store_, old, now() - days(65), "open", {});
    const auto lately = now() - days(2);
    live(*store_, old, now() - days(65), "closed lately", lately);
    EXPECT_EQ(weeks_of("submission"), "16");
    EXPECT_EQ(rows_in("submission_rest"), "0");
    EXPECT_GT(prune(*store_, now() - days(30)), 0);
    EXPECT_EQ(prune(*store_, now() - days(30)), 0);
    const auto left = std::stoi(weeks_of("submission"));
    EXPECT_LE(left, 12);
    for (const auto* table : {"history", "event_end", "later_state"})
        EXPECT_EQ(std::stoi(weeks_of(table)), left) << table;
    EXPECT_EQ(rows_in("event_end_rest"), "1") << "of the event that was closed lately";
    EXPECT_EQ(rows_in("later_state_rest"), "1");
    EXPECT_EQ(rows_in("history_rest"), "0");
    auto tx = must(store_->begin());
    const auto find = [&](const char* id) {
        return must(tx->find_events(std::vector<event_key>{{"urn:dm:a", id}})).front();
    };
    EXPECT_FALSE(find("week-70") || find("week-35"));
    ASSERT_TRUE(find("open") && find("closed lately") && find("week-28"));
    EXPECT_EQ(find("open")->state, 0);
    EXPECT_EQ(find("closed lately")->closed_at, lately);
    EXPECT_EQ(find("closed lately")->state, 1);
    // An old event may still end: where its week was there is the rest.
    const auto seq = find("open")->seq;
    must(tx->close_events(std::vector<event_close>{{seq, 4, "expired", "", now()}}));
    EXPECT_EQ(find("open")->reason, "expired");
}

TEST_F(postgres_weeks, of_another_owner_are_left_to_him) {
    make_weeks(now() - days(70), now());
    id_source ids{1};
    live(*store_, ids, now() - days(65), "one", now() - days(64));
    run("GRANT ALL ON SCHEMA otagw TO with_password; GRANT ALL ON ALL TABLES IN SCHEMA otagw TO with_password; "
        "DROP TABLE " +
        week("history", now() + days(21)));
    auto options = home_.options();
    options.connection += " user=with_password password='correct horse'";
    auto theirs = must(open_postgres(options));  // it cannot make what is missing, and runs
    prune(*theirs, now() - days(30));
    EXPECT_EQ(rows_in("history"), "1");
    EXPECT_EQ(rows_in("event"), "0");
    EXPECT_GT(prune(*store_, now() - days(30)), 0);
    EXPECT_EQ(rows_in("history"), "0");
    theirs.reset();
    run("DROP OWNED BY with_password");
}

TEST_F(postgres_weeks, a_receipt_finds_a_packet_of_last_week_and_of_long_ago) {
    make_weeks(now() - days(70), now());
    for (const int age : {0, 8, 60}) {
        id_source ids{1};
        live(*store_, ids, now() - days(age), "m" + std::to_string(age), {});
    }
    auto tx = must(store_->begin());
    const auto rows = must(tx->mark_receipts(
        std::vector<receipt_mark>{{"r", "m60", 2, now()}, {"r", "m8", 2, now()}, {"r", "m0", 2, now()}}));
    EXPECT_TRUE(rows[0] && rows[1] && rows[2]);
    for (const auto& row : rows) EXPECT_EQ(must(tx->submissions_of(row->packet)).front().receipt, 2);
}

TEST_F(postgres_weeks, are_not_all_looked_at_for_one_row) {
    make_weeks(now() - days(140), now());
    const auto id = std::to_string(postgres::id_at(now()));
    const auto times = [](const std::string& plan, const std::string& what) {
        int n = 0;
        for (auto at = plan.find(what); at != std::string::npos; at = plan.find(what, at + 1)) ++n;
        return n;
    };
    const auto by_packet = plan_of("bigint", "SELECT * FROM submission s WHERE s.packet = $1", id);
    EXPECT_EQ(times(by_packet, "\"Relation Name\": \"submission_"), 1) << by_packet;
    EXPECT_THAT(by_packet, HasSubstr("\"Subplans Removed\": 25"));

    // Message ids: the last weeks, those to come and the rest; the others are taken out before the statement runs.
    const auto by_message =
        plan_of("bytea[], bigint",
                "SELECT s.packet FROM unnest($1) k, LATERAL (SELECT * FROM submission m WHERE m.message_id = k "
                "AND m.message_id <> '' AND m.packet >= $2 OFFSET 0) s",
                "ARRAY['x'::bytea], " + std::to_string(postgres::id_at(now() - days(15))));
    EXPECT_LE(times(by_message, "\"Relation Name\": \"submission_"), 9) << by_message;
    EXPECT_THAT(by_message, HasSubstr("\"Subplans Removed\": 1")) << "and some";
    // By the message id. With an upper bound of the packet as well, a planner without statistics takes the primary key:
    // all of the week.
    EXPECT_THAT(by_message, HasSubstr("\"Index Cond\": \"(message_id = k.k)\""));
    EXPECT_THAT(by_message, Not(HasSubstr("\"Index Cond\": \"((packet")));
    EXPECT_THAT(by_message, Not(HasSubstr("\"Index Cond\": \"(packet")));

    // By seq, many at once: each row is looked for in its own week.
    const auto by_seq =
        plan_of("bigint[]", "SELECT h.at FROM unnest($1) k JOIN history h ON h.seq = k", "ARRAY[" + id + "]::bigint[]");
    EXPECT_EQ(times(by_seq, "\"Relation Name\": \"history_") - times(by_seq, "\"Actual Loops\": 0"), 1) << by_seq;
}

/// Outbox, due times, early receipts: empty when they are vacuumed, then full. A plan made for the empty table must not
/// be slow then.
TEST(postgres_queues, are_emptied_by_key_whatever_the_last_vacuum_saw) {
    postgres_home home;
    auto state = must(open_postgres(home.options()));
    id_source ids{1};
    const auto when = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    constexpr std::size_t cards = 4000;
    auto fill = [&](wall_time due) {
        auto tx = must(state->begin());
        std::vector<outbox_row> rows(cards);
        for (auto& r : rows) r = {ids.next(when), "t", "k", "v"};
        must(tx->append_outbox(rows));
        auto all = must(tx->list_cards(card_filter{.limit = cards}));
        std::vector<card_change> changes;
        for (const auto& c : all) changes.push_back({c.id, c.version, c.twin, due, c.is});
        must(tx->save_cards(changes));
        must(tx->commit());
        return rows;
    };
    auto empty = [&](const std::vector<outbox_row>& rows) {
        auto tx = must(state->begin());
        std::vector<std::int64_t> seqs;
        for (const auto& r : rows) seqs.push_back(r.seq);
        must(tx->remove_outbox(seqs));
        auto all = must(tx->list_cards(card_filter{.limit = cards}));
        std::vector<card_change> changes;
        for (const auto& c : all) changes.push_back({c.id, c.version, c.twin, std::nullopt, c.is});
        must(tx->save_cards(changes));
        must(tx->commit());
    };
    {
        auto tx = must(state->begin());
        std::vector<card_row> rows(cards);
        for (std::size_t i = 0; i < cards; ++i)
            rows[i] = a_card(std::to_string(894900000000000000 + static_cast<std::int64_t>(i)));
        must(tx->insert_cards(rows));
        must(tx->commit());
    }
    empty(fill(when));
    auto& cluster = postgres_cluster::shared();
    for (const auto* table : {"outbox", "card_due", "orphan_receipt"})
        cluster.run(home.name(), std::string("VACUUM (ANALYZE, TRUNCATE FALSE) otagw.") + table);
    const auto rows = fill(when + std::chrono::hours(1));
    const auto looked_up =
        [&](const std::string& table) {  // how often a key was looked for; one scan of a whole index counts as one
            const auto said = cluster.run(
                home.name(), "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE relname = '" + table + "'");
            return std::stoul(said);
        };
    const auto of_outbox = looked_up("outbox"), of_due = looked_up("card_due");
    empty(rows);
    state.reset();  // what it did is counted now
    EXPECT_GE(looked_up("outbox"), of_outbox + cards);
    EXPECT_GE(looked_up("card_due"), of_due + cards);
}

TEST_F(postgres_weeks, are_made_for_what_is_copied) {
    folder here;
    auto from = must(open_sqlite({.path = here.path("from.db")}));
    id_source ids{1};
    for (int age = 35; age >= 0; age -= 7) live(*from, ids, now() - days(age), std::to_string(age), now() - days(age));
    must(copy(*from, *store_, {}));
    EXPECT_EQ(rows_in("history"), "6");
    EXPECT_EQ(rows_in("history_rest"), "0");
    EXPECT_EQ(rows_in("event_end_rest"), "0");
}

}  // namespace ota::store
