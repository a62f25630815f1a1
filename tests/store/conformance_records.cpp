#include "tests/store/conformance.hpp"

namespace ota::store {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

namespace {

submission_row a_submission(std::int64_t packet, std::string message_id, wall_time when, std::string route = "a") {
    return {packet, 0, 0, 7, std::move(route), std::move(message_id), when};
}

std::vector<std::int64_t> seqs_of(const std::vector<history_row>& rows) {
    std::vector<std::int64_t> all;
    for (const auto& r : rows) all.push_back(r.seq);
    return all;
}

}  // namespace

TEST_P(store_conformance, gives_back_the_submissions_of_a_packet) {
    submission_row second{10, 1, 2, 7, "route-b", "ABC", at(5), 3, at(6)};
    committed([&](transaction& tx) {
        must(tx.insert_submissions(std::vector{second, a_submission(10, "", at(4)), a_submission(11, "x", at(4))}));
    });
    reopen();
    auto tx = begin();
    const auto rows = must(tx->submissions_of(10));
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].segment, 0);
    EXPECT_EQ(rows[0].message_id, "");
    EXPECT_EQ(rows[0].receipt, 0);
    EXPECT_EQ(rows[0].receipt_at, wall_time{});
    const std::int64_t packets[] = {11, 12, 10};
    std::vector<std::pair<std::int64_t, int>> found;
    for (const auto& row : must(tx->submissions_of(packets))) found.emplace_back(row.packet, row.segment);
    EXPECT_THAT(found, ElementsAre(Pair(10, 0), Pair(10, 1), Pair(11, 0)));
    EXPECT_THAT(must(tx->submissions_of(std::span<const std::int64_t>())), IsEmpty());
    EXPECT_EQ(rows[1].segment, 1);
    EXPECT_EQ(rows[1].attempt, 2);
    EXPECT_EQ(rows[1].card, 7);
    EXPECT_EQ(rows[1].route, "route-b");
    EXPECT_EQ(rows[1].message_id, "ABC");
    EXPECT_EQ(rows[1].at, at(5));
    EXPECT_EQ(rows[1].receipt, 3);
    EXPECT_EQ(rows[1].receipt_at, at(6));
    EXPECT_EQ(error_of(tx->insert_submissions(std::vector{second})), make_error_code(errc::duplicate));
}

TEST_P(store_conformance, marks_the_newest_submission_with_a_message_id) {  // R21: message ids recycle
    committed([&](transaction& tx) {
        must(tx.insert_submissions(std::vector{a_submission(12, "1", at(200)), a_submission(11, "1", at(300)),
                                               a_submission(13, "1", at(100)), a_submission(14, "1", at(400), "b")}));
    });
    committed([&](transaction& tx) {
        const auto rows =
            must(tx.mark_receipts(std::vector<receipt_mark>{{"a", "1", 2, at(500)}, {"a", "", 2, at(500)}}));
        EXPECT_EQ(rows[0]->packet, 11);
        EXPECT_EQ(rows[0]->receipt, 2);
        EXPECT_EQ(rows[0]->receipt_at, at(500));
        EXPECT_FALSE(rows[1]) << "no id names no submission";
    });
    auto tx = begin();
    EXPECT_EQ(must(tx->submissions_of(11)).front().receipt, 2);
    EXPECT_EQ(must(tx->submissions_of(12)).front().receipt, 0);
    EXPECT_EQ(must(tx->submissions_of(14)).front().receipt, 0);
}

TEST_P(store_conformance, keeps_a_receipt_that_comes_before_its_submission) {
    committed([&](transaction& tx) {
        const auto rows =
            must(tx.mark_receipts(std::vector<receipt_mark>{{"a", "early", 1, at(90)}, {"a", "early", 2, at(100)}}));
        EXPECT_FALSE(rows[0] || rows[1]);
    });
    reopen();
    committed([&](transaction& tx) {
        must(tx.insert_submissions(std::vector{a_submission(1, "early", at(101), "b"),
                                               a_submission(2, "early", at(101)), a_submission(3, "early", at(102))}));
    });
    auto tx = begin();
    EXPECT_EQ(must(tx->submissions_of(1)).front().receipt, 0) << "of another route";
    EXPECT_EQ(must(tx->submissions_of(2)).front().receipt, 2);
    EXPECT_EQ(must(tx->submissions_of(2)).front().receipt_at, at(100));
    EXPECT_EQ(must(tx->submissions_of(3)).front().receipt, 0) << "it was used up";
}

TEST_P(store_conformance, does_not_give_an_old_stray_receipt_to_a_new_submission) {
    committed([&](transaction& tx) { must(tx.mark_receipts(std::vector<receipt_mark>{{"a", "1", 2, at(100)}})); });
    auto tx = begin();
    must(tx->insert_submissions(std::vector{a_submission(2, "1", at(100) + std::chrono::hours(24))}));
    EXPECT_EQ(must(tx->submissions_of(2)).front().receipt, 0);
}

TEST_P(store_conformance, follows_the_history_chain_backwards) {
    committed([&](transaction& tx) {
        must(tx.append_history(std::vector<history_row>{
            {1, 7, 0, at(1), R"({"a":1})"}, {2, 8, 0, at(2), "{}"}, {3, 7, 1, at(3), "{}"}, {4, 7, 3, at(4), "{}"}}));
    });
    auto tx = begin();
    const auto rows = must(tx->history(4, 10));
    EXPECT_THAT(seqs_of(rows), ElementsAre(4, 3, 1));
    EXPECT_EQ(rows[2].what, R"({"a":1})");
    EXPECT_EQ(rows[2].card, 7);
    EXPECT_EQ(rows[2].at, at(1));
    EXPECT_THAT(seqs_of(must(tx->history(4, 2))), ElementsAre(4, 3));
    EXPECT_THAT(must(tx->history(0, 10)), IsEmpty());
    EXPECT_THAT(must(tx->history(99, 10)), IsEmpty());
}

TEST_P(store_conformance, erases_what_remains_of_a_card_and_of_no_other) {
    auto gone = insert(a_card("8949000000000000018", "491700000001", at(10)));
    auto stays = insert(a_card("8949000000000000026", "491700000002", at(10)));
    committed([&](transaction& tx) {
        auto moved = gone;
        moved.msisdn = "491700000003";
        moved.msisdn_since = at(20);
        must(tx.update_cards(std::vector{moved}));
        must(tx.append_history(std::vector<history_row>{
            {1, gone.id, 0, at(1), "{}"}, {2, stays.id, 0, at(2), "{}"}, {3, gone.id, 1, at(3), "{}"}}));
        must(tx.insert_submissions(
            std::vector<submission_row>{{50, 0, 0, gone.id, "a", "m", at(1)}, {51, 0, 0, stays.id, "a", "n", at(1)}}));
        must(tx.save_account({gone.id, "./DMAcc", "client", "IMEI:1", "", ""}));
        must(tx.save_account({stays.id, "./DMAcc", "other", "IMEI:2", "", ""}));
    });
    auto emptied = card(gone.id);
    committed([&](transaction& tx) {
        emptied.msisdn.clear();
        emptied.sealed_keys.clear();
        emptied.twin.clear();
        emptied.is = standing::erased;
        must(tx.update_cards(std::vector{emptied}));
        must(tx.erase({gone.id, {1, 2, 3}, {50, 51}}));
    });
    reopen();
    auto tx = begin();
    EXPECT_THAT(must(tx->history(3, 10)), IsEmpty());
    EXPECT_THAT(seqs_of(must(tx->history(2, 10))), ElementsAre(2)) << "another card's";
    EXPECT_THAT(must(tx->submissions_of(50)), IsEmpty());
    EXPECT_EQ(must(tx->submissions_of(51)).size(), 1u);
    EXPECT_THAT(must(tx->accounts_of(gone.id)), IsEmpty());
    EXPECT_EQ(must(tx->accounts_of(stays.id)).size(), 1u);
    const std::string numbers[] = {"491700000001", "491700000003", "491700000002"};
    const auto holders = must(tx->holders_of(numbers));
    EXPECT_THAT(holders[0], IsEmpty());
    EXPECT_THAT(holders[1], IsEmpty());
    EXPECT_THAT(holders[2], ElementsAre(stays.id));
    const card_id ids[] = {gone.id};
    const auto rows = must(tx->cards_by_id(ids));
    ASSERT_TRUE(rows.front());
    EXPECT_EQ(rows.front()->is, standing::erased);
    EXPECT_EQ(rows.front()->iccid, gone.iccid);
    EXPECT_TRUE(rows.front()->sealed_keys.empty());
}

TEST_P(store_conformance, keeps_the_outbox_until_it_is_removed) {
    committed([&](transaction& tx) {
        must(tx.append_outbox(
            std::vector<outbox_row>{{10, "t", "k", std::string("v\0w", 3)}, {20, "u", "", ""}, {30, "t", "k", "x"}}));
    });
    reopen();
    committed([&](transaction& tx) {
        const auto rows = must(tx.outbox(0, 2));
        ASSERT_EQ(rows.size(), 2u);
        EXPECT_EQ(rows[0].seq, 10);
        EXPECT_EQ(rows[0].topic, "t");
        EXPECT_EQ(rows[0].key, "k");
        EXPECT_EQ(rows[0].value, std::string("v\0w", 3));
        must(tx.append_outbox(std::vector<outbox_row>{{15, "t", "k", "from another process"}}));
        must(tx.remove_outbox(std::vector<std::int64_t>{10, 20, 99}));
    });
    auto tx = begin();
    const auto rows = must(tx->outbox(0, 10));
    ASSERT_EQ(rows.size(), 2u);
    // Which of the two comes first is the store's: they are of different transactions and of no card.
    EXPECT_EQ(rows[0].seq + rows[1].seq, 45);
    ASSERT_EQ(must(tx->outbox(rows[0].seq, 10)).size(), 1u);
    EXPECT_EQ(must(tx->outbox(rows[0].seq, 10)).front().seq, rows[1].seq);
    EXPECT_EQ(must(tx->count()).outbox, 2);
    EXPECT_EQ(error_of(tx->append_outbox(std::vector<outbox_row>{{30, "t", "k", "v"}})),
              make_error_code(errc::duplicate));
}

TEST_P(store_conformance, gives_the_outbox_by_shards_and_without_some_topics) {
    std::vector<outbox_row> rows;
    for (std::int64_t i = 1; i <= 200; ++i)
        rows.push_back({i, i % 2 == 0 ? "even" : "odd", "key" + std::to_string(i % 50), "v"});
    committed([&](transaction& tx) { must(tx.append_outbox(rows)); });
    auto tx = begin();
    std::set<std::int64_t> seen;
    for (unsigned shard = 0; shard < outbox_shards; ++shard) {
        std::int64_t last = 0;
        for (const auto& row : must(tx->outbox_of(shard_set{1} << shard, {}, 1000))) {
            EXPECT_EQ(shard_of(row.key), shard);
            EXPECT_GT(row.seq, last) << "in order";
            last = row.seq;
            EXPECT_TRUE(seen.insert(row.seq).second);
        }
    }
    EXPECT_EQ(seen.size(), 200u);
    EXPECT_EQ(must(tx->outbox_of(all_shards, {}, 7)).size(), 7u);
    EXPECT_EQ(must(tx->outbox_of(0, {}, 7)).size(), 0u);
    const std::vector<std::string> without{"even"};
    const auto odd = must(tx->outbox_of(all_shards, without, 1000));
    EXPECT_EQ(odd.size(), 100u);
    EXPECT_EQ(odd.back().topic, "odd");
}

TEST_P(store_conformance, moves_an_offset_only_from_where_it_stands) {
    committed([&](transaction& tx) {
        EXPECT_FALSE(must(tx.source_offset("topic", 0)));
        EXPECT_EQ(error_of(tx.move_offset("topic", 0, 5, {6, 0})), make_error_code(errc::conflict));
        must(tx.move_offset("topic", 0, {}, {6, ~0ull}));
        must(tx.move_offset("topic", 1, {}, {60, 7}));
    });
    reopen();
    committed([&](transaction& tx) {
        EXPECT_EQ(error_of(tx.move_offset("topic", 0, {}, {7, 0})), make_error_code(errc::conflict));
        EXPECT_EQ(error_of(tx.move_offset("topic", 0, 5, {7, 0})), make_error_code(errc::conflict));
        must(tx.move_offset("topic", 0, 6, {9, 0x8000000000000001}));
    });
    auto tx = begin();
    EXPECT_EQ(must(tx->source_offset("topic", 0)), (source_position{9, 0x8000000000000001}));
    EXPECT_EQ(must(tx->source_offset("topic", 1)), (source_position{60, 7}));
    EXPECT_FALSE(must(tx->source_offset("other", 0)));
}

TEST_P(store_conformance, tells_the_highest_id_of_any_kind) {
    EXPECT_EQ(must(begin()->newest_id()), 0);
    committed([&](transaction& tx) { must(tx.append_outbox(std::vector{outbox_row{41, "topic", "key", "value"}})); });
    EXPECT_EQ(must(begin()->newest_id()), 41);
    committed([&](transaction& tx) { must(tx.append_history(std::vector{history_row{57, 1, 0, at(1), "{}"}})); });
    EXPECT_EQ(must(begin()->newest_id()), 57);
    committed([&](transaction& tx) { must(tx.insert_submissions(std::vector{a_submission(99, "x", at(2))})); });
    EXPECT_EQ(must(begin()->newest_id()), 99);
}

TEST_P(store_conformance, keeps_named_values) {
    committed([&](transaction& tx) {
        must(tx.set_value("paused/a", "1"));
        must(tx.set_value("paused/b", ""));
        must(tx.set_value("pausedx", "3"));
        must(tx.set_value("paused/a", "2"));
        must(tx.set_value("gone", "1"));
        must(tx.set_value("gone", {}));
        must(tx.set_value("never", {}));
    });
    reopen();
    auto tx = begin();
    EXPECT_EQ(must(tx->value("paused/a")), "2");
    EXPECT_EQ(must(tx->value("paused/b")), "");
    EXPECT_FALSE(must(tx->value("gone")));
    EXPECT_THAT(must(tx->values("paused/")), ElementsAre(Pair("paused/a", "2"), Pair("paused/b", "")));
    EXPECT_THAT(must(tx->values("")), testing::SizeIs(3));
}

TEST_P(store_conformance, finds_accounts_by_client_name_by_device_and_by_card) {
    device_account first{7, "./DMAcc/A", "client", "", std::string("\0n", 2), "s"};
    const device_account second{8, "./DMAcc/A", "client", "IMEI:1", "", ""};
    committed([&](transaction& tx) {
        must(tx.save_account(first));
        must(tx.save_account(second));
        must(tx.save_account({8, "./DMAcc/B", "other", "", "", ""}));
    });
    reopen();
    auto tx = begin();
    EXPECT_THAT(must(tx->accounts_named("client")), ElementsAre(first, second));
    EXPECT_THAT(must(tx->accounts_named("nobody")), IsEmpty());
    EXPECT_THAT(must(tx->accounts_of_device("IMEI:1")), ElementsAre(second));
    EXPECT_THAT(must(tx->accounts_of_device("")), IsEmpty());
    EXPECT_EQ(must(tx->accounts_of(8)).size(), 2u);
    first.client_name = "renamed";
    must(tx->save_account(first));
    must(tx->drop_account(8, "./DMAcc/A"));
    EXPECT_THAT(must(tx->accounts_named("client")), IsEmpty());
    EXPECT_THAT(must(tx->accounts_of(7)), ElementsAre(first));
}

TEST_P(store_conformance, keeps_the_last_later_status_of_an_event_until_it_is_pruned) {
    committed([&](transaction& tx) {
        must(tx.save_later_states(std::vector{later_state{5, 1, 0, at(100)}, later_state{6, 2, 0, at(300)}}));
        must(tx.save_later_states(std::vector{later_state{5, 3, 1, at(200)}}));
    });
    reopen();
    const std::vector<event_seq> asked{6, 4, 5};
    {
        auto tx = begin();
        const auto found = must(tx->later_states(asked));
        ASSERT_EQ(found.size(), 3u);
        EXPECT_EQ(found[0]->state, 2);
        EXPECT_FALSE(found[1]);
        EXPECT_EQ(found[2]->state, 3);
        EXPECT_EQ(found[2]->sequence, 1u);
        EXPECT_EQ(found[2]->at, at(200));
    }
    committed([&](transaction& tx) { must(tx.prune(at(250), 100)); });
    auto tx = begin();
    const auto left = must(tx->later_states(asked));
    EXPECT_TRUE(left[0]);
    EXPECT_FALSE(left[2]);
}

}  // namespace ota::store
