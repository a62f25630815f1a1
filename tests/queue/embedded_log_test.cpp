#include "queue/embedded/embedded_log.hpp"

#include "queue/embedded/retention.hpp"
#include "queue/errc.hpp"
#include "tests/queue/scratch.hpp"

#include <random>

namespace ota::queue {
namespace {

using namespace testing;

embedded_log::options small_segments(std::int64_t octets) {
    embedded_log::options o;
    o.segment_octets = octets;
    return o;
}

TEST(embedded_log, gives_back_what_was_appended_in_order) {
    scratch s;
    auto log = open_log(s.path / "a" / "log");
    const auto offsets = append_all(log, {"one", "", "three"});
    EXPECT_EQ(offsets.front(), 0);
    EXPECT_EQ(read_log(s.path / "a" / "log"), (std::vector<std::string>{"one", "", "three"}));
}

TEST(embedded_log, continues_where_another_writer_stopped) {
    scratch s;
    {
        auto log = open_log(s.path);
        append_all(log, {"one"});
    }
    auto second = open_log(s.path), third = open_log(s.path);
    append_all(second, {"two"});
    append_all(third, {"three"});
    append_all(second, {"four"});
    EXPECT_EQ(read_log(s.path), (std::vector<std::string>{"one", "two", "three", "four"}));
}

TEST(embedded_log, keeps_key_headers_time_and_ordinal) {
    scratch s;
    auto log = open_log(s.path);
    append_all(log, {"first"});
    const embedded::headers extra{{"traceparent", "00-1"}};
    const embedded::entry e{"8949", "second", &extra};
    ASSERT_TRUE(log.append({&e, 1}, wall_time(std::chrono::milliseconds(77))));
    auto reader = log_reader::open(s.path).value();
    ASSERT_TRUE(reader.next().value());
    const auto r = *reader.next().value();
    EXPECT_EQ(r.content.key, "8949");
    EXPECT_EQ(r.content.ordinal, 1u);
    EXPECT_EQ(r.content.at, wall_time(std::chrono::milliseconds(77)));
    EXPECT_EQ(embedded::read_headers(r.content.header_octets), extra);
}

TEST(embedded_log, spans_segments_with_one_run_of_offsets) {
    scratch s;
    auto log = open_log(s.path, small_segments(300));
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i) texts.push_back("payload " + std::to_string(i));
    const auto offsets = append_all(log, texts);
    EXPECT_GT(embedded::list_segments(s.path).value().size(), 10u);
    EXPECT_EQ(read_log(s.path), texts);
    auto reader = log_reader::open(s.path).value();
    for (std::size_t i = 0; i < texts.size(); i += 7) {
        ASSERT_TRUE(reader.seek(offsets[i]));
        EXPECT_EQ(reader.lag(), static_cast<std::int64_t>(texts.size() - i));
        const auto next = reader.next().value();
        ASSERT_TRUE(next);
        EXPECT_EQ(next->content.payload, texts[i]);
        EXPECT_EQ(reader.lag(), static_cast<std::int64_t>(texts.size() - i - 1));
    }
}

TEST(embedded_log, is_read_while_it_grows_across_segments) {
    scratch s;
    auto log = open_log(s.path, small_segments(200));
    auto reader = log_reader::open(s.path).value();
    for (int i = 0; i < 50; ++i) {
        EXPECT_FALSE(reader.next().value());
        append_all(log, {"a" + std::to_string(i), "b" + std::to_string(i)});
        EXPECT_EQ(read_all(reader), (std::vector<std::string>{"a" + std::to_string(i), "b" + std::to_string(i)}));
    }
}

TEST(embedded_log, reads_records_of_any_size_through_a_small_buffer) {
    scratch s;
    auto log = open_log(s.path);
    std::mt19937 random(7);
    std::vector<std::string> texts;
    for (int i = 0; i < 60; ++i)
        texts.emplace_back(random() % (i % 10 == 0 ? 3'000'000 : 9'000), static_cast<char>('a' + i % 26));
    append_all(log, texts);
    auto reader = log_reader::open(s.path, 1).value();
    EXPECT_EQ(read_all(reader), texts);
}

TEST(embedded_log, takes_a_batch_whole_or_not_at_all) {
    scratch s;
    auto log = open_log(s.path);
    const std::string huge(embedded::max_payload + 1, 'x');
    const std::vector<embedded::entry> batch{{"k", "good"}, {"k", huge}};
    EXPECT_EQ(log.append(batch, {}).error(), errc::record_too_large);
    EXPECT_TRUE(read_log(s.path).empty());
    EXPECT_TRUE(log.append({}, {}));
    append_all(log, {"next"});
    EXPECT_EQ(read_log(s.path), std::vector<std::string>{"next"});
}

TEST(embedded_log, refuses_offsets_outside_of_it) {
    scratch s;
    auto log = open_log(s.path, small_segments(100));
    const auto offsets = append_all(log, {"one", "two", "three", "four", "five"});
    auto reader = log_reader::open(s.path).value();
    const auto end = reader.end().value().end;
    EXPECT_EQ(reader.seek(end + 1).error(), errc::offset_beyond_end);
    EXPECT_TRUE(reader.seek(end));
    ASSERT_TRUE(remove_segments(s.path, offsets[3], wall_time::max()));
    EXPECT_EQ(reader.seek(0).error(), errc::offset_removed);
    EXPECT_TRUE(reader.seek(reader.oldest_offset().value()));
    EXPECT_EQ(read_all(reader).back(), "five");
    EXPECT_EQ(log_reader::open(s.path / "none").error(), errc::no_log);
}

TEST(embedded_log, retention_removes_only_whole_old_segments_and_never_the_last) {
    scratch s;
    auto log = open_log(s.path, small_segments(60));
    const auto offsets = append_all(log, {"one", "two", "three", "four"});
    EXPECT_EQ(remove_segments(s.path, offsets[3], wall_time::min()).value(), 0);
    EXPECT_EQ(remove_segments(s.path, offsets[1] - 1, wall_time::max()).value(), 0);
    const auto oldest = remove_segments(s.path, offsets[2], wall_time::max()).value();
    EXPECT_GT(oldest, 0);
    EXPECT_LE(oldest, offsets[2]);
    const auto last = remove_segments(s.path, std::int64_t{1} << 60, wall_time::max()).value();
    EXPECT_EQ(embedded::list_segments(s.path).value(), std::vector<std::int64_t>{last});
    append_all(log, {"five"});
    EXPECT_EQ(read_log(s.path).back(), "five");
}

TEST(embedded_log, refuses_a_directory_with_a_foreign_file_in_a_segments_place) {
    scratch s;
    spill(embedded::segment_path(s.path, 0), "this is not a segment of a log");
    EXPECT_EQ(embedded_log::open(s.path).error(), errc::not_a_log);
    spill(s.path / "plain", "x");
    EXPECT_TRUE(embedded_log::open(s.path / "plain" / "log").has_error());
}

TEST(embedded_log, never_gives_an_offset_twice_even_when_segments_were_deleted) {
    scratch s;
    auto log = open_log(s.path);
    append_all(log, {"one", "two"});
    auto reader = log_reader::open(s.path).value();
    read_all(reader);
    const auto end = reader.position();
    std::filesystem::remove(embedded::segment_path(s.path, 0));
    EXPECT_EQ(append_all(log, {"three"}), std::vector<std::int64_t>{end});
    EXPECT_EQ(read_all(reader), std::vector<std::string>{"three"});
}

}  // namespace
}  // namespace ota::queue
