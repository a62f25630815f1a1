#include "management-object/elementary_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

using namespace ota;
using namespace ota::management_object;

namespace {

wire::octets applied(wire::octets image, const std::vector<patch>& patches) {
    for (const auto& p : patches) {
        EXPECT_LE(p.offset + p.octets.size(), image.size());
        std::copy(p.octets.begin(), p.octets.end(), image.begin() + static_cast<std::ptrdiff_t>(p.offset));
    }
    return image;
}

std::size_t cost(const std::vector<patch>& patches, std::size_t overhead) {
    std::size_t sum = 0;
    for (const auto& p : patches) sum += overhead + p.octets.size();
    return sum;
}

/// Tries every set of written octets; a stretch of them is cut into as few runs as `longest` allows.
std::size_t least_cost(const wire::octets& from, const wire::octets& to, std::size_t overhead, std::size_t longest) {
    const auto n = to.size();
    std::size_t best = std::numeric_limits<std::size_t>::max();
    for (unsigned written = 0; written < 1u << n; ++written) {
        std::size_t sum = 0, stretch = 0;
        bool covers = true;
        for (std::size_t i = 0; i <= n; ++i) {
            const bool in = i < n && (written >> i & 1) != 0;
            if (i < n && !in && from[i] != to[i]) covers = false;
            if (in)
                ++stretch;
            else {
                sum += stretch + (stretch + longest - 1) / longest * overhead;
                stretch = 0;
            }
        }
        if (covers) best = std::min(best, sum);
    }
    return best;
}

wire::octets random_image(std::mt19937& random, std::size_t n, unsigned values) {
    wire::octets image(n);
    for (auto& octet : image) octet = static_cast<std::uint8_t>(random() % values);
    return image;
}

}  // namespace

TEST(difference, is_nothing_between_equal_images) {
    EXPECT_TRUE(difference(wire::octets{1, 2, 3}, wire::octets{1, 2, 3}, 5, 255).empty());
    EXPECT_TRUE(difference({}, {}, 5, 255).empty());
}

TEST(difference, joins_changes_whose_gap_costs_no_more_than_another_run) {
    const wire::octets from(20, 0);
    auto to = from;
    to[2] = to[8] = 1;  // a gap of 5: joined and apart cost the same, and joined is one command less
    EXPECT_EQ(difference(from, to, 5, 255), (std::vector<patch>{{2, {1, 0, 0, 0, 0, 0, 1}}}));
    to[8] = 0;
    to[9] = 1;
    EXPECT_EQ(difference(from, to, 5, 255), (std::vector<patch>{{2, {1}}, {9, {1}}}));
}

TEST(difference, cuts_runs_at_the_longest_that_a_command_carries) {
    const wire::octets from(600, 0), to(600, 1);
    const auto runs = difference(from, to, 5, 255);
    ASSERT_EQ(runs.size(), 3u);
    EXPECT_EQ(cost(runs, 5), 615u);
    EXPECT_EQ(applied(from, runs), to);
    for (const auto& run : runs) EXPECT_LE(run.octets.size(), 255u);
}

TEST(difference, writes_what_lies_beyond_a_shorter_image) {
    EXPECT_EQ(difference(wire::octets{1}, wire::octets{1, 2, 3}, 5, 255), (std::vector<patch>{{1, {2, 3}}}));
    EXPECT_TRUE(difference(wire::octets{1, 2}, wire::octets{1}, 5, 255).empty());
}

TEST(difference, gives_the_new_image_when_applied_and_never_costs_more_than_any_other_way) {
    std::mt19937 random(20'250'101);
    for (int round = 0; round < 600; ++round) {
        const auto n = 1 + random() % 12;
        const auto overhead = random() % 8;
        const auto longest = 1 + random() % 14;
        const auto from = random_image(random, n, 2), to = random_image(random, n, 2);
        const auto runs = difference(from, to, overhead, longest);
        ASSERT_EQ(applied(from, runs), to) << "round " << round;
        ASSERT_EQ(cost(runs, overhead), least_cost(from, to, overhead, longest)) << "round " << round;
        for (const auto& run : runs) ASSERT_LE(run.octets.size(), longest);
    }
}

TEST(difference, begins_and_ends_every_run_with_a_change_in_order_and_apart) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const auto n = 1 + random() % 4096;
        const auto from = random_image(random, n, 256);
        auto to = from;
        for (auto changes = random() % 40; changes > 0; --changes) to[random() % n] ^= 0x55;
        const auto runs = difference(from, to, 5, 1 + random() % 255);
        ASSERT_EQ(applied(from, runs), to);
        std::size_t end = 0;
        for (const auto& run : runs) {
            ASSERT_GE(run.offset, end);
            end = run.offset + run.octets.size();
            ASSERT_NE(from[run.offset], to[run.offset]);
            ASSERT_NE(from[end - 1], to[end - 1]);
        }
    }
}
