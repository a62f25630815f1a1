#include "queue/card_state.hpp"
#include "queue/event.hpp"
#include "tests/queue/event_samples.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace ota::queue {
namespace {

const std::filesystem::path workplace = OTA_SCHEMA_CHECK_DIR;

/// Runs a shell command in the workplace; its output, with a line for a failure.
std::string shell(const std::string& command) {
    std::string out;
    FILE* pipe = ::popen(("cd '" + workplace.string() + "' && " + command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return "no shell\n";
    std::array<char, 4096> part{};
    while (const auto n = std::fread(part.data(), 1, part.size(), pipe)) out.append(part.data(), n);
    const int status = ::pclose(pipe);
    if (status != 0) out += "exit code " + std::to_string(WEXITSTATUS(status)) + "\n";
    return out;
}

/// The independent validator, installed below the build directory at the first run.
::testing::AssertionResult validator_is_there() {
    std::filesystem::create_directories(workplace);
    if (std::filesystem::exists(workplace / "node_modules/ajv/package.json") &&
        std::filesystem::exists(workplace / "node_modules/ajv-formats/package.json"))
        return ::testing::AssertionSuccess();
    std::ofstream(workplace / "package.json") << R"({"private":true})" << '\n';
    const auto said = shell("npm install --no-audit --no-fund --loglevel=error ajv@8.17.1 ajv-formats@3.0.1");
    if (std::filesystem::exists(workplace / "node_modules/ajv/package.json")) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << "the JSON Schema validator is missing: node and npm must be installed and npm must "
              "reach its registry (ajv, ajv-formats):\n"
           << said;
}

class case_list {
public:
    void add(const std::string& name, const std::string& schema, bool good, const std::string& instance) {
        text_ += R"({"name":)" + boost::json::serialize(boost::json::value(name)) + R"(,"schema":")" + schema +
                 R"(","good":)" + (good ? "true" : "false") + R"(,"instance":)" + instance + "}\n";
        ++count;
    }
    /// What the validator says about the cases that it judges otherwise.
    std::string judge() const {
        std::ofstream(workplace / "cases.ndjson") << text_;
        const std::string source = OTA_SOURCE_DIR;
        return shell("node '" + source + "/tests/queue/check_schema.mjs' '" + source + "/docs/schemas' cases.ndjson");
    }
    std::size_t count = 0;

private:
    std::string text_;
};

TEST(schema, agrees_with_the_reader_about_every_sample) {
    ASSERT_TRUE(validator_is_there());
    case_list cases;
    for (const auto& s : samples::taken()) cases.add(s.name, "dm.mo.change.v1", true, s.json);
    for (const auto* list : {&samples::dead(), &samples::rejected()})
        for (const auto& s : *list)
            if (s.schema_can_tell) cases.add(s.name, "dm.mo.change.v1", false, s.json);
    EXPECT_GT(cases.count, 60u);
    EXPECT_EQ(cases.judge(), "checked " + std::to_string(cases.count) + "\n");
}

TEST(schema, takes_every_event_that_the_gateway_writes) {
    ASSERT_TRUE(validator_is_there());
    case_list cases;
    for (const auto& s : samples::taken())
        cases.add(s.name, "dm.mo.change.v1", true, serialize_event(std::get<change_event>(parse_event(s.json, {}))));
    EXPECT_EQ(cases.judge(), "checked " + std::to_string(cases.count) + "\n");
}

TEST(schema, takes_every_status_that_the_gateway_writes_and_no_spoilt_one) {
    ASSERT_TRUE(validator_is_there());
    case_list cases;
    status_event s;
    s.event_source = "/dm/1";
    s.event_id = "e-1";
    s.subject = "8949012345678901234";
    s.node = "./SC/USIM/SPN";
    for (auto state : {event_state::open, event_state::applied, event_state::superseded, event_state::rejected,
                       event_state::failed, event_state::expired}) {
        s.state = name_of(state);
        s.final = state != event_state::open;
        cases.add("bare " + s.state, "dm.mo.status.v1", true, serialize_status(s));
        auto full = s;
        full.reason = "counter-low";
        full.detail = "a sentence";
        full.value = "AQID";
        full.revision = 4;
        full.sequence = 4294967295;
        full.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        cases.add("full " + s.state, "dm.mo.status.v1", true, serialize_status(full));
        full.final = !full.final;
        cases.add("wrongly final " + s.state, "dm.mo.status.v1", false, serialize_status(full));
    }
    s.state = "incorporated";
    s.final = false;
    cases.add("incorporated", "dm.mo.status.v1", true, serialize_status(s));
    s.state = "done";
    cases.add("unknown state", "dm.mo.status.v1", false, serialize_status(s));
    s.state = "applied";
    s.subject = "1";
    cases.add("bad subject", "dm.mo.status.v1", false, serialize_status(s));
    EXPECT_EQ(cases.judge(), "checked " + std::to_string(cases.count) + "\n");
}

TEST(schema, describes_the_states_of_cards) {
    ASSERT_TRUE(validator_is_there());
    case_list cases;
    card_state s;
    s.number = 17;
    s.iccid = "8988211000000000017";
    s.node = "./SC/USIM/SPN";
    s.state = "unmanaged";
    s.at = wall_time(std::chrono::milliseconds(1'700'000'000'123));
    cases.add("nothing desired, nothing known", "dm.card.state.v1", true, serialize_card_state(s));
    s.state = "in-sync";
    s.desired = card_state::image{12, std::string(64, 'a')};
    s.reported = s.desired;
    s.revision = 3;
    s.device = "incorporated";
    s.device_at = s.at;
    cases.add("all of it", "dm.card.state.v1", true, serialize_card_state(s));
    s.desired->hash.clear();
    s.state = "blocked";
    s.reason = "card-refused";
    cases.add("a secret, blocked", "dm.card.state.v1", true, serialize_card_state(s));
    s.state = "lost";
    cases.add("no such state", "dm.card.state.v1", false, serialize_card_state(s));
    EXPECT_EQ(cases.judge(), "checked " + std::to_string(cases.count) + "\n");
    EXPECT_EQ(key_of(s), "8988211000000000017/SC/USIM/SPN");
}

}  // namespace
}  // namespace ota::queue
