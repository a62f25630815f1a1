// The simulation's rules are worth something only if they catch what they are for.
#include "gateway/flow/sabotage.hpp"
#include "tests/flow/bad_day.hpp"

#include <gtest/gtest.h>

namespace ota::flow {
sabotage active_sabotage = sabotage::none;
}

namespace ota::simulation {
namespace {

class deliberate_fault : public ::testing::TestWithParam<std::pair<const char*, flow::sabotage>> {
protected:
    void TearDown() override { flow::active_sabotage = flow::sabotage::none; }
};

TEST_P(deliberate_fault, is_caught) {
    flow::active_sabotage = GetParam().second;
    std::size_t caught = 0;
    for (std::uint64_t seed = 1; seed <= 20 && caught == 0; ++seed) caught = bad_day(seed)->violations().size();
    EXPECT_GT(caught, 0u) << "no rule noticed: " << GetParam().first;
}

INSTANTIATE_TEST_SUITE_P(
    each, deliberate_fault,
    ::testing::Values(std::pair{"fresh_counter_on_repeat", flow::sabotage::fresh_counter_on_repeat},
                      std::pair{"answer_before_commit", flow::sabotage::answer_before_commit},
                      std::pair{"reported_is_todays_desired", flow::sabotage::reported_is_todays_desired},
                      std::pair{"hint_completes", flow::sabotage::hint_completes},
                      std::pair{"low_counter_is_success", flow::sabotage::low_counter_is_success},
                      std::pair{"two_in_flight", flow::sabotage::two_in_flight},
                      std::pair{"counter_not_stored", flow::sabotage::counter_not_stored}),
    [](const auto& chosen) { return std::string(chosen.param.first); });

class deliberate_fault_of_channels : public deliberate_fault {};

TEST_P(deliberate_fault_of_channels, is_caught) {
    flow::active_sabotage = GetParam().second;
    std::size_t caught = 0;
    for (std::uint64_t seed = 1; seed <= 20 && caught == 0; ++seed) caught = channel_day(seed)->violations().size();
    EXPECT_GT(caught, 0u) << "no rule noticed: " << GetParam().first;
}

INSTANTIATE_TEST_SUITE_P(each, deliberate_fault_of_channels,
                         ::testing::Values(std::pair{"channel_packet_by_sms", flow::sabotage::channel_packet_by_sms},
                                           std::pair{"acknowledged_is_proven", flow::sabotage::acknowledged_is_proven},
                                           std::pair{"counter_not_stored", flow::sabotage::counter_not_stored}),
                         [](const auto& chosen) { return std::string(chosen.param.first); });

class deliberate_fault_of_reloads : public deliberate_fault {};

TEST_P(deliberate_fault_of_reloads, is_caught) {
    flow::active_sabotage = GetParam().second;
    std::size_t caught = 0;
    for (std::uint64_t seed = 1; seed <= 20 && caught == 0; ++seed) caught = day_of_reloads(seed)->violations().size();
    EXPECT_GT(caught, 0u) << "no rule noticed: " << GetParam().first;
}

INSTANTIATE_TEST_SUITE_P(each, deliberate_fault_of_reloads,
                         ::testing::Values(std::pair{"other_file_is_proof", flow::sabotage::other_file_is_proof}),
                         [](const auto& chosen) { return std::string(chosen.param.first); });

TEST(sabotage, without_any_the_same_seeds_are_good) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        EXPECT_TRUE(day_of_reloads(seed)->violations().empty()) << seed;
        EXPECT_TRUE(bad_day(seed)->violations().empty()) << seed;
        EXPECT_TRUE(channel_day(seed)->violations().empty()) << seed;
    }
}

}  // namespace
}  // namespace ota::simulation
