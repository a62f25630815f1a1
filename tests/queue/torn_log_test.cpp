#include "queue/embedded/embedded_log.hpp"

#include "tests/queue/scratch.hpp"

namespace ota::queue {
namespace {

using namespace testing;

/// A log of three records; the octets of its only segment and of its mark after each.
struct history {
    explicit history(const std::filesystem::path& directory) {
        auto log = open_log(directory);
        for (const auto* text : {"first", "second", "the third one"}) {
            append_all(log, {text});
            segment.push_back(slurp(embedded::segment_path(directory, 0)));
            mark.push_back(slurp(directory / "end"));
        }
    }
    std::vector<std::string> segment, mark;
};

TEST(torn_log, is_cut_at_every_octet_of_the_last_record_and_goes_on) {
    scratch s;
    const history h(s.path);
    for (std::size_t n = h.segment[1].size(); n < h.segment[2].size(); ++n) {
        SCOPED_TRACE(n);
        spill(embedded::segment_path(s.path, 0), h.segment[2].substr(0, n));
        spill(s.path / "end", h.mark[1]);
        EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second"})) << "readers never see a torn record";
        auto log = open_log(s.path);
        EXPECT_EQ(slurp(embedded::segment_path(s.path, 0)), h.segment[1]);
        append_all(log, {"next"});
        EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second", "next"}));
    }
}

TEST(torn_log, is_cut_alike_when_the_mark_is_lost_or_spoilt_too) {
    scratch s;
    const history h(s.path);
    for (const auto& mark : {std::string(), h.mark[2].substr(0, 20), std::string(32, 'x')})
        for (std::size_t n = h.segment[1].size(); n < h.segment[2].size(); n += 5) {
            SCOPED_TRACE(n);
            spill(embedded::segment_path(s.path, 0), h.segment[2].substr(0, n));
            spill(s.path / "end", mark);
            auto log = open_log(s.path);
            append_all(log, {"next"});
            EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second", "next"}));
            EXPECT_EQ(log_reader::open(s.path).value().lag(), 3);
        }
}

TEST(torn_log, keeps_a_whole_record_whose_writer_died_before_the_mark) {
    scratch s;
    const history h(s.path);
    spill(s.path / "end", h.mark[0]);
    EXPECT_EQ(read_log(s.path), std::vector<std::string>{"first"}) << "not durable for certain: not shown";
    auto log = open_log(s.path);
    EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second", "the third one"}));
}

TEST(torn_log, drops_the_zeros_that_a_power_cut_leaves_at_the_end) {
    scratch s;
    const history h(s.path);
    spill(embedded::segment_path(s.path, 0), h.segment[1] + std::string(200'000, '\0'));
    spill(s.path / "end", h.mark[1]);
    auto log = open_log(s.path);
    EXPECT_EQ(slurp(embedded::segment_path(s.path, 0)), h.segment[1]);
}

TEST(torn_log, keeps_octets_behind_the_mark_that_are_no_torn_record) {
    scratch s;
    const history h(s.path);
    auto segment = h.segment[2];
    segment[h.segment[1].size() + 40] ^= 1;  // in the body of the third
    spill(embedded::segment_path(s.path, 0), segment);
    spill(s.path / "end", h.mark[1]);
    auto log = open_log(s.path);
    append_all(log, {"next"});
    const auto lost = "!" + std::to_string(h.segment[2].size() - h.segment[1].size());
    EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"first", "second", lost, "next"}));
}

TEST(torn_log, behind_a_damaged_record_never_swallows_what_is_appended) {
    scratch s;
    const history h(s.path);
    for (std::size_t n = h.segment[0].size(); n < h.segment[1].size(); ++n) {
        SCOPED_TRACE(n);
        auto segment = h.segment[1].substr(0, n);
        segment[20] ^= 1;  // in the head of the first
        spill(embedded::segment_path(s.path, 0), segment);
        spill(s.path / "end", "");
        auto log = open_log(s.path);
        append_all(log, {"next"});
        const auto seen = read_log(s.path);
        EXPECT_EQ(seen.back(), "next");
        EXPECT_EQ(seen.front()[0], '!');
    }
}

TEST(torn_log, begins_a_segment_again_that_its_writer_had_no_time_to_begin) {
    for (std::size_t n = 0; n < 16; ++n) {
        scratch s;
        embedded_log::options o;
        o.segment_octets = 10;
        {
            auto log = open_log(s.path, o);
            append_all(log, {"one"});
        }
        const auto end = log_reader::open(s.path).value().end().value().end;
        spill(embedded::segment_path(s.path, end), std::string("OTAGWLOG\0\0\0\0\0\0\0\0", 16).substr(0, n));
        auto log = open_log(s.path, o);
        append_all(log, {"two", "three"});
        EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"one", "two", "three"})) << n;
    }
}

}  // namespace
}  // namespace ota::queue
