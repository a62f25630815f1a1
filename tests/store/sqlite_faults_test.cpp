#include "gateway/store/sqlite.hpp"
#include "tests/store/conformance.hpp"
#include "tests/store/faulty_vfs.hpp"
#include "tests/store/sqlite_home.hpp"

/// The disk fills up or fails at the n-th operation, for every n: each transaction is there as a whole or not at all.
namespace ota::store {

namespace {

constexpr int turns = 12;
constexpr std::size_t many = 25;

std::unique_ptr<store> opened(const std::string& path) {
    constexpr sqlite_tuning restless{
        .page_size = 1024, .checkpoint_pages = 25, .held_back_entries = 9, .in_place_cards = 4, .left_behind_cards = 3};
    // A cache of the smallest size spills into the log before the commit.
    return must(open_sqlite({.path = path, .cache_bytes = 1, .exclusive = true, .tuning = restless}));
}

std::vector<card_id> all_cards() {
    std::vector<card_id> ids;
    for (std::size_t i = 1; i <= many; ++i) ids.push_back(static_cast<card_id>(i));
    return ids;
}

void make_store(const std::string& path) {
    const auto st = opened(path);
    auto tx = must(st->begin());
    std::vector<card_row> cards;
    for (std::size_t i = 0; i < many; ++i) {
        cards.push_back(a_card(std::to_string(8988303000000000000ull + i)));
        cards.back().twin = octets("0");
    }
    must(tx->insert_cards(cards));
    must(tx->set_value("turn", "0"));
    must(tx->commit());
}

/// One turn: every second card, two events (one is closed), submissions, receipts, history and outbox.
wire::result<void> take_turn(store& st, int turn) {
    OTA_TRY(auto tx, st.begin());
    OTA_TRY(const auto cards, tx->cards_by_id(all_cards()));
    std::vector<card_change> changes;
    for (const auto& card : cards) {
        const auto due = (card->id + turn) % 2 == 0 ? std::optional(at(turn)) : std::nullopt;
        changes.push_back({card->id, card->version, octets(std::to_string(turn)), due, card->is});
    }
    OTA_TRY(tx->save_cards(changes));
    const event_seq seq = turn * 2;
    const auto name = std::to_string(turn);
    OTA_TRY(tx->insert_events(std::vector{an_event(seq, name + "a"), an_event(seq + 1, name + "b")}));
    OTA_TRY(tx->close_events(std::vector<event_close>{{seq, 2, "superseded", "by another", at(turn)}}));
    OTA_TRY(tx->insert_submissions(std::vector<submission_row>{{turn, 0, 0, 1, "r", name, at(turn)}}));
    OTA_TRY(tx->mark_receipts(std::vector<receipt_mark>{{"r", name, 2, at(turn)}}));
    OTA_TRY(tx->append_history(std::vector<history_row>{{turn, 1, turn - 1, at(turn), "{}"}}));
    OTA_TRY(tx->append_outbox(std::vector<outbox_row>{{turn, "t", "k", std::string(300, 'v')}}));
    OTA_TRY(tx->set_value("turn", name));
    return tx->commit();
}

/// The last turn that the store has, after checking that it has all of it and nothing of the next one.
int whole_turn_of(store& st) {
    auto tx = must(st.begin());
    const int turn = std::stoi(must(tx->value("turn")).value());
    for (const auto& card : must(tx->cards_by_id(all_cards()))) {
        EXPECT_EQ(card->twin, octets(std::to_string(turn)));
        EXPECT_EQ(card->version, static_cast<std::uint64_t>(turn) + 1);
    }
    for (int t = 1; t <= turns; ++t) {
        const bool there = t <= turn;
        const auto name = std::to_string(t);
        const auto a = name + "a", b = name + "b";
        const auto events = must(tx->find_events(std::vector<event_key>{{"urn:dm:a", a}, {"urn:dm:a", b}}));
        EXPECT_EQ(events[0] && events[0]->state == 2, there) << t;
        EXPECT_EQ(events[1] && events[1]->state == 0, there) << t;
        const auto submissions = must(tx->submissions_of(t));
        EXPECT_EQ(submissions.size() == 1 && submissions.front().receipt == 2, there) << t;
    }
    EXPECT_EQ(must(tx->history(turn, 100)).size(), static_cast<std::size_t>(turn));
    EXPECT_EQ(must(tx->outbox(0, 100)).size(), static_cast<std::size_t>(turn));
    const auto now = must(tx->count());
    EXPECT_EQ(now.cards, static_cast<std::int64_t>(many));
    EXPECT_EQ(now.open_events, turn);
    EXPECT_EQ(now.outbox, turn);
    return turn;
}

/// Turns until one fails; the number of those that were committed.
int take_turns(store& st, int from, std::error_code& why) {
    for (int turn = from; turn <= turns; ++turn)
        if (const auto done = take_turn(st, turn); !done) {
            why = done.error();
            return turn - 1;
        }
    return turns;
}

class sqlite_faults : public testing::Test {
protected:
    sqlite_faults() { make_store(base); }

    std::string fresh_copy() const {
        const auto path = folder_.path("store.db");
        for (const char* end : {"-wal", "-shm", ".witness"}) std::filesystem::remove(path + end);
        std::filesystem::copy_file(base, path, std::filesystem::copy_options::overwrite_existing);
        return path;
    }

    faulty_vfs vfs;
    folder folder_;
    std::string base = folder_.path("base.db");
};

}  // namespace

TEST_F(sqlite_faults, goes_on_when_a_full_disk_has_room_again) {
    int n = 1;
    for (bool struck = true; struck; ++n) {
        const auto path = fresh_copy();
        auto st = opened(path);
        vfs.fail_from(n, faulty_vfs::fault::disk_full);
        std::error_code why;
        const int committed = take_turns(*st, 1, why);
        struck = vfs.struck();
        EXPECT_TRUE(committed == turns || why == make_error_code(errc::full))
            << "at write " << n << ": " << why.message();
        vfs.heal();
        EXPECT_EQ(whole_turn_of(*st), committed) << "at write " << n;
        why.clear();
        EXPECT_EQ(take_turns(*st, committed + 1, why), turns) << "at write " << n << ": " << why.message();
        st.reset();
        EXPECT_EQ(whole_turn_of(*opened(path)), turns) << "at write " << n;
        if (testing::Test::HasFailure()) break;
    }
    EXPECT_GT(n, 100) << "the disk was full at too few places";
    RecordProperty("places", n);
}

TEST_F(sqlite_faults, fails_safely_when_the_disk_fails_and_has_every_commit_when_opened_anew) {
    int n = 1;
    for (bool struck = true; struck; ++n) {
        const auto path = fresh_copy();
        auto st = opened(path);
        vfs.fail_from(n, faulty_vfs::fault::disk_error);
        std::error_code why;
        const int committed = take_turns(*st, 1, why);
        struck = vfs.struck();
        if (struck) {
            EXPECT_EQ(error_of(st->begin()), make_error_code(errc::io))
                << "a store with a failed disk takes nothing in";
        }
        st.reset();  // while the disk still fails
        vfs.heal();
        auto again = opened(path);
        const int found = whole_turn_of(*again);
        EXPECT_GE(found, committed) << "at operation " << n << ": a commit was lost";
        EXPECT_LE(found, committed + 1) << "at operation " << n;
        why.clear();
        EXPECT_EQ(take_turns(*again, found + 1, why), turns) << why.message();
        if (testing::Test::HasFailure()) break;
    }
    EXPECT_GT(n, 100) << "the disk failed at too few places";
    RecordProperty("places", n);
}

}  // namespace ota::store
