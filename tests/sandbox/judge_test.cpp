#include "sandbox/judge.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace ota::sandbox {
namespace {

constexpr auto card_a = "89882110000000000001";
constexpr auto card_b = "89882110000000000019";

/// A journal in a file of its own, that goes with the test.
class judging : public ::testing::Test {
protected:
    void SetUp() override {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        file_ = std::filesystem::temp_directory_path() /
                ("otagw-" + std::string(test->name()) + "-" + std::to_string(::getpid()));
        std::filesystem::remove(file_);
        std::string error;
        ASSERT_TRUE(journal_.open(file_, error)) << error;
        journal_.write(journal_record(journal_opened{1, 2, 3}));
        journal_.write(journal_record(journal_node{"./SC/USIM/SPN", 4, {0xFF, 0xFF}}));
    }
    void TearDown() override { std::filesystem::remove(file_); }

    static journal_packet packet(const char* iccid, std::uint64_t counter, std::uint64_t hash,
                                 std::uint64_t submitted) {
        journal_packet out;
        out.iccid = iccid;
        out.submitted = submitted;
        out.trace.spi = {0x16, 0x19};
        out.trace.counter_key = 1;
        out.trace.counter = counter;
        out.trace.hash = hash;
        out.trace.opened = true;
        out.trace.executed = true;
        out.trace.ran = {{{0x00, 0xA4, 0, 4, 2}, 0x6120}, {{0x00, 0xD6, 0, 0, 2}, 0x9000}};
        return out;
    }
    verdict judged(const std::vector<desired_file>& desired = {}) {
        journal_.flush();
        verdict out;
        std::string error;
        EXPECT_TRUE(judge(file_, desired, out, error)) << error;
        return out;
    }

    std::string file_;
    journal journal_;
};

TEST_F(judging, finds_nothing_in_a_clean_run) {
    for (std::uint64_t counter = 1; counter <= 5; ++counter) {
        journal_.write(packet(card_a, counter, 100 + counter, counter * 2));
        journal_.write(packet(card_b, counter, 200 + counter, counter * 2 + 1));
    }
    const auto v = judged();
    EXPECT_TRUE(v.good());
    EXPECT_EQ(v.cards, 2U);
    EXPECT_EQ(v.packets, 10U);
    EXPECT_EQ(v.scripts, 10U);
    EXPECT_EQ(v.commands, 20U);
    EXPECT_EQ(v.repeats, 0U);
}

TEST_F(judging, catches_two_packets_under_one_counter) {
    journal_.write(packet(card_a, 7, 1, 1));
    journal_.write(packet(card_b, 7, 2, 2));
    journal_.write(packet(card_a, 7, 3, 3));
    const auto v = judged();
    EXPECT_EQ(v.counters_reused, 1U);
    EXPECT_FALSE(v.good());
    ASSERT_EQ(v.findings.size(), 1U);
    EXPECT_NE(v.findings[0].find(card_a), std::string::npos);
}

TEST_F(judging, catches_two_packets_under_one_counter_though_one_never_arrived) {
    auto lost = packet(card_a, 7, 1, 1);
    lost.lost = true;
    lost.trace.executed = false;
    journal_.write(lost);
    journal_.write(packet(card_a, 7, 3, 3));
    const auto v = judged();
    EXPECT_EQ(v.counters_reused, 1U);
    EXPECT_EQ(v.lost, 1U);
    EXPECT_EQ(v.packets, 1U);
}

TEST_F(judging, lets_the_same_octets_come_again_and_again) {
    journal_.write(packet(card_a, 7, 1, 1));
    auto again = packet(card_a, 7, 1, 2);
    again.trace.executed = false;
    again.trace.duplicate = true;
    journal_.write(again);
    journal_.write(packet(card_a, 8, 5, 3));
    journal_.write(again);
    const auto v = judged();
    EXPECT_TRUE(v.good());
    EXPECT_EQ(v.repeats, 2U);
    EXPECT_EQ(v.run_twice, 0U);
}

TEST_F(judging, catches_a_lowered_counter) {
    journal_.write(packet(card_a, 9, 1, 1));
    journal_.write(packet(card_a, 8, 2, 2));
    const auto v = judged();
    EXPECT_EQ(v.counters_lowered, 1U);
    EXPECT_EQ(v.counters_reused, 0U);
}

TEST_F(judging, does_not_take_the_networks_reordering_for_a_lowered_counter) {
    journal_.write(packet(card_a, 9, 2, 2));
    journal_.write(packet(card_a, 8, 1, 1));
    EXPECT_TRUE(judged().good());
}

TEST_F(judging, tells_apart_what_counters_are_kept_per) {
    auto other_key = packet(card_a, 3, 2, 2);
    other_key.trace.counter_key = 2;
    journal_.write(packet(card_a, 9, 1, 1));
    journal_.write(other_key);
    EXPECT_TRUE(judged().good());
}

TEST_F(judging, does_not_judge_packets_that_could_not_be_opened) {
    auto forged = packet(card_a, 0, 77, 2);
    forged.trace.opened = false;
    journal_.write(packet(card_a, 9, 1, 1));
    journal_.write(forged);
    const auto v = judged();
    EXPECT_TRUE(v.good());
    EXPECT_EQ(v.unopened, 1U);
}

TEST_F(judging, counts_a_packet_whose_script_ran_twice) {
    journal_.write(packet(card_a, 7, 1, 1));
    journal_.write(packet(card_a, 7, 1, 2));
    journal_.write(packet(card_a, 7, 1, 3));
    EXPECT_EQ(judged().run_twice, 1U);
}

TEST_F(judging, holds_the_last_content_of_files_against_what_is_desired) {
    journal_.write(journal_write{card_a, 4, {1, 2}});
    journal_.write(journal_write{card_a, 4, {1, 3}});
    EXPECT_TRUE(judged({{card_a, "./SC/USIM/SPN", {1, 3}}, {card_b, "./SC/USIM/SPN", {0xFF, 0xFF}}}).good());
    const auto v =
        judged({{card_a, "./SC/USIM/SPN", {1, 2}}, {card_b, "./SC/USIM/SPN", {1, 3}}, {card_b, "./SC/None", {1}}});
    EXPECT_EQ(v.files_compared, 3U);
    EXPECT_EQ(v.files_wrong, 3U);
    EXPECT_NE(v.findings[0].find("holds 0103, should hold 0102"), std::string::npos);
}

TEST_F(judging, survives_a_torn_tail_and_goes_on_behind_it) {
    journal_.write(packet(card_a, 7, 1, 1));
    journal_.flush();
    const auto whole = std::filesystem::file_size(file_);
    journal_.write(packet(card_a, 8, 2, 2));
    journal_.flush();
    const auto with_second = std::filesystem::file_size(file_);
    for (auto cut = whole; cut < with_second; ++cut) {
        std::filesystem::resize_file(file_, cut);
        const auto v = judged();
        EXPECT_EQ(v.packets, 1U);
        EXPECT_EQ(v.torn_octets, cut - whole);
    }
    journal next;
    std::string error;
    ASSERT_TRUE(next.open(file_, error)) << error;
    EXPECT_EQ(std::filesystem::file_size(file_), whole);
    next.write(packet(card_a, 6, 3, 3));
    next.flush();
    EXPECT_EQ(judged().counters_lowered, 1U);
}

TEST_F(judging, stops_at_a_record_whose_octets_were_altered) {
    journal_.write(packet(card_a, 7, 1, 1));
    journal_.flush();
    const auto whole = std::filesystem::file_size(file_);
    {
        std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(whole) - 20);
        file.put('\x5A');
    }
    const auto v = judged();
    EXPECT_EQ(v.packets, 0U);
    EXPECT_GT(v.torn_octets, 0U);
}

TEST_F(judging, reads_more_than_one_chunk) {
    for (std::uint64_t i = 1; i <= 40'000; ++i) journal_.write(packet(card_a, i, i, i));
    const auto v = judged();
    EXPECT_EQ(v.packets, 40'000U);
    EXPECT_EQ(v.torn_octets, 0U);
}

TEST(journal_record_codec, gives_back_every_field) {
    journal_packet p;
    p.time_us = 123456789;
    p.submitted = 42;
    p.iccid = "8988211000000000001";  // 19 digits
    p.lost = true;
    p.trace.spi = {0x16, 0x39};
    p.trace.kic = 0x12;
    p.trace.kid = 0x15;
    p.trace.tar = {0xB0, 0, 0x11};
    p.trace.counter_key = 0x01B00011;
    p.trace.opened = p.trace.torn = true;
    p.trace.counter = 0xFFFFFFFFFE;
    p.trace.hash = 0x0123456789ABCDEF;
    p.trace.status = secure_channel::response_status::counter_low;
    p.trace.commands = 3;
    p.trace.ran = {{{1, 2, 3, 4, 5}, 0x6A82}};
    p.answer = answer_form::both;
    p.answer_hash = 99;
    wire::writer out;
    serialize(p, out);
    const auto back = std::get<journal_packet>(parse_journal_record(out.buffer()).value());
    EXPECT_EQ(back.time_us, p.time_us);
    EXPECT_EQ(back.submitted, p.submitted);
    EXPECT_EQ(back.iccid, p.iccid);
    EXPECT_TRUE(back.lost && back.trace.opened && back.trace.torn);
    EXPECT_FALSE(back.trace.executed || back.trace.duplicate);
    EXPECT_EQ(back.trace.spi, p.trace.spi);
    EXPECT_EQ(back.trace.tar, p.trace.tar);
    EXPECT_EQ(back.trace.counter_key, p.trace.counter_key);
    EXPECT_EQ(back.trace.counter, p.trace.counter);
    EXPECT_EQ(back.trace.hash, p.trace.hash);
    EXPECT_EQ(back.trace.status, p.trace.status);
    EXPECT_EQ(back.trace.ran, p.trace.ran);
    EXPECT_EQ(back.answer, p.answer);
    EXPECT_EQ(back.answer_hash, p.answer_hash);
}

TEST(journal_record_codec, takes_no_strict_prefix_and_no_octet_more) {
    const journal_record all[] = {journal_opened{1, 2, 3}, journal_node{"./SC/A", 3, {1, 2}},
                                  journal_segment{1, card_a, 5}, journal_packet{}, journal_write{card_b, 7, {9}}};
    for (const auto& one : all) {
        wire::writer out;
        serialize(one, out);
        auto octets = out.take();
        ASSERT_TRUE(parse_journal_record(octets));
        for (std::size_t length = 0; length < octets.size(); ++length)
            EXPECT_FALSE(parse_journal_record(wire::octet_view(octets).first(length)));
        octets.push_back(0);
        EXPECT_FALSE(parse_journal_record(octets));
    }
}

TEST(judge_desired, names_the_line_that_is_wrong) {
    std::istringstream good(R"({"iccid":"1","node":"./A","hex":"0aFF"})"
                            "\n\n"
                            R"({"iccid":"2","node":"./B","hex":""})");
    std::vector<desired_file> out;
    std::string error;
    ASSERT_TRUE(load_desired(good, out, error)) << error;
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].image, (wire::octets{0x0A, 0xFF}));
    for (const auto* line : {"{", "[]", R"({"iccid":"1","node":"./A"})", R"({"iccid":"1","node":"./A","hex":"0"})",
                             R"({"iccid":1,"node":"./A","hex":"00"})"}) {
        std::istringstream bad(std::string(R"({"iccid":"1","node":"./A","hex":"00"})") + "\n" + line);
        EXPECT_FALSE(load_desired(bad, out, error)) << line;
        EXPECT_NE(error.find("line 2"), std::string::npos) << error;
    }
}

TEST(judge_command, answers_wrong_usage_and_an_unreadable_journal) {
    EXPECT_EQ(run_judge({}), 2);
    EXPECT_EQ(run_judge({"a", "b"}), 2);
    EXPECT_EQ(run_judge({"/nonexistent/journal"}), 1);
}

}  // namespace
}  // namespace ota::sandbox
