#include "sandbox/card_network.hpp"
#include "sandbox/demo_profile.hpp"
#include "sandbox/external_network.hpp"
#include "sandbox/judge.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace ota::sandbox {
namespace {

namespace sc = secure_channel;

constexpr auto spn = "./SC/USIM/SPN";

/// Ten cards with a journal, and a sender that knows their keys.
class cards_behind_the_smsc : public ::testing::Test {
protected:
    void SetUp() override {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        file_ = std::filesystem::temp_directory_path() /
                ("otagw-" + std::string(test->name()) + "-" + std::to_string(::getpid()));
        std::filesystem::remove(file_);
        std::string error;
        ASSERT_TRUE(journal_.open(file_, error)) << error;
    }
    void TearDown() override { std::filesystem::remove(file_); }

    card_network make(const mishap_shares& shares = {}) {
        auto who = population_for(*profile_, 3, 10);
        card_network out(*profile_, who, {}, shares, journal_);
        out.open_journal({});
        return out;
    }
    wire::octets packet(const population& who, std::size_t card, std::uint64_t above, std::string_view script) const {
        const sc::command_header header{
            {0x16, 0x19}, {0x12}, {0x12}, {{0xB0, 0x00, 0x11}}, {who.first_counter(card) + above}};
        return sc::seal_command(header, wire::from_hex(script).value(), who.keys(card)).value();
    }
    static std::vector<wire::octets> segments(const wire::octets& packet, std::uint16_t reference = 1) {
        return sc::split_packet(packet, sc::packet_kind::command, reference).value();
    }
    sms_report deliver(card_network& to, std::size_t card, const wire::octets& user_data) {
        const auto number = to.who().msisdn(card);
        return to.deliver({++submitted_, number, user_data, {}});
    }
    verdict judged(const std::vector<desired_file>& desired = {}) {
        journal_.flush();
        verdict out;
        std::string error;
        EXPECT_TRUE(judge(file_, desired, out, error)) << error;
        return out;
    }
    static wire::octets spn_image(std::uint8_t first) {
        wire::octets out(17, 0xFF);
        out[0] = first;
        return out;
    }

    std::shared_ptr<const card_profile> profile_ = demo_profile();
    std::string file_;
    journal journal_;
    std::uint64_t submitted_ = 0;
};

TEST_F(cards_behind_the_smsc, are_found_by_their_number_and_write_down_what_they_do) {
    auto cards = make();
    const auto& who = cards.who();
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_TRUE(deliver(cards, i, segments(packet(who, i, 1, "00a4000c026f4600d600000107"))[0]).report);
    EXPECT_EQ(cards.content(4, spn), spn_image(7));
    EXPECT_EQ(cards.counts().scripts, 10U);
    const auto v = judged({{who.iccid(4), spn, spn_image(7)}, {who.iccid(5), spn, spn_image(8)}});
    EXPECT_EQ(v.packets, 10U);
    EXPECT_EQ(v.commands, 20U);
    EXPECT_EQ(v.files_wrong, 1U);
}

TEST_F(cards_behind_the_smsc, do_not_include_strangers) {
    auto cards = make();
    EXPECT_EQ(cards.deliver({1, "4900000", {}, {}}).how, acknowledgement::none);
    EXPECT_EQ(cards.counts().unknown_subscribers, 1U);
}

TEST_F(cards_behind_the_smsc, show_a_reused_counter_to_the_judge) {
    auto cards = make();
    deliver(cards, 2, segments(packet(cards.who(), 2, 1, "00a4000c026f4600d600000107"))[0]);
    deliver(cards, 2, segments(packet(cards.who(), 2, 1, "00a4000c026f4600d600000108"))[0]);
    const auto v = judged();
    EXPECT_EQ(v.counters_reused, 1U);
    EXPECT_EQ(v.scripts, 1U);
}

TEST_F(cards_behind_the_smsc, show_the_judge_what_never_arrived) {
    auto cards = make();
    const auto number = cards.who().msisdn(2);
    const auto lost = segments(packet(cards.who(), 2, 1, "00a4000c026f4600d600000107"))[0];
    cards.on_lost({++submitted_, number, lost, {}});
    deliver(cards, 2, segments(packet(cards.who(), 2, 1, "00a4000c026f4600d600000108"))[0]);
    EXPECT_EQ(judged().counters_reused, 1U);
}

TEST_F(cards_behind_the_smsc, show_the_judge_a_packet_that_lost_one_segment) {
    auto cards = make();
    const auto number = cards.who().msisdn(2);
    std::string script = "00a4000c026f46";
    for (int i = 0; i < 30; ++i) script += "00b000000a";
    const auto parts = segments(packet(cards.who(), 2, 1, script));
    ASSERT_EQ(parts.size(), 2U);
    cards.on_lost({++submitted_, number, parts[0], {}});
    deliver(cards, 2, parts[1]);
    deliver(cards, 2, segments(packet(cards.who(), 2, 1, "00a4000c026f4600d600000108"))[0]);
    const auto v = judged();
    EXPECT_EQ(v.lost, 1U);
    EXPECT_EQ(v.segments, 1U);
    EXPECT_EQ(v.counters_reused, 1U);
}

TEST_F(cards_behind_the_smsc, go_on_after_a_restart_where_their_journal_ends) {
    const auto sent = [&] {
        auto cards = make();
        auto whole = packet(cards.who(), 6, 1, "00a4000c026f4600d600000107");
        deliver(cards, 6, segments(whole)[0]);
        return whole;
    }();
    journal_.flush();
    auto cards = make();
    journal_extent extent;
    std::string error;
    ASSERT_TRUE(read_journal(
        file_, [&](const auto& r) { cards.restore(r); }, extent, error))
        << error;
    EXPECT_EQ(cards.content(6, spn), spn_image(7));
    deliver(cards, 6, segments(sent)[0]);
    EXPECT_EQ(cards.counts().by_status[2], 1U) << "the replay is still one";
}

TEST_F(cards_behind_the_smsc, suffer_every_mishap_that_has_a_share) {
    mishap_shares shares;
    shares.busy = shares.insufficient_memory = shares.power_cut = 0.2;
    auto cards = make(shares);
    for (std::uint64_t n = 1; n <= 30; ++n)
        for (std::size_t i = 0; i < 10; ++i)
            deliver(cards, i,
                    segments(packet(cards.who(), i, n,
                                    "00a4000c026f4600d600000107"
                                    "00d600010108"))[0]);
    const auto& counts = cards.counts();
    EXPECT_GT(counts.busy, 10U);
    EXPECT_GT(counts.insufficient_memory, 10U);
    EXPECT_GT(counts.power_cuts, 10U);
    const auto v = judged();
    EXPECT_TRUE(v.good());
    EXPECT_EQ(v.torn_scripts, counts.power_cuts);
}

TEST_F(cards_behind_the_smsc, take_little_memory) {
    auto cards = make();
    const auto idle = cards.memory() / cards.who().size();
    EXPECT_LE(idle, 100U);
    for (std::size_t i = 0; i < 10; ++i)
        deliver(cards, i, segments(packet(cards.who(), i, 1, "00a4000c026f4600d600000107"))[0]);
    EXPECT_LE(cards.memory() / cards.who().size(), 700U);
}

TEST(external_card, answers_line_by_line) {
    const auto whole = parse_external_answer("027100aa 0271bb 02cc");
    ASSERT_TRUE(whole);
    EXPECT_EQ(wire::to_hex(*whole->report), "027100aa");
    ASSERT_EQ(whole->submitted.size(), 2U);
    EXPECT_EQ(wire::to_hex(whole->submitted[1]), "02cc");
    EXPECT_FALSE(parse_external_answer("-")->report);
    EXPECT_EQ(parse_external_answer("- 0271")->submitted.size(), 1U);
    EXPECT_EQ(parse_external_answer("!")->how, acknowledgement::refused);
    EXPECT_FALSE(parse_external_answer(""));
    EXPECT_FALSE(parse_external_answer("02x"));
    EXPECT_FALSE(parse_external_answer("- 0"));
}

TEST(external_card, takes_the_cards_place) {
    external_network program;
    std::string error;
    ASSERT_TRUE(program.start("while read number data; do echo 0271${data%ef}; done", error)) << error;
    const wire::octets user_data{0xAB, 0xCD, 0xEF};
    for (int i = 0; i < 3; ++i) {
        const auto answer = program.deliver({1, "49155000000001", user_data, {}});
        EXPECT_EQ(answer.how, acknowledgement::accepted);
        ASSERT_TRUE(answer.report);
        EXPECT_EQ(wire::to_hex(*answer.report), "0271abcd");
    }
}

TEST(external_card, is_out_of_reach_when_its_program_ends) {
    external_network program;
    std::string error;
    ASSERT_TRUE(program.start("read line", error)) << error;
    ::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(program.deliver({1, "49155000000001", {}, {}}).how, acknowledgement::none);
    EXPECT_EQ(program.deliver({1, "49155000000001", {}, {}}).how, acknowledgement::none);
}

}  // namespace
}  // namespace ota::sandbox
