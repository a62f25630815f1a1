#include "gateway/audit/chain.hpp"
#include "gateway/audit/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <sstream>

namespace ota::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

const deed suspending{"desk", "operate", "10.0.0.1", "POST", "/api/v1/cards/8949000000000000013/suspend", 200};
constexpr std::chrono::sys_time<std::chrono::milliseconds> noon{std::chrono::milliseconds(1'772'366'400'000)};

/// Lines without their ends.
std::vector<std::string> lines_of(int n) {
    head at;
    std::vector<std::string> out;
    for (int i = 0; i < n; ++i) {
        auto line = serialize(suspending, noon + std::chrono::seconds(i), at);
        EXPECT_TRUE(line.ends_with('\n'));
        line.pop_back();
        out.push_back(std::move(line));
    }
    return out;
}

TEST(audit_record, is_a_line_of_json_that_says_who_did_what) {
    const auto record = boost::json::parse(lines_of(1).front()).as_object();
    EXPECT_EQ(record.at("seq").as_int64(), 1);
    EXPECT_EQ(record.at("time").as_string(), "2026-03-01T12:00:00.000Z");
    EXPECT_EQ(record.at("who").as_string(), "desk");
    EXPECT_EQ(record.at("role").as_string(), "operate");
    EXPECT_EQ(record.at("peer").as_string(), "10.0.0.1");
    EXPECT_EQ(record.at("method").as_string(), "POST");
    EXPECT_EQ(record.at("path").as_string(), suspending.path);
    EXPECT_EQ(record.at("status").as_int64(), 200);
    EXPECT_EQ(record.at("previous").as_string(), std::string(64, '0'));
}

TEST(audit_record, hash_is_sha_256_of_the_octets_before_it) {
    // printf '%s' '<the line up to and with the quotation mark after previous>' | sha256sum
    head at;
    const auto line = serialize({"a", "read", "::1", "PUT", "/x", 1}, noon, at);
    EXPECT_EQ(
        line.substr(0, line.find(",\"hash\"")),
        R"({"seq":1,"time":"2026-03-01T12:00:00.000Z","who":"a","role":"read","peer":"::1","method":"PUT","path":"/x","status":1,"previous":")" +
            std::string(64, '0') + '"');
    EXPECT_EQ(at.hash, "241900b319f5cf47c5b17ed5f00358888ca57eb126fdda6b4d9b6b9327b0de2b");
    EXPECT_TRUE(line.ends_with("\"hash\":\"" + at.hash + "\"}\n"));
}

TEST(audit_record, whatever_a_client_sends_stays_one_line_of_json) {
    deed wild = suspending;
    wild.path = "/a\"b\\c\n\x01\xff\",\"status\":999}" + std::string(5000, 'x');
    head at;
    auto line = serialize(wild, noon, at);
    line.pop_back();
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_LT(line.size(), 8192U);
    EXPECT_EQ(boost::json::parse(line).as_object().at("status").as_int64(), 200);
    EXPECT_TRUE(parse(line));
}

TEST(audit_record, every_altered_octet_is_found) {
    const auto line = lines_of(3).back();
    ASSERT_TRUE(parse(line));
    for (std::size_t i = 0; i < line.size(); ++i) {
        for (const char bit : {1, 32, 127}) {  // 32: another case
            auto altered = line;
            altered[i] = static_cast<char>(altered[i] ^ bit);
            EXPECT_FALSE(parse(altered)) << i;
        }
        auto shorter = line;
        EXPECT_FALSE(parse(shorter.erase(i, 1))) << i;
        auto longer = line;
        EXPECT_FALSE(parse(longer.insert(i, 1, line[i]))) << i;
    }
    EXPECT_FALSE(parse(line + ' '));
    EXPECT_FALSE(parse(""));
}

TEST(audit_chain, follows_from_record_to_record) {
    chain all;
    for (const auto& line : lines_of(5)) EXPECT_EQ(all.follow(line), std::nullopt);
    EXPECT_EQ(all.records(), 5U);
    EXPECT_EQ(all.at().seq, 5U);
}

TEST(audit_chain, a_record_that_is_missing_moved_or_doubled_breaks_it) {
    const auto lines = lines_of(4);
    const auto follows = [&](std::initializer_list<std::size_t> order) {
        chain all;
        std::optional<std::string> broken;
        for (const auto i : order) {
            if (!broken) broken = all.follow(lines[i]);
        }
        return broken;
    };
    EXPECT_EQ(follows({0, 1, 2, 3}), std::nullopt);
    EXPECT_THAT(follows({0, 2, 3}), Optional(HasSubstr("is record 3 where 2 should stand")));
    EXPECT_THAT(follows({0, 2, 1, 3}), Optional(HasSubstr("is record 3 where 2")));
    EXPECT_THAT(follows({0, 1, 1}), Optional(HasSubstr("is record 2 where 3")));
    EXPECT_EQ(follows({2, 3}), std::nullopt) << "the later files of a chain can be looked at alone";
}

TEST(audit_chain, a_record_of_another_chain_breaks_it) {
    head other;
    (void)serialize({"somebody", "operate", "", "POST", "/", 200}, noon, other);
    auto stranger = serialize(suspending, noon, other);
    stranger.pop_back();
    chain all;
    EXPECT_EQ(all.follow(lines_of(1).front()), std::nullopt);
    EXPECT_THAT(all.follow(stranger), Optional(HasSubstr("does not follow on the record before it")));
}

TEST(audit_chain, a_hash_that_was_noted_shows_what_was_cut_off) {
    const auto lines = lines_of(5);
    const auto noted = parse(lines[3])->at.hash;
    chain whole(noted), cut(noted);
    for (const auto& line : lines) (void)whole.follow(line);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(cut.follow(lines[static_cast<std::size_t>(i)]), std::nullopt);
    EXPECT_TRUE(whole.whole());
    EXPECT_FALSE(cut.whole());
}

}  // namespace
}  // namespace ota::audit
