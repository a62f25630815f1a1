#include "tests/cat_tp/two_links.hpp"

#include <gtest/gtest.h>

#include <iostream>

// Two links over a line with faults: every SDU arrives once, in order, whole; or the link ends and says why.
namespace ota::cat_tp {
namespace {

using namespace std::chrono_literals;

/// Everything about a run comes from its seed.
struct run {
    two_links both;
    std::mt19937_64 random;
    std::vector<wire::octets> said[2];
    std::size_t window[2] = {};

    run(weather w, std::uint64_t seed, std::uint8_t retries, std::size_t sdus) : both(w, seed), random(seed) {
        for (int end = 0; end < 2; ++end) {
            auto& owner = end == 0 ? both.card() : both.server();
            owner.settings.max_pdu =
                static_cast<std::uint16_t>(random() % 3 == 0 ? 23 + random() % 60 : 200 + random() % 1200);
            owner.settings.window = static_cast<std::uint16_t>(1 + random() % 12);
            owner.settings.retries = owner.settings.set_up_retries = retries;
            if (retries > 10) {  // then only loss may end it: waits of a minute are no idleness, and nobody is given up
                owner.settings.idle = 2h;
                owner.settings.stalled = 0ms;
            }
            window[end] = owner.settings.window;
            for (std::size_t i = 0; i < sdus; ++i) {
                wire::octets sdu(1 + random() % (owner.settings.max_pdu < 100 ? 300 : 5000));
                for (auto& octet : sdu) octet = static_cast<std::uint8_t>(random());
                said[end].push_back(sdu);
                owner.waiting.push_back(std::move(sdu));
            }
        }
        both.connect(static_cast<std::uint16_t>(65536 - random() % 40),
                     static_cast<std::uint16_t>(65536 - random() % 40));
    }

    bool said_all(int end) {
        return (end == 0 ? both.card() : both.server()).log.acknowledged.size() == said[end].size();
    }

    void play() {
        both.run_until([&] { return (said_all(0) && said_all(1)) || both.both_over(); });
        both.close(static_cast<int>(random() % 2));
        both.run_until([&] { return both.both_over(); });
    }

    /// Whether all was said and heard; checks the rest.
    bool judge() {
        EXPECT_TRUE(both.both_over());
        bool whole = true;
        for (int end = 0; end < 2; ++end) {
            auto& speaker = end == 0 ? both.card() : both.server();
            auto& hearer = end == 0 ? both.server() : both.card();
            const auto& heard = hearer.log.sdus;
            EXPECT_LE(heard.size(), said[end].size()) << "twice";
            EXPECT_TRUE(std::equal(heard.begin(), heard.end(), said[end].begin())) << "out of order, or not whole";
            EXPECT_LE(speaker.log.acknowledged.size(), heard.size()) << "acknowledged, not delivered";
            for (std::size_t i = 0; i < speaker.log.acknowledged.size(); ++i)
                EXPECT_EQ(speaker.log.acknowledged[i], i + 1);
            EXPECT_LE(speaker.log.most_held, window[end]);
            EXPECT_EQ(speaker.log.events_after_end, 0u);
            EXPECT_LE(speaker.log.ends.size(), std::max(1u, speaker.log.openings + 1));
            const bool all = heard.size() == said[end].size();
            if (!all) {
                EXPECT_FALSE(both.card().log.ends.empty()) << "lost, and nobody said why";
            }
            whole = whole && all;
        }
        return whole;
    }
};

struct tally {
    strikes faults;
    int whole = 0, runs = 0;
};

tally play_all(weather w, std::uint64_t seed, int runs, std::uint8_t retries, std::size_t sdus = 12) {
    tally out;
    for (int i = 0; i < runs; ++i, ++out.runs) {
        SCOPED_TRACE("seed " + std::to_string(seed + static_cast<unsigned>(i)));
        run one(w, seed + static_cast<unsigned>(i), retries, sdus);
        one.play();
        out.whole += one.judge() ? 1 : 0;
        out.faults += one.both.line.count();
        if (::testing::Test::HasFailure()) break;
    }
    return out;
}

void print(std::string_view what, const tally& t) {
    std::cout << what << ": " << t.whole << " of " << t.runs << " whole; " << t.faults.sent << " datagrams, "
              << t.faults.lost << " lost, " << t.faults.duplicated << " duplicated, " << t.faults.reordered
              << " reordered, " << t.faults.corrupted << " corrupted\n";
}

std::uint64_t some_seed() {
    const std::uint64_t seed = std::random_device()();
    std::cout << "seed " << seed << '\n';
    return seed;
}

}  // namespace

TEST(cat_tp_rough_line, each_fault_alone_loses_nothing) {
    const auto seed = some_seed();
    const auto loss = play_all({.loss = 0.15}, seed, 25, 30);
    print("loss", loss);
    EXPECT_EQ(loss.whole, loss.runs);
    EXPECT_GT(loss.faults.lost, 0u);
    const auto duplication = play_all({.duplication = 0.3}, seed, 25, 5);
    print("duplication", duplication);
    EXPECT_EQ(duplication.whole, duplication.runs);
    EXPECT_GT(duplication.faults.duplicated, 0u);
    const auto reordering = play_all({.reordering = 0.3}, seed, 25, 5);
    print("reordering", reordering);
    EXPECT_EQ(reordering.whole, reordering.runs);
    EXPECT_GT(reordering.faults.reordered, 0u);
    const auto corruption = play_all({.corruption = 0.15}, seed, 25, 30);
    print("corruption", corruption);
    EXPECT_EQ(corruption.whole, corruption.runs);
    EXPECT_GT(corruption.faults.corrupted, 0u);
}

TEST(cat_tp_rough_line, all_faults_together_at_0_to_30_percent_lose_nothing_in_silence) {
    const auto seed = some_seed();
    strikes all;
    for (const double share : {0.0, 0.05, 0.1, 0.2, 0.3}) {
        const auto t =
            play_all({.loss = share, .duplication = share, .reordering = share, .corruption = share}, seed, 30, 5);
        print(std::to_string(static_cast<int>(share * 100 + 0.5)) + " %", t);
        if (share == 0) {
            EXPECT_EQ(t.whole, t.runs);
        }
        all += t.faults;
    }
    EXPECT_GT(all.lost, 0u);
    EXPECT_GT(all.duplicated, 0u);
    EXPECT_GT(all.reordered, 0u);
    EXPECT_GT(all.corrupted, 0u);
}

TEST(cat_tp_rough_line, patience_enough_gets_everything_through_at_30_percent) {
    const auto t =
        play_all({.loss = 0.3, .duplication = 0.3, .reordering = 0.3, .corruption = 0.3}, some_seed(), 10, 100, 4);
    print("30 %, 100 tries", t);
    EXPECT_EQ(t.whole, t.runs);
}

TEST(cat_tp_rough_line, a_large_sdu_crosses_the_end_of_the_numbers) {
    two_links both({.loss = 0.05, .reordering = 0.05}, some_seed());
    both.card().settings.retries = both.server().settings.retries = 30;
    wire::octets large(65535);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    both.card().settings.max_pdu = 60;
    for (int i = 0; i < 3; ++i) both.server().waiting.push_back(large);
    both.connect(1, 64000);
    ASSERT_TRUE(both.run_until([&] { return both.card().log.sdus.size() == 3; }));
    for (const auto& each : both.card().log.sdus) EXPECT_EQ(each, large);
    EXPECT_LE(both.card().log.most_memory, sizeof(link) + 10 * (1400 + 64) + 2 * 65535u)
        << "a window of PDUs and one SDU";
}

}  // namespace ota::cat_tp
