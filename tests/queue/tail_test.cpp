#include "queue/event_sink.hpp"
#include "tests/queue/event_samples.hpp"
#include "tests/queue/tool_run.hpp"

namespace ota::queue {
namespace {

using namespace testing;
using tools::run_events_tail;

struct tail : ::testing::Test {
    std::vector<std::int64_t> publish(const std::vector<std::string>& texts, const char* topic = topic_changes) {
        auto log = open_log(s.path / topic);
        return append_all(log, texts);
    }
    scratch s;
};

TEST_F(tail, hides_values_unless_asked) {  // R24
    publish({samples::altered("Example", "canary-7f3a"), "canary-7f3a is no event",
             samples::with_data(R"({"op":"replace","node":"./A","valeu":"canary-7f3a"})")});
    const auto hidden = run(run_events_tail, {}, around(s.path));
    EXPECT_EQ(hidden.code, 0) << hidden.err;
    EXPECT_EQ(hidden.out.find("canary"), std::string::npos) << hidden.out;
    EXPECT_NE(hidden.out.find("./SC/USIM/SPN"), std::string::npos);
    EXPECT_NE(hidden.out.find("(23 octets that are no event)"), std::string::npos) << hidden.out;
    const auto shown = run(run_events_tail, {"--values"}, around(s.path));
    EXPECT_EQ(shown.out.rfind(samples::altered("Example", "canary-7f3a") + "\n", 0), 0u);
}

TEST_F(tail, starts_and_stops_where_it_is_told) {
    const auto offsets = publish({"\"1\"", "\"2\"", "\"3\""});
    const auto values = [&](tools::arguments args) {
        args.push_back("--values");
        return run(run_events_tail, args, around(s.path)).out;
    };
    EXPECT_EQ(values({"--from", std::to_string(offsets[1])}), "\"2\"\n\"3\"\n");
    EXPECT_EQ(values({"--from", "end"}), "");
    EXPECT_EQ(values({"--from", "start", "--count", "1"}), "\"1\"\n");
    EXPECT_EQ(values({"--offsets", "--count", "1"}), "0\tkey\t\"1\"\n");
    EXPECT_EQ(run(run_events_tail, {"--from", "soon"}, around(s.path)).code, 2);
    EXPECT_EQ(run(run_events_tail, {"--from", "99999"}, around(s.path)).code, 1);
}

TEST_F(tail, reads_the_topic_it_is_told) {
    publish({"{}"}, topic_status);
    EXPECT_EQ(run(run_events_tail, {"--topic", "status"}, around(s.path)).out, "{}\n");
    EXPECT_EQ(run(run_events_tail, {"--topic", "dlq"}, around(s.path)).code, 1);
    EXPECT_EQ(run(run_events_tail, {"--topic", "nonsense"}, around(s.path)).code, 2);
    EXPECT_EQ(run(run_events_tail, {"--log", s.path.string(), "--topic", "status"}, around({})).out, "{}\n");
    EXPECT_EQ(run(run_events_tail, {}, around({})).code, 2);
}

TEST_F(tail, follows_what_is_appended_until_it_is_stopped) {
    publish({"\"1\""});
    auto a = around(s.path);
    int asked = 0;
    a.stopped = [&] {
        if (++asked == 1) publish({"\"2\""});
        return asked == 3;
    };
    EXPECT_EQ(run(run_events_tail, {"--follow", "--values"}, a).out, "\"1\"\n\"2\"\n");
}

TEST_F(tail, says_which_octets_are_damaged_and_goes_on) {
    const auto offsets = publish({"\"1\"", "\"2\"", "\"3\""});
    const auto segment = embedded::segment_path(s.path / topic_changes, 0);
    auto octets = slurp(segment);
    octets[static_cast<std::size_t>(offsets[2]) + embedded::segment_header - 1] ^= 1;
    spill(segment, octets);
    const auto r = run(run_events_tail, {"--values"}, around(s.path));
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.out, "\"1\"\n\"3\"\n");
    EXPECT_EQ(r.err,
              "damaged octets from offset " + std::to_string(offsets[1]) + " to " + std::to_string(offsets[2]) + "\n");
}

}  // namespace
}  // namespace ota::queue
