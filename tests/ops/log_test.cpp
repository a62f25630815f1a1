#include "gateway/ops/log.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <unistd.h>
#include <array>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace ota::ops {
namespace {

using namespace std::chrono_literals;

struct kept_log {
    std::vector<std::string> lines;
    log out{level::info, [this](std::string_view line) { lines.emplace_back(line); },
            [] { return std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h + 5ms; }};

    boost::json::object last() const { return boost::json::parse(lines.at(lines.size() - 1)).as_object(); }
};

TEST(log, writes_one_json_object_a_line_with_time_level_message_and_fields) {
    kept_log log;
    log.out.info("packet sent", {{"event", "e-1"}, {"card", std::string("8944000000000000001")}, {"segments", 2}});
    ASSERT_EQ(log.lines.size(), 1U);
    EXPECT_EQ(log.lines.front(),
              "{\"time\":\"2026-01-31T12:00:00.005Z\",\"level\":\"info\",\"message\":\"packet sent\","
              "\"event\":\"e-1\",\"card\":\"8944000000000000001\",\"segments\":2}\n");
}

TEST(log, keeps_the_type_of_each_value) {
    kept_log log;
    log.out.warning("types", {{"yes", true},
                              {"below", -5},
                              {"most", std::numeric_limits<std::uint64_t>::max()},
                              {"half", 0.5},
                              {"endless", std::numeric_limits<double>::infinity()},
                              {"text", "true"}});
    const auto line = log.last();
    EXPECT_TRUE(line.at("yes").as_bool());
    EXPECT_EQ(line.at("below").as_int64(), -5);
    EXPECT_EQ(line.at("most").as_uint64(), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(line.at("half").as_double(), 0.5);
    EXPECT_TRUE(line.at("endless").is_null());
    EXPECT_EQ(line.at("text").as_string(), "true");
}

TEST(log, escapes_what_a_peer_sent_so_that_a_line_stays_one_line_of_valid_json) {
    kept_log log;
    static constexpr char octets[] =
        "a\"b\\c\n{\"level\":\"error\"}\r\t\x01\x7f\0 caf\xc3\xa9 \xff\xc0\x80\xed\xa0\x80\xe2\x82";
    const std::string hostile(octets, sizeof octets - 1);  // with its NUL
    log.out.error(hostile, {{hostile, hostile}});
    const auto& line = log.lines.front();
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto parsed = log.last();  // Boost.JSON refuses ill-formed UTF-8
    const std::string message(parsed.at("message").as_string());
    EXPECT_TRUE(message.starts_with("a\"b\\c\n{\"level\":\"error\"}\r\t\x01"));
    EXPECT_NE(message.find("caf\xc3\xa9"), std::string::npos);
    EXPECT_NE(message.find("\xef\xbf\xbd"), std::string::npos);
}

TEST(log, keeps_well_formed_sequences_of_every_length) {
    kept_log log;
    const std::string text = "\xc2\x80 \xe0\xa0\x80 \xed\x9f\xbf \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf";
    log.out.info(text);
    EXPECT_EQ(log.last().at("message").as_string(), text);
}

TEST(log, replaces_overlong_surrogate_and_too_large_sequences) {
    for (const std::string bad :
         {"\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xc1\x81", "\xf5"}) {
        kept_log log;
        log.out.info(bad);
        EXPECT_EQ(std::string(log.last().at("message").as_string()).substr(0, 3), "\xef\xbf\xbd");
    }
}

TEST(log, drops_lines_below_its_level_and_follows_a_change) {
    kept_log log;
    log.out.debug("no");
    EXPECT_TRUE(log.lines.empty());
    log.out.set_level(level::debug);
    log.out.debug("yes");
    EXPECT_EQ(log.lines.size(), 1U);
    log.out.set_level(level::off);
    log.out.error("no");
    EXPECT_EQ(log.lines.size(), 1U);
    EXPECT_EQ(parse_level("warning"), level::warning);
    EXPECT_EQ(parse_level("loud"), std::nullopt);
}

TEST(log, masks_cards_and_numbers_when_told_to) {
    kept_log log;
    log.out.set_mask_cards(true);
    log.out.info("m", {{"card", "8944000000000000001"}, {"msisdn", "491701234567"}, {"event", "8944"}, {"route", "a"}});
    EXPECT_EQ(log.last().at("card").as_string(), "***************0001");
    EXPECT_EQ(log.last().at("msisdn").as_string(), "********4567");
    EXPECT_EQ(log.last().at("event").as_string(), "8944");
}

TEST(log, masks_cards_and_numbers_in_sentences_and_other_fields_too) {
    kept_log log;
    log.out.set_mask_cards(true);
    log.out.warning("card 8944000000000000001 is in quarantine: +491701234567, 2026-11-23, 1234567",
                    {{"words", "to 491701234567."},
                     {"device", "IMEI:350000000000006"},
                     {"event", "1732392219123-8944000000000000001"}});
    EXPECT_EQ(log.last().at("message").as_string(),
              "card ***************0001 is in quarantine: +********4567, 2026-11-23, 1234567");
    EXPECT_EQ(log.last().at("words").as_string(), "to ********4567.");
    EXPECT_EQ(log.last().at("device").as_string(), "****************0006");
    EXPECT_EQ(log.last().at("event").as_string(), "1732392219123-***************0001")
        << "an id still ties lines together";
    EXPECT_NE(log.last().at("time").as_string().front(), '*');
}

TEST(log, lines_of_many_threads_do_not_mix) {
    kept_log log;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&log, t] {
            for (int i = 0; i < 200; ++i) log.out.info("line", {{"thread", t}, {"number", i}});
        });
    }
    threads.clear();
    ASSERT_EQ(log.lines.size(), 800U);
    std::array<int, 4> next{};
    for (const auto& line : log.lines) {
        const auto parsed = boost::json::parse(line).as_object();
        const auto thread = static_cast<std::size_t>(parsed.at("thread").as_int64());
        EXPECT_EQ(parsed.at("number").as_int64(), next.at(thread)++);
    }
}

TEST(log, default_log_goes_to_stderr) {
    testing::internal::CaptureStderr();
    log{}.error("to the operator", {{"route", "main"}});
    const auto line = boost::json::parse(testing::internal::GetCapturedStderr()).as_object();
    EXPECT_EQ(line.at("route").as_string(), "main");
}

}  // namespace
}  // namespace ota::ops
