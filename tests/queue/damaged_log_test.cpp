#include "queue/embedded/embedded_source.hpp"
#include "queue/event.hpp"
#include "tests/queue/scratch.hpp"

#include <algorithm>

namespace ota::queue {
namespace {

using namespace testing;

std::vector<record> pull_all(embedded_source& source) {
    std::vector<record> out;
    for (;;) {
        auto some = source.pull(10).value();
        if (some.empty()) return out;
        for (auto& r : some) out.push_back(std::move(r));
    }
}

TEST(damaged_log, reports_every_flipped_bit_of_a_record_and_reads_on_behind_it) {
    scratch s;
    std::vector<std::int64_t> offsets;
    {
        auto log = open_log(s.path);
        offsets = append_all(log, {"first", "the second", "third"});
    }
    const auto good = slurp(embedded::segment_path(s.path, 0));
    const auto size = static_cast<std::size_t>(offsets[2] - offsets[1]);
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
        SCOPED_TRACE(bit);
        auto octets = good;
        octets[embedded::segment_header + static_cast<std::size_t>(offsets[1]) + bit / 8] ^=
            static_cast<char>(1 << bit % 8);
        spill(embedded::segment_path(s.path, 0), octets);
        auto source = embedded_source::open(s.path).value();
        const auto records = pull_all(*source);
        ASSERT_EQ(records.size(), 3u);
        EXPECT_FALSE(records[0].damaged);
        EXPECT_TRUE(records[1].damaged);
        EXPECT_EQ(records[1].offset, offsets[1]);
        EXPECT_EQ(records[1].next_offset, offsets[2]);
        EXPECT_EQ(records[1].payload.size(), size);
        EXPECT_EQ(records[2].payload, "third");
        // R23: even a flow that knows nothing of damage makes a dead letter of it.
        const auto read = parse_event(records[1].payload, records[1].key);
        ASSERT_TRUE(std::holds_alternative<unreadable>(read));
        EXPECT_TRUE(std::get<unreadable>(read).dead_letter);
    }
}

TEST(damaged_log, reports_a_hole_in_pieces_of_bounded_size) {
    scratch s;
    auto log = open_log(s.path);
    append_all(log, {"first", std::string(3'500'000, 'x'), "last"});
    auto octets = slurp(embedded::segment_path(s.path, 0));
    std::fill(octets.begin() + embedded::segment_header + 41 + 3, octets.end() - 100, '?');
    spill(embedded::segment_path(s.path, 0), octets);
    auto source = embedded_source::open(s.path).value();
    const auto records = pull_all(*source);
    ASSERT_EQ(records.size(), 6u);
    for (std::size_t i = 1; i < 5; ++i) {
        EXPECT_TRUE(records[i].damaged);
        EXPECT_LE(records[i].payload.size(), 1u << 20);
        EXPECT_EQ(records[i].next_offset, records[i + 1].offset);
    }
    EXPECT_EQ(records[5].payload, "last");
}

TEST(damaged_log, that_lost_its_end_reports_the_gap_and_goes_on) {
    scratch s;
    auto log = open_log(s.path);
    const auto offsets = append_all(log, {"first", "second"});
    const auto segment = embedded::segment_path(s.path, 0);
    spill(segment, slurp(segment).substr(0, static_cast<std::size_t>(embedded::segment_header + offsets[1] + 5)));
    append_all(log, {"third"});
    const auto seen = read_log(s.path);
    ASSERT_EQ(seen.size(), 3u);
    EXPECT_EQ(seen[0], "first");
    EXPECT_EQ(seen[1][0], '!');
    EXPECT_EQ(seen[2], "third");
}

TEST(damaged_log, missing_a_segment_in_the_middle_reports_the_gap) {
    scratch s;
    embedded_log::options o;
    o.segment_octets = 10;
    auto log = open_log(s.path, o);
    const auto offsets = append_all(log, {"first", "second", "third"});
    std::filesystem::remove(embedded::segment_path(s.path, offsets[1]));
    EXPECT_EQ(read_log(s.path),
              (std::vector<std::string>{"first", "!" + std::to_string(offsets[2] - offsets[1]), "third"}));
}

}  // namespace
}  // namespace ota::queue
