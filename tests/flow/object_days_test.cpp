#include "tests/flow/object_world.hpp"

#include <cstdlib>
#include <random>

namespace ota::simulation {
namespace {

/// Bad days: whatever is lost, doubled, cut or restarted, each event has one final state, no device ever sees a mix,
/// and in the end the card holds what is desired.
enum class files { single, pairs, data_objects };

class object_days : public testing::TestWithParam<std::tuple<std::uint8_t, files, std::uint64_t>> {};

TEST_P(object_days, end_with_the_desired_objects_and_never_a_mix) {
    const auto [spi1, of_objects, seed] = GetParam();
    auto profile = object_profile();
    profile->spi.spi1 = spi1;
    if (of_objects == files::pairs) lay_out_in_pairs(*profile);
    if (of_objects == files::data_objects) lay_out_as_data_objects(*profile);
    options o = calm(3, profile);
    o.seed = seed;
    o.with = {.loss = 0.05,
              .answer_loss = 0.08,
              .duplicate = 0.03,
              .reorder = 0.05,
              .temporary = 0.03,
              .response_lost = 0.03,
              .receipt_lost = 0.2,
              .answer_twice = 0.03,
              .restart = 0.01,
              .power_cut = 0.05,
              .undelivered = 0.02,
              .forged = 0};
    object_world w(std::move(o));
    std::mt19937_64 dice(seed);
    const std::vector<std::string> leaves{
        address, port, name_of_service, "./IMPS/CIDPrefix", "./Email/Name", "./DMAcc/Operator/Name"};
    std::map<std::pair<std::size_t, std::string>, std::set<std::string>> ever;
    for (std::size_t card = 0; card < 3; ++card) {
        for (const auto& leaf : leaves) {
            if (auto v = w.value(leaf, card)) ever[{card, leaf}].insert(*v);
        }
    }
    for (int round = 0; round < 25; ++round) {
        const auto card = dice() % 3;
        const auto& leaf = leaves[dice() % leaves.size()];
        const auto value = "value-" + std::to_string(round) + std::string(dice() % 24, 'v');
        ever[{card, leaf}].insert(value);
        w.replace_leaf(leaf, value, card);
        for (auto steps = dice() % 12; steps > 0; --steps) {
            w.tick();
            for (const auto& each : leaves) {  // what a device takes over at any moment is a value that was wanted once
                if (const auto v = w.value(each, card)) {
                    EXPECT_TRUE((ever[{card, each}].contains(*v))) << each << " is " << *v;
                }
            }
        }
    }
    EXPECT_TRUE(w.run(hours(48)));
    expect_no_violation(w);
}

std::uint64_t last_seed(std::uint64_t in_short) { return std::getenv("OTAGW_LONG") != nullptr ? 150 : in_short; }

std::string name_of(const testing::TestParamInfo<object_days::ParamType>& param) {
    const auto [spi1, of_objects, seed] = param.param;
    return std::string(of_objects == files::pairs          ? "pairs_"
                       : of_objects == files::data_objects ? "data_objects_"
                                                           : "") +
           (spi1 == 0x16   ? "higher"
            : spi1 == 0x1E ? "exactly_one"
                           : "unchecked") +
           "_" + std::to_string(seed);
}

INSTANTIATE_TEST_SUITE_P(seeds, object_days,
                         testing::Combine(testing::Values(0x16, 0x1E, 0x06), testing::Values(files::single),
                                          testing::Range<std::uint64_t>(1, last_seed(9))),
                         name_of);
INSTANTIATE_TEST_SUITE_P(layouts, object_days,
                         testing::Combine(testing::Values(0x16, 0x1E, 0x06),
                                          testing::Values(files::pairs, files::data_objects),
                                          testing::Range<std::uint64_t>(1, last_seed(5))),
                         name_of);

}  // namespace
}  // namespace ota::simulation
