#include "tests/flow/bad_day.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace ota::simulation {
namespace {

std::uint64_t seeds() {
    const char* text = std::getenv("OTAGW_SEEDS");
    if (text != nullptr) return std::strtoull(text, nullptr, 10);
    return std::getenv("OTAGW_LONG") != nullptr ? 1000 : 40;
}

/// Runs many seeds; every rule holds after each, and every kind of mishap struck at least once over all of them.
void run_suite(std::uint8_t spi1, std::uint8_t spi2, std::uint64_t count) {
    std::map<std::string, std::size_t> struck;
    for (std::uint64_t seed = 1; seed <= count; ++seed) {
        auto w = bad_day(seed, spi1, spi2);
        const auto found = w->violations();
        for (const auto& v : found) ADD_FAILURE() << "seed " << seed << ": " << v;
        for (const auto& [name, n] : w->faults.times) struck[name] += n;
        if (::testing::Test::HasFailure()) break;
    }
    std::cout << "  " << count << " seeds;";
    for (const auto& [name, n] : struck) std::cout << ' ' << name << ' ' << n << ';';
    std::cout << '\n';
    for (const char* name : {"loss", "answer_loss", "duplicate", "reorder", "temporary", "response_lost",
                             "receipt_lost", "answer_twice", "restart", "undelivered", "forged"}) {
        EXPECT_GT(struck[name], 0u) << name << " never struck: the suite shows nothing about it";
    }
}

TEST(simulation, every_rule_holds_on_bad_days_in_mode_higher) { run_suite(0x16, 0x19, seeds()); }
TEST(simulation, every_rule_holds_on_bad_days_with_proofs_by_submit) { run_suite(0x16, 0x39, seeds() / 2); }
TEST(simulation, every_rule_holds_on_bad_days_in_mode_exactly_plus_one) { run_suite(0x1E, 0x19, seeds() / 2); }
TEST(simulation, every_rule_holds_on_bad_days_without_a_counter_check) { run_suite(0x0E, 0x19, seeds() / 2); }

TEST(simulation, every_rule_holds_on_days_of_reloads) {
    std::map<std::string, std::size_t> struck;
    for (std::uint64_t seed = 1; seed <= seeds() / 2 && !HasFailure(); ++seed) {
        auto w = day_of_reloads(seed);
        for (const auto& v : w->violations()) ADD_FAILURE() << "seed " << seed << ": " << v;
        for (const auto& [name, n] : w->faults.times) struck[name] += n;
    }
    for (const char* name : {"loss", "answer_loss", "response_lost", "restart", "reload", "undelivered"}) {
        EXPECT_GT(struck[name], 0u) << name << " never struck: the suite shows nothing about it";
    }
}

TEST(simulation, a_seed_gives_the_same_run_again) {
    auto a = bad_day(7);
    auto b = bad_day(7);
    ASSERT_EQ(a->sent.size(), b->sent.size());
    for (std::size_t i = 0; i < a->sent.size(); ++i) EXPECT_EQ(a->sent[i].user_data, b->sent[i].user_data);
    EXPECT_EQ(a->finals(), b->finals());
}

}  // namespace
}  // namespace ota::simulation
