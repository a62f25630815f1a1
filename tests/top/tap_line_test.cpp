#include "gateway/cli/tap_line.hpp"

#include "gateway/cli/instance_address.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace ota::cli {
namespace {

constexpr auto noon = std::chrono::system_clock::time_point(std::chrono::sys_days(std::chrono::March / 1 / 2026) +
                                                            std::chrono::hours(12));

TEST(tap_line, shows_what_an_event_is_about_in_a_fixed_order) {
    EXPECT_EQ(
        line_of(
            {"ended",
             R"({"event":"e","source":"s","state":"failed","reason":"card-refused","card":"8944","node":"./A","more":[1]})"},
            noon),
        "2026-03-01T12:00:00.000Z ended  8944 failed card-refused ./A e s more=[1]");
    EXPECT_EQ(line_of({"alert", R"({"sentence":"profile p is paused","card":"","profile":"p","reason":null})"}, noon),
              "2026-03-01T12:00:00.000Z alert  p profile p is paused");
}

TEST(tap_line, gives_a_terminal_no_orders) {
    EXPECT_EQ(line_of({"x", "\x1b[2J"}, noon), "2026-03-01T12:00:00.000Z x      ?[2J");
    EXPECT_EQ(line_of({"ended", "{\"node\":\"a\\u001b[2J\\n\"}"}, noon), "2026-03-01T12:00:00.000Z ended  a?[2J?");
}

TEST(tap_line, keeps_the_members_of_an_event_as_json) {
    EXPECT_EQ(json_line_of({"taken", R"({"card":"8944"})"}, noon),
              R"({"at":"2026-03-01T12:00:00.000Z","type":"taken","card":"8944"})");
    EXPECT_EQ(json_line_of({"odd", "[1]"}, noon), R"({"at":"2026-03-01T12:00:00.000Z","type":"odd","data":"[1]"})");
}

TEST(tap_line, asks_for_what_it_was_told_and_not_for_rates) {
    EXPECT_EQ(path_of({}), "/api/v1/events?type=taken,ended,dead,alert");
    EXPECT_EQ(path_of({"1&2", "rates", "failed", "a b"}),
              "/api/v1/events?type=rates&card=1%262&state=failed&reason=a%20b");
}

TEST(instance_address, wants_one_whole_token_and_a_place_to_go) {
    const auto file = std::filesystem::temp_directory_path() / "otagw-token-test";
    std::ofstream(file) << "secret-token-0123 \r\n\n";
    std::string why;
    EXPECT_EQ(address_of({"http://h:1", file.string(), {}, {}}, why)->token, "secret-token-0123");
    std::ofstream(file) << "two\r\nlines\n";
    EXPECT_FALSE(address_of({"http://h:1", file.string(), {}, {}}, why));
    EXPECT_EQ(why.find("two"), std::string::npos) << why;
    std::filesystem::remove(file);
    EXPECT_FALSE(address_of({"http://h:1", file.string(), {}, {}}, why));
    EXPECT_NE(why.find("cannot be read"), std::string::npos) << why;
    EXPECT_FALSE(address_of({"h:1", {}, {}, {}}, why));
    EXPECT_FALSE(address_of({}, why));
}

}  // namespace
}  // namespace ota::cli
