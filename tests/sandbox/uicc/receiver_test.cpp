#include "tests/sandbox/uicc/card_bench.hpp"

namespace ota::sandbox {
namespace {

using sc::response_status;

constexpr auto write_spn = "00a4000c026f4600d60000020102";

TEST(uicc_receiver, proves_the_receipt_as_spi2_asks) {
    card_bench card;
    const auto answer = card.send(11, write_spn);
    ASSERT_TRUE(answer.report);
    const auto opened = card.open(*answer.report);
    EXPECT_EQ(opened.integrity, sc::verification::verified);
    EXPECT_EQ(opened.value.status, response_status::por_ok);
    EXPECT_EQ(opened.value.cntr.value, 11U);
    EXPECT_EQ(opened.value.tar, card.tar);
    EXPECT_EQ(wire::to_hex(opened.value.data), "029000");
    EXPECT_TRUE(answer.submitted.empty());
}

TEST(uicc_receiver, rejects_a_replay_and_says_counter_low) {
    card_bench card;
    const auto packet = card.packet(11, write_spn);
    card.send(packet);
    const auto again = card.send(packet);
    EXPECT_EQ(card.open(*again.report).value.status, response_status::counter_low);
    EXPECT_TRUE(again.packet->duplicate);
    EXPECT_FALSE(again.packet->executed);
    const auto other = card.send(11, "00a4000c026f4600d6000001aa");
    EXPECT_EQ(other.packet->status, response_status::counter_low);
    EXPECT_FALSE(other.packet->duplicate);
}

TEST(uicc_receiver, starts_from_the_counter_that_it_left_the_factory_with) {
    card_bench card;
    EXPECT_EQ(card.send(10, write_spn).packet->status, response_status::counter_low);
    EXPECT_EQ(card.send(11, write_spn).packet->status, response_status::por_ok);
}

TEST(uicc_receiver, accepts_any_higher_counter_but_only_the_next_one_where_it_must_be_exact) {
    card_bench card;
    EXPECT_EQ(card.send(500, write_spn).packet->status, response_status::por_ok);
    auto exact = bench_profile();
    exact.spi.spi1 = 0x1E;
    card_bench strict(std::move(exact));
    EXPECT_EQ(strict.send(12, write_spn, 0x1E19).packet->status, response_status::counter_high);
    EXPECT_EQ(strict.send(11, write_spn, 0x1E19).packet->status, response_status::por_ok);
    EXPECT_EQ(strict.send(12, write_spn, 0x1E19).packet->status, response_status::por_ok);
    EXPECT_EQ(strict.send(12, write_spn, 0x1E19).packet->status, response_status::counter_low);
}

TEST(uicc_receiver, blocks_after_the_highest_counter) {
    card_bench card;
    EXPECT_EQ(card.send(sc::replay_counter::highest, write_spn).packet->status, response_status::por_ok);
    EXPECT_EQ(card.send(sc::replay_counter::highest, write_spn).packet->status, response_status::counter_blocked);
}

TEST(uicc_receiver, stores_an_unchecked_counter_and_ignores_an_ignored_one) {
    auto profile = bench_profile();
    profile.spi.spi1 = 0x06;
    card_bench card(std::move(profile));
    EXPECT_EQ(card.send(5, write_spn, 0x0619).packet->status, response_status::por_ok);
    EXPECT_EQ(card.send(5, write_spn, 0x0619).packet->status, response_status::por_ok);
    EXPECT_EQ(card.send(3, write_spn, 0x0E19).packet->status, response_status::por_ok);
    EXPECT_EQ(card.send(4, write_spn, 0x1619).packet->status, response_status::por_ok);
    EXPECT_EQ(card.send(4, write_spn, 0x1619).packet->status, response_status::counter_low);
}

TEST(uicc_receiver, burns_the_counter_before_the_script_runs) {
    card_bench card;
    EXPECT_EQ(wire::to_hex(card.open(*card.send(11, "00a40004026f99").report).value.data), "016a82");
    EXPECT_EQ(card.send(11, write_spn).packet->status, response_status::counter_low);
}

TEST(uicc_receiver, keeps_its_counter_when_the_checksum_is_wrong) {
    card_bench card;
    auto forged = card.packet(4000, write_spn);
    forged.back() ^= 1;
    const auto answer = card.send(forged);
    EXPECT_FALSE(answer.packet->opened);
    const auto opened = card.open(*answer.report);
    EXPECT_EQ(opened.integrity, sc::verification::unsecured);
    EXPECT_EQ(opened.value.cntr.value, 0U);
    EXPECT_TRUE(opened.value.status == response_status::integrity_failed ||
                opened.value.status == response_status::ciphering_error);
    EXPECT_EQ(card.send(11, write_spn).packet->status, response_status::por_ok);
}

TEST(uicc_receiver, keeps_a_counter_per_key_version_or_per_application) {
    card_bench by_key;
    by_key.send(20, write_spn);
    by_key.tar = {{0xB0, 0x00, 0x00}};
    EXPECT_EQ(by_key.send(15, "").packet->status, response_status::counter_low);
    auto profile = bench_profile();
    profile.scope = counter_scope::tar;
    card_bench by_tar(std::move(profile));
    by_tar.send(20, write_spn);
    by_tar.tar = {{0xB0, 0x00, 0x00}};
    EXPECT_EQ(by_tar.send(15, "").packet->status, response_status::por_ok);
    by_tar.tar = {{0xB0, 0x00, 0x11}};
    EXPECT_EQ(by_tar.send(15, "").packet->status, response_status::counter_low);
}

TEST(uicc_receiver, refuses_less_than_its_minimum_security_level) {
    card_bench card;
    EXPECT_EQ(card.send(11, write_spn, 0x1219).packet->status, response_status::insufficient_security_level);
    auto with_redundancy_check = card.packet(11, write_spn);
    with_redundancy_check[3] = 0x15;
    EXPECT_EQ(card.send(with_redundancy_check).packet->status, response_status::insufficient_security_level);
    EXPECT_EQ(card.send(11, write_spn, 0x0619).packet->status, response_status::insufficient_security_level);
    EXPECT_EQ(card.send(11, write_spn, 0x1E19).packet->status, response_status::por_ok);
}

TEST(uicc_receiver, knows_neither_foreign_applications_nor_foreign_keys) {
    card_bench card;
    card.tar = {{0xB2, 0x01, 0x00}};
    const auto answer = card.send(11, "");
    EXPECT_EQ(answer.packet->status, response_status::tar_unknown);
    EXPECT_EQ(card.open(*answer.report).integrity, sc::verification::unsecured);
    card.tar = {{0xB0, 0x00, 0x11}};
    auto other_version = card.packet(11, "");
    other_version[5] = 0x22;
    EXPECT_EQ(card.send(other_version).packet->status, response_status::unidentified_security_error);
}

TEST(uicc_receiver, refuses_a_checksum_shorter_than_its_keys) {
    card_bench card;
    const sc::key_set shorter(sc::secret(hex("000102030405060708090a0b0c0d0e0f")),
                              sc::secret(hex("101112131415161718191a1b1c1d1e1f")), 4);
    const auto packet = sc::seal_command(card.header(11), hex(write_spn), shorter).value();
    EXPECT_EQ(card.send(packet).packet->status, response_status::integrity_failed);
    card_bench four(bench_profile(), {}, 4);
    EXPECT_EQ(four.run(write_spn), "029000");
}

TEST(uicc_receiver, gives_no_proof_where_none_is_asked_and_one_on_errors_where_that_is) {
    card_bench card;
    EXPECT_FALSE(card.send(11, write_spn, 0x1600).report);
    EXPECT_FALSE(card.send(12, write_spn, 0x161A).report);
    EXPECT_TRUE(card.send(12, write_spn, 0x161A).report);
}

TEST(uicc_receiver, announces_a_proof_by_submit_and_sends_it_itself) {
    card_bench card;
    const auto answer = card.send(11, write_spn, 0x1639);
    ASSERT_TRUE(answer.report);
    EXPECT_EQ(card.open(*answer.report, 0x1639).value.status, response_status::follows_by_submit);
    ASSERT_EQ(answer.submitted.size(), 1U);
    const auto real = card.open(answer.submitted[0], 0x1639);
    EXPECT_EQ(real.integrity, sc::verification::verified);
    EXPECT_EQ(wire::to_hex(real.value.data), "029000");
}

TEST(uicc_receiver, concatenates_a_long_proof_by_submit) {
    auto profile = bench_profile();
    profile.nodes.emplace("./SC/USIM/Long", file_node({0x7FFF, 0x6FAA}, 200));
    card_bench card(std::move(profile));
    const auto answer = card.send(11, "00a4000c026faa00b00000c8", 0x1639);
    ASSERT_EQ(answer.submitted.size(), 2U);
    sc::reassembly join;
    ASSERT_FALSE(join.on_segment("x", answer.submitted[1], 0).value());
    const auto whole = join.on_segment("x", answer.submitted[0], 0).value();
    ASSERT_TRUE(whole);
    const auto opened =
        sc::open_response(whole->packet, whole->first_segment, {{0x16, 0x39}, {0x12}, {0x12}, true}, card.keys())
            .value();
    EXPECT_EQ(opened.integrity, sc::verification::verified);
    EXPECT_EQ(wire::to_hex(opened.value.data), "029000" + std::string(400, 'f'));
}

TEST(uicc_receiver, can_be_silent_on_security_failures) {
    card_quirks quirks;
    quirks.on_failure = failure_answer::silent;
    card_bench card(bench_profile(), quirks);
    const auto packet = card.packet(11, write_spn);
    EXPECT_TRUE(card.send(packet).report);
    EXPECT_FALSE(card.send(packet).report);
    auto forged = card.packet(12, write_spn);
    forged.back() ^= 1;
    EXPECT_FALSE(card.send(forged).report);
}

TEST(uicc_receiver, can_answer_a_replay_with_status_06_and_no_security) {
    card_quirks quirks;
    quirks.replay_as_unidentified = true;
    card_bench card(bench_profile(), quirks);
    card.send(11, write_spn);
    const auto opened = card.open(*card.send(11, write_spn).report);
    EXPECT_EQ(opened.integrity, sc::verification::unsecured);
    EXPECT_EQ(opened.value.status, response_status::unidentified_security_error);
    EXPECT_EQ(opened.value.cntr.value, 0U);
}

TEST(uicc_receiver, is_refused_while_busy_and_nothing_happens) {
    card_bench card;
    mishap busy;
    busy.busy = true;
    const auto packet = card.packet(11, write_spn);
    const auto answer = card.send(packet, busy);
    EXPECT_EQ(answer.how, acknowledgement::refused);
    EXPECT_EQ(answer.failure_cause, toolkit_busy);
    EXPECT_EQ(card.send(packet).packet->status, response_status::por_ok);
}

TEST(uicc_receiver, burns_the_counter_when_memory_is_short) {
    card_bench card;
    mishap short_of_memory;
    short_of_memory.insufficient_memory = true;
    const auto packet = card.packet(11, write_spn);
    const auto answer = card.send(packet, short_of_memory);
    EXPECT_EQ(card.open(*answer.report).value.status, response_status::insufficient_memory);
    EXPECT_TRUE(card.one.files.untouched());
    EXPECT_EQ(card.send(packet).packet->status, response_status::counter_low);
}

TEST(uicc_receiver, leaves_a_script_half_done_when_the_power_goes) {
    card_bench card;
    mishap cut;
    cut.power_cut_after = 2;
    const auto packet = card.packet(11, "00a4000c026f4600d60000010100d600010102");
    const auto answer = card.send(packet, cut);
    EXPECT_EQ(answer.how, acknowledgement::none);
    EXPECT_FALSE(answer.report);
    EXPECT_TRUE(answer.packet->torn);
    EXPECT_EQ(answer.packet->ran.size(), 2U);
    EXPECT_EQ(answer.packet->commands, 3U);
    EXPECT_EQ(card.send(packet).packet->status, response_status::counter_low);
    card.last_counter = 11;
    EXPECT_EQ(card.run("00a4000c026f4600b0000002"), "02900001ff");
}

TEST(uicc_receiver, bears_anything_that_is_no_packet) {
    card_bench card;
    for (const auto* text :
         {"", "00", "02", "0270", "027000", "02700000", "02710000", "0500030102", "ff", "027000ffff"}) {
        const auto answer = on_message(card.model, card.one, card.identity, hex(text), {});
        EXPECT_EQ(answer.how, acknowledgement::accepted) << text;
        EXPECT_FALSE(answer.report) << text;
    }
    const auto whole = card.packet(11, write_spn);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto user_data = hex("027000" + wire::to_hex(wire::octet_view(whole).first(length)));
        EXPECT_FALSE(on_message(card.model, card.one, card.identity, user_data, {}).report) << length;
    }
    EXPECT_EQ(card.send(whole).packet->status, response_status::por_ok);
}

TEST(uicc_receiver, answers_a_malformed_script_as_an_error_of_its_first_command) {
    card_bench card;
    EXPECT_EQ(card.run("00a4000c"), "016700");
}

TEST(uicc_receiver, works_with_3des_keys) {
    auto profile = bench_profile();
    profile.kic_algorithm = 5;
    profile.kid_algorithm = 5;
    card_bench card(std::move(profile));
    EXPECT_EQ(card.run(write_spn), "029000");
}

}  // namespace
}  // namespace ota::sandbox
