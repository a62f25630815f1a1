#include "queue/embedded/embedded_source.hpp"

#include "queue/errc.hpp"
#include "tests/queue/scratch.hpp"

#include <thread>

namespace ota::queue {
namespace {

using namespace testing;

TEST(embedded_source, pulls_from_where_it_was_told_and_never_waits) {
    scratch s;
    auto source = embedded_source::open(s.path / "log").value();
    EXPECT_TRUE(source->pull(10).value().empty());
    auto log = open_log(s.path / "log");
    const auto offsets = append_all(log, {"one", "two", "three"});
    EXPECT_EQ(source->lag(), 3);
    const auto first = source->pull(2).value();
    ASSERT_EQ(first.size(), 2u);
    EXPECT_EQ(first[0].payload, "one");
    EXPECT_EQ(first[0].key, "key");
    EXPECT_EQ(first[0].partition, 0);
    EXPECT_EQ(first[1].offset, offsets[1]);
    EXPECT_EQ(first[1].next_offset, offsets[2]);
    EXPECT_EQ(source->lag(), 1);
    EXPECT_EQ(source->pull(2).value().size(), 1u);
    EXPECT_EQ(source->lag(), 0);
    ASSERT_TRUE(source->seek(0, position{offsets[1]}));
    EXPECT_EQ(source->pull(1).value().at(0).payload, "two");
    EXPECT_EQ(source->seek(1, position{0}).error(), errc::unknown_partition);
    EXPECT_EQ(source->seek(0, position{1 << 20}).error(), errc::offset_beyond_end);
    EXPECT_EQ(source->reassigned().gained, std::vector<std::int32_t>{0});
    EXPECT_TRUE(source->reassigned().gained.empty());
}

TEST(embedded_source, wakes_when_something_is_appended) {
    scratch s;
    auto source = embedded_source::open(s.path).value();
    EXPECT_FALSE(source->wait(1));
    std::thread writer([&] {
        auto log = open_log(s.path);
        append_all(log, {"one"});
    });
    EXPECT_TRUE(source->wait(30'000) || source->wait(30'000));
    writer.join();
    EXPECT_TRUE(source->wait(0));
    EXPECT_EQ(source->pull(10).value().size(), 1u);
    EXPECT_FALSE(source->wait(0));
}

TEST(embedded_source, ends_a_pull_early_so_that_memory_stays_bounded) {
    scratch s;
    auto log = open_log(s.path);
    append_all(log, std::vector<std::string>(10, std::string(1000, 'x')));
    embedded_source::options o;
    o.pull_octets = 2500;
    auto source = embedded_source::open(s.path, o).value();
    EXPECT_EQ(source->pull(100).value().size(), 3u);
    EXPECT_EQ(source->pull(100).value().front().payload, std::string(1000, 'x'));
}

TEST(embedded_source, removes_old_segments_only_when_all_of_them_is_committed) {
    scratch s;
    embedded_log::options small;
    small.segment_octets = 10;
    auto log = open_log(s.path, small);
    const auto offsets = append_all(log, {"one", "two", "three"});
    auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    embedded_source::options o;
    o.keep = std::chrono::hours(1);
    o.now = [&] { return now; };
    auto source = embedded_source::open(s.path, o).value();
    source->commit(0, offsets[2]);
    EXPECT_EQ(source->oldest_offset().value(), 0) << "not old enough";
    now += std::chrono::hours(2);
    source->commit(0, offsets[1]);
    EXPECT_EQ(source->oldest_offset().value(), offsets[1]);
    now += std::chrono::hours(2);
    source->commit(0, offsets[1]);
    EXPECT_EQ(source->oldest_offset().value(), offsets[1]) << "the second is not committed";
    EXPECT_EQ(source->seek(0, position{0}).error(), errc::offset_removed);
    EXPECT_TRUE(source->seek(0, position{offsets[1]}));
}

}  // namespace
}  // namespace ota::queue
