#include "queue/embedded/embedded_sink.hpp"

#include "queue/errc.hpp"
#include "tests/queue/scratch.hpp"

#include <unistd.h>

#include <cerrno>

namespace ota::queue {
namespace {

using namespace testing;

TEST(embedded_sink, puts_each_topic_into_a_log_of_its_own_in_order) {
    scratch s;
    auto sink = embedded_sink::open(s.path).value();
    ASSERT_TRUE(sink->publish(
        {{topic_status, "1", "s1", {{"h", "v"}}}, {topic_dead_letters, "", "d1", {}}, {topic_status, "1", "s2", {}}}));
    ASSERT_TRUE(sink->publish({{topic_card_state, "1", "c1", {}}}));
    EXPECT_EQ(read_log(topic_directory(s.path, topic_status)), (std::vector<std::string>{"s1", "s2"}));
    EXPECT_EQ(read_log(topic_directory(s.path, topic_dead_letters)), std::vector<std::string>{"d1"});
    EXPECT_EQ(read_log(topic_directory(s.path, topic_card_state)), std::vector<std::string>{"c1"});
    auto reader = log_reader::open(topic_directory(s.path, topic_status)).value();
    const auto first = *reader.next().value();
    EXPECT_EQ(embedded::read_headers(first.content.header_octets), (embedded::headers{{"h", "v"}}));
}

TEST(embedded_sink, shows_at_the_start_that_its_directory_cannot_be_written) {
    scratch s;
    spill(s.path / "file", "x");
    EXPECT_TRUE(embedded_sink::open(s.path / "file").has_error());
}

TEST(embedded_sink, publishes_again_after_a_failed_sync) {
    scratch s;
    bool fail = false;
    embedded_sink::options o;
    o.log.disk.sync = [&](int descriptor) { return fail ? (errno = EIO, -1) : ::fdatasync(descriptor); };
    auto sink = embedded_sink::open(s.path, o).value();
    const std::vector<message> batch{{topic_status, "1", "s1", {}}};
    fail = true;
    EXPECT_EQ(sink->publish(batch).error(), errc::sync_failed);
    fail = false;
    ASSERT_TRUE(sink->publish(batch));
    EXPECT_EQ(read_log(topic_directory(s.path, topic_status)), std::vector<std::string>{"s1"});
}

TEST(embedded_sink, removes_old_statuses_but_keeps_dead_letters) {
    scratch s;
    auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    embedded_sink::options o;
    o.now = [&] { return now; };
    o.log.segment_octets = 10;
    auto sink = embedded_sink::open(s.path, o).value();
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(
            sink->publish({{topic_status, "1", "s" + std::to_string(i), {}}, {topic_dead_letters, "", "d", {}}}));
    now += std::chrono::hours(24 * 8);
    ASSERT_TRUE(sink->publish({{topic_status, "1", "new", {}}, {topic_dead_letters, "", "d", {}}}));
    EXPECT_EQ(read_log(topic_directory(s.path, topic_status)), std::vector<std::string>{"new"});
    EXPECT_EQ(read_log(topic_directory(s.path, topic_dead_letters)).size(), 4u);
}

}  // namespace
}  // namespace ota::queue
