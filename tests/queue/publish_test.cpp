#include "queue/event_sink.hpp"
#include "tests/queue/event_samples.hpp"
#include "tests/queue/tool_run.hpp"

namespace ota::queue {
namespace {

using namespace testing;
using tools::run_publish;

TEST(publish, appends_lines_and_prints_their_ids) {
    scratch s;
    const auto one = samples::altered("e-1", "e-one"), two = samples::altered("e-1", "e-two");
    const auto r = run(run_publish, {}, around(s.path), one + "\n\n" + two + "\r\n");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, "e-one\ne-two\n");
    EXPECT_EQ(r.err, "");
    auto reader = log_reader::open(s.path / topic_changes).value();
    const auto first = *reader.next().value();
    EXPECT_EQ(first.content.key, "8949012345678901234");
    EXPECT_EQ(first.content.payload, one);
    EXPECT_EQ(first.content.at, around(s.path).now());
}

TEST(tools, every_help_names_the_settings_file) {
    scratch s;
    for (const auto& help :
         {run(run_publish, {"--help"}, around(s.path)), run(tools::run_dlq, {"--help"}, around(s.path)),
          run(tools::run_events_tail, {"--help"}, around(s.path))}) {
        EXPECT_EQ(help.code, 0);
        EXPECT_NE(help.out.find("--config"), std::string::npos) << help.out;
        EXPECT_NE(help.out.find("--log"), std::string::npos) << help.out;
    }
    EXPECT_EQ(run(run_publish, {"--config", "x"}, around(s.path)).code, 2) << "never ignored";
}

TEST(publish, names_the_line_of_each_refused_event_and_publishes_the_rest) {
    scratch s;
    spill(s.path / "events", samples::altered("42", "-1") + "\n" + samples::altered("e-1", "good") + "\nnonsense\n");
    const auto r = run(run_publish, {(s.path / "events").string(), "--batch", "1"}, around(s.path));
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.out, "good\n");
    EXPECT_NE(r.err.find("line 1: bad-revision: data.revision "), std::string::npos) << r.err;
    EXPECT_NE(r.err.find("line 3: bad-json: "), std::string::npos) << r.err;
    EXPECT_NE(r.err.find("published 1, refused 2"), std::string::npos) << r.err;
    EXPECT_EQ(read_log(s.path / topic_changes).size(), 1u);
}

TEST(publish, builds_an_event_from_options) {
    scratch s;
    auto r = run(run_publish, {"--card",       "8949012345678901234",
                               "--op",         "replace",
                               "--node",       "./SC/USIM/SPN",
                               "--value",      "A \"B\"",
                               "--format",     "chr",
                               "--type",       "text/plain",
                               "--revision",   "7",
                               "--not-before", "2026-03-01T00:00:00Z",
                               "--expires-at", "2026-03-02T00:00:00Z",
                               "--priority",   "-3",
                               "--bearer",     "sms",
                               "--source",     "/me"},
                 around(s.path));
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, "fresh-1\n");
    const auto read = parse_event(read_log(s.path / topic_changes).at(0), "8949012345678901234");
    ASSERT_TRUE(std::holds_alternative<change_event>(read));
    const auto& e = std::get<change_event>(read);
    EXPECT_EQ(e.value.text, "A \"B\"");
    EXPECT_EQ(e.revision, 7);
    EXPECT_EQ(e.priority, -3);
    EXPECT_EQ(e.bearer, bearer_wish::sms);
    EXPECT_EQ(e.source, "/me");
    EXPECT_TRUE(e.not_before && e.expires_at);

    r = run(run_publish,
            {"--card", "8949012345678901234", "--op", "copy", "--node", "./A", "--from", "./B", "--id", "mine"},
            around(s.path));
    EXPECT_EQ(r.out, "mine\n") << r.err;
    r = run(run_publish, {"--card", "8949", "--op", "get", "--node", "./A"}, around(s.path));
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(r.err.rfind("bad-subject: ", 0), 0u) << r.err;
    EXPECT_EQ(read_log(s.path / topic_changes).size(), 2u);
}

TEST(publish, tells_wrong_usage_from_failure) {
    scratch s;
    EXPECT_EQ(run(run_publish, {"--nonsense"}, around(s.path)).code, 2);
    EXPECT_EQ(run(run_publish, {"--op", "get"}, around(s.path)).code, 2);
    EXPECT_EQ(run(run_publish, {}, around({})).code, 2);
    EXPECT_EQ(run(run_publish, {(s.path / "missing").string()}, around(s.path)).code, 1);
    const auto help = run(run_publish, {"--help"}, around(s.path));
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find("--card"), std::string::npos);
    spill(s.path / "file", "");
    const auto r = run(run_publish, {"--log", (s.path / "file").string()}, around({}), samples::altered("e-1", "x"));
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.out, "");
    EXPECT_NE(r.err, "");
}

}  // namespace
}  // namespace ota::queue
