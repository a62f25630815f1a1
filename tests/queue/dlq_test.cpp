#include "queue/errc.hpp"
#include "queue/event_sink.hpp"
#include "tests/queue/event_samples.hpp"
#include "tests/queue/tool_run.hpp"

#include <algorithm>

namespace ota::queue {
namespace {

using namespace testing;
using tools::run_dlq;

/// Stands in for AES-GCM: every octet XOR 0x5a. The tools never look inside.
wire::octets seal(const std::string& payload) {
    wire::octets out(payload.begin(), payload.end());
    for (auto& octet : out) octet ^= 0x5a;
    return out;
}

struct dlq : ::testing::Test {
    dlq() : with_key(around(s.path)) {
        with_key.open_payload = [](const dead_letter& letter) -> wire::result<std::string> {
            if (letter.sealed.empty()) return errc::bad_dead_letter;
            std::string out(letter.sealed.begin(), letter.sealed.end());
            for (auto& c : out) c ^= 0x5a;
            return out;
        };
    }
    std::string die(const std::string& reason, const std::string& id, const std::string& payload) {
        dead_letter letter{reason, "field is wrong", "/dm/1", id, "8949012345678901234", {topic_changes, 0, 5},
                           {},     seal(payload)};
        auto log = open_log(s.path / topic_dead_letters);
        return std::to_string(append_all(log, {serialize_dead_letter(letter)}).front());
    }
    scratch s;
    tools::surroundings with_key;
};

TEST_F(dlq, lists_what_died_and_what_was_replayed) {
    const auto first = die("bad-subject", "e-1", samples::altered("/dm/1", "/dm/1"));
    const auto second = die("bad-json", "", "{");
    auto r = run(run_dlq, {"list"}, with_key);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(
        r.out.find(first + "\t1970-01-01T00:00:00.000Z\tbad-subject\t8949012345678901234\te-1\tdm.mo.changes/0/5\t-\n"),
        std::string::npos)
        << r.out;
    EXPECT_NE(r.out.find(second + "\t1970-01-01T00:00:00.000Z\tbad-json\t8949012345678901234\t-\t"), std::string::npos);
    EXPECT_EQ(run(run_dlq, {"list", "--reason", "bad-json"}, with_key).out.find("bad-subject"), std::string::npos);

    r = run(run_dlq, {"replay", first}, with_key);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, first + "\te-1\t0\n");
    EXPECT_EQ(read_log(s.path / topic_changes), std::vector<std::string>{samples::altered("/dm/1", "/dm/1")});
    EXPECT_NE(run(run_dlq, {"list"}, with_key).out.find("dm.mo.changes/0/5\t2026-03-01T00:00:00.000Z\n"),
              std::string::npos);
    const auto open = run(run_dlq, {"list", "--open"}, with_key).out;
    EXPECT_EQ(std::count(open.begin(), open.end(), '\n'), 2) << open;
}

TEST_F(dlq, shows_one_with_its_payload_only_to_who_has_the_key) {  // R24
    const auto offset = die("bad-subject", "e-1", "canary-7f3a");
    const auto r = run(run_dlq, {"show", offset}, with_key);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("reason    bad-subject\n"), std::string::npos);
    EXPECT_NE(r.out.find("payload   canary-7f3a\n"), std::string::npos);
    const auto without = run(run_dlq, {"show", offset}, around(s.path));
    EXPECT_EQ(without.code, 0);
    EXPECT_NE(without.out.find("payload   sealed, 11 octets\n"), std::string::npos);
    EXPECT_EQ(without.out.find("canary"), std::string::npos);
    EXPECT_EQ(run(run_dlq, {"show", "1"}, with_key).code, 1);
    EXPECT_EQ(run(run_dlq, {"show", "99999"}, with_key).code, 1);
}

TEST_F(dlq, replays_all_that_is_open_and_says_what_cannot_be) {
    const auto good = die("bad-subject", "e-1", samples::altered("/dm/1", "/dm/1"));
    const auto broken = die("bad-json", "", "canary-7f3a");
    auto r = run(run_dlq, {"replay", "--all"}, with_key);
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.out, good + "\te-1\t0\n");
    EXPECT_NE(r.err.find("offset " + broken + ": it still is no event: bad-json: "), std::string::npos) << r.err;
    EXPECT_EQ(r.err.find("canary"), std::string::npos);
    EXPECT_EQ(run(run_dlq, {"replay", "--all", "--reason", "bad-subject"}, with_key).out, "") << "replayed already";
    EXPECT_EQ(read_log(s.path / topic_changes).size(), 1u);
    EXPECT_EQ(run(run_dlq, {"replay", good}, around(s.path)).code, 1) << "no key at hand";
    EXPECT_EQ(read_log(s.path / topic_changes).size(), 1u);
}

TEST_F(dlq, replays_under_a_new_id_when_the_old_one_is_taken) {  // R22
    const auto offset = die("id-reused", "e-1", samples::altered("/dm/1", "/dm/1"));
    const auto r = run(run_dlq, {"replay", offset, "--id", "e-1b"}, with_key);
    EXPECT_EQ(r.code, 0) << r.err;
    const auto read = parse_event(read_log(s.path / topic_changes).at(0), "8949012345678901234");
    ASSERT_TRUE(std::holds_alternative<change_event>(read));
    EXPECT_EQ(std::get<change_event>(read).id, "e-1b");
    EXPECT_EQ(std::get<change_event>(read).value.text, "Example");
}

TEST_F(dlq, opens_what_a_rewrap_left_under_the_old_key_when_it_is_given) {  // R24
    const auto offset = die("bad-subject", "e-1", samples::altered("/dm/1", "/dm/1"));
    auto rewrapped = with_key;
    rewrapped.open_payload = [](const dead_letter&) -> wire::result<std::string> { return errc::bad_dead_letter; };
    rewrapped.open_payload_under = [this](const dead_letter& letter,
                                          const std::string& file) -> wire::result<std::string> {
        if (file != "old.kek") return errc::bad_dead_letter;
        return with_key.open_payload(letter);
    };
    for (const char* command : {"show", "replay"}) {
        const auto r = run(run_dlq, {command, offset}, rewrapped);
        EXPECT_EQ(r.code, 1) << command;
        EXPECT_NE(r.err.find("`otagw keys rewrap`"), std::string::npos) << r.err;
        EXPECT_NE(r.err.find("--old-kek FILE"), std::string::npos) << r.err;
        EXPECT_EQ(run(run_dlq, {command, offset, "--old-kek", "none.kek"}, rewrapped).code, 1) << command;
    }
    EXPECT_TRUE(!std::filesystem::exists(s.path / topic_changes) || read_log(s.path / topic_changes).empty());
    EXPECT_EQ(run(run_dlq, {"show", offset, "--old-kek", "old.kek"}, rewrapped).code, 0);
    const auto r = run(run_dlq, {"replay", offset, "--old-kek", "old.kek"}, rewrapped);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(read_log(s.path / topic_changes).size(), 1u);
}

TEST_F(dlq, tells_wrong_usage_from_failure) {
    EXPECT_EQ(run(run_dlq, {"list"}, with_key).code, 1) << "there is no log";
    die("bad-json", "", "{");
    EXPECT_EQ(run(run_dlq, {}, with_key).code, 2);
    EXPECT_EQ(run(run_dlq, {"replay"}, with_key).code, 2);
    EXPECT_EQ(run(run_dlq, {"replay", "--all", "0"}, with_key).code, 2);
    EXPECT_EQ(run(run_dlq, {"replay", "0", "1", "--id", "x"}, with_key).code, 2);
    EXPECT_EQ(run(run_dlq, {"list", "--log", s.path.string()}, around({})).code, 0);
}

}  // namespace
}  // namespace ota::queue
