#include "gateway/store/sqlite.hpp"
#include "tests/store/conformance.hpp"
#include "tests/store/sqlite_home.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <random>

/// Two programs on one file. The indices that each mirrors in memory must follow what the other one writes.
namespace ota::store {

namespace {

constexpr sqlite_tuning restless{
    .page_size = 1024, .checkpoint_pages = 20, .held_back_entries = 9, .in_place_cards = 4, .left_behind_cards = 3};

std::unique_ptr<store> opened(const std::string& path, bool exclusive) {
    return must(open_sqlite({.path = path,
                             .cache_bytes = 1u << 20,
                             .busy_timeout = std::chrono::seconds(20),
                             .exclusive = exclusive,
                             .tuning = restless}));
}

std::vector<card_row> some_cards(std::size_t many) {
    std::vector<card_row> cards;
    for (std::size_t i = 0; i < many; ++i) cards.push_back(a_card(std::to_string(8988303000000000000ull + i)));
    return cards;
}

/// Adds one to the number in the card's twin.
void count_up(transaction& tx, card_id id) {
    const auto card = must(tx.cards_by_id(std::vector{id})).front().value();
    const auto next = std::to_string(std::stoi(std::string(wire::as_text(card.twin))) + 1);
    const auto due = card.due ? std::nullopt : std::optional(at(card.version));
    must(tx.save_cards(std::vector{card_change{id, card.version, octets(next), due, card.is}}));
}

}  // namespace

TEST(sqlite_beside, follows_what_the_other_program_wrote) {
    folder folder;
    const auto path = folder.path("store.db");
    const std::unique_ptr<store> programs[] = {opened(path, true), opened(path, false)};
    auto cards = some_cards(40);
    for (auto& c : cards) c.twin = octets("0");
    {
        auto tx = must(programs[0]->begin());
        must(tx->insert_cards(cards));
        must(tx->commit());
    }
    std::mt19937 random(3);
    std::vector<int> model(cards.size(), 0);
    event_seq seq = 0;
    std::vector<event_seq> events;
    for (int turn = 0; turn < 400; ++turn) {
        auto tx = must(programs[random() % 2]->begin());
        const auto which = random() % cards.size();
        count_up(*tx, cards[which].id);
        ++seq;
        must(tx->insert_events(std::vector{an_event(seq, std::to_string(seq))}));
        if (!events.empty()) {
            const auto old = std::to_string(events[random() % events.size()]);
            EXPECT_TRUE(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", old}})).front()) << old;
            EXPECT_EQ(error_of(tx->insert_events(std::vector{an_event(seq + 1, old)})),
                      make_error_code(errc::duplicate));
        }
        if (random() % 5 == 0) continue;  // rolled back
        must(tx->commit());
        ++model[which];
        events.push_back(seq);
    }
    for (const auto& program : programs) {
        auto tx = must(program->begin());
        for (std::size_t i = 0; i < cards.size(); ++i)
            EXPECT_EQ(must(tx->cards_by_id(std::vector{cards[i].id})).front()->twin, octets(std::to_string(model[i])));
        EXPECT_EQ(must(tx->count()).open_events, static_cast<std::int64_t>(events.size()));
    }
}

TEST(sqlite_beside, loses_no_update_of_two_processes) {  // R5
    folder folder;
    const auto path = folder.path("store.db");
    constexpr int turns = 200;
    card_row card = a_card("8988303000000000017");
    card.twin = octets("0");
    {
        const auto st = opened(path, true);
        auto tx = must(st->begin());
        must(tx->insert_cards({&card, 1}));
        must(tx->commit());
    }
    const auto work = [&](bool gateway) {
        const auto st = opened(path, gateway);
        for (int i = 0; i < turns; ++i) {
            auto tx = must(st->begin());
            count_up(*tx, card.id);
            must(tx->commit());
        }
    };
    const auto tool = ::fork();
    ASSERT_GE(tool, 0);
    if (tool == 0) {
        try {
            work(false);
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    work(true);
    int status = -1;
    ASSERT_EQ(::waitpid(tool, &status, 0), tool);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    const auto st = opened(path, true);
    auto tx = must(st->begin());
    EXPECT_EQ(must(tx->cards_by_id(std::vector{card.id})).front()->twin, octets(std::to_string(2 * turns)));
    EXPECT_EQ(st->commits(), 2u * turns + 1);
}

TEST(sqlite_beside, keeps_every_commit_of_a_process_that_was_killed) {
    folder folder;
    const auto path = folder.path("store.db");
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const auto gateway = ::fork();
    ASSERT_GE(gateway, 0);
    if (gateway == 0) {
        const auto st = opened(path, true);
        for (std::uint32_t i = 1;; ++i) {
            auto tx = must(st->begin());
            must(tx->set_value("turn", std::to_string(i)));
            must(tx->insert_events(std::vector{an_event(i, std::to_string(i))}));
            must(tx->commit());
            if (::write(told[1], &i, sizeof i) != sizeof i) ::_exit(1);
        }
    }
    std::uint32_t last = 0;
    while (last < 300) ASSERT_EQ(::read(told[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
    ::kill(gateway, SIGKILL);
    ::waitpid(gateway, nullptr, 0);
    ::close(told[1]);
    while (::read(told[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last)) {
    }
    ::close(told[0]);
    const auto st = opened(path, true);
    auto tx = must(st->begin());
    const auto turn = std::stol(must(tx->value("turn")).value());
    EXPECT_GE(turn, last);
    EXPECT_LE(turn, last + 1l);
    EXPECT_EQ(must(tx->count()).open_events, turn);
    EXPECT_TRUE(must(tx->find_events(std::vector<event_key>{{"urn:dm:a", std::to_string(turn)}})).front());
}

}  // namespace ota::store
