#include "tests/sandbox/uicc/card_bench.hpp"

namespace ota::sandbox {
namespace {

constexpr auto spn = "00a40004026f46";

TEST(uicc_files, reads_what_an_earlier_script_wrote) {
    card_bench card;
    EXPECT_EQ(card.run("00a40004026f4600d600000401020304"), "029000");
    EXPECT_EQ(card.run("00a40004026f4600b0000006"), "02900001020304ffff");
}

TEST(uicc_files, keeps_only_the_files_that_differ_from_the_factory) {
    card_bench card;
    card.run("00a40004026f4600b0000011");
    EXPECT_TRUE(card.one.files.untouched());
    card.run("00a40004026f4600d60000020102");
    EXPECT_EQ(card.one.files.allocated(), 2U + 17U);
}

TEST(uicc_files, selects_by_path_from_the_master_file_and_from_here) {
    card_bench card;
    EXPECT_EQ(card.run("00a40804047fff6f4600b0000001"), "029000ff");
    EXPECT_EQ(card.run("00a40904026f4600b0000001"), "029000ff");
    EXPECT_EQ(card.run("00a40904027fff"), "016a82");
}

TEST(uicc_files, selects_an_application_by_a_part_of_its_name) {
    card_bench card;
    card.tar = {{0xB0, 0x00, 0x00}};
    EXPECT_EQ(card.run("00a4040c07a000000087100200b0000001"), "026986");
    EXPECT_EQ(card.run("00a4040c07a000000087100200a4000c026f4600b0000001"), "039000ff");
    EXPECT_EQ(card.run("00a4040c07a0000000871004"), "016a82");
}

TEST(uicc_files, finds_the_master_file_the_parent_and_the_current_application_by_identifier) {
    card_bench card;
    EXPECT_EQ(card.run("00a4000c023f0000a4000c022fe200b000000a"), "03900098881201000000000010");
    EXPECT_EQ(card.run("00a4000c023f0000a4000c027fff00a4000c026f4600b0000001"), "049000ff");
}

TEST(uicc_files, announces_the_control_parameters_of_a_selected_file) {
    card_bench card;
    EXPECT_EQ(card.run(spn).substr(0, 4), "0161");
    EXPECT_EQ(card.run("00a40004026f4600c0000000"),
              "02900062"
              "2e8202412183026f468a0105"
              "ab1b8001019000800102a40683010a950108800118a40683010a950108"
              "80020011"
              "8800");
    EXPECT_EQ(card.run("00a40004026f4600c00000ff"), "026c30");
    EXPECT_EQ(card.run("00c0000000"), "016700");
}

TEST(uicc_files, answers_status_with_the_current_directory) {
    card_bench card;
    EXPECT_EQ(card.run("80f2000c00"), "019000");
    const auto answer = card.run("80f2000000");
    EXPECT_EQ(answer.substr(0, 8), "01900062");
    EXPECT_NE(answer.find("83027fff"), std::string::npos);
}

TEST(uicc_files, refuses_offsets_and_lengths_beyond_the_file) {
    card_bench card;
    EXPECT_EQ(card.run("00a40004026f4600b0001101"), "026b00");
    EXPECT_EQ(card.run("00a40004026f4600b0001002"), "026c01");
    EXPECT_EQ(card.run("00a40004026f4600d60011011a"), "026b00");
    EXPECT_EQ(card.run("00a40004026f4600d6001002aabb"), "026700");
    EXPECT_TRUE(card.one.files.untouched());
}

TEST(uicc_files, refuses_what_the_access_conditions_forbid) {
    card_bench card;
    EXPECT_EQ(card.run("00a40004026f0700b0000001"), "029000ff");
    EXPECT_EQ(card.run("00a40004026f0700d600000101"), "026982");
    EXPECT_EQ(card.run("00a4000c023f0000a4000c022fe200d600000101"), "036982");
}

TEST(uicc_files, refuses_commands_without_a_selected_file_or_for_another_structure) {
    card_bench card;
    EXPECT_EQ(card.run("00b0000001"), "016986");
    EXPECT_EQ(card.run("00a40004026f4600b201041e"), "026981");
    EXPECT_EQ(card.run("00a40004026f4200b0000001"), "026981");
    EXPECT_EQ(card.run("00a40004026f99"), "016a82");
    EXPECT_EQ(card.run("00a40204026f46"), "016a86");
}

TEST(uicc_files, refuses_unknown_instructions_and_classes) {
    card_bench card;
    EXPECT_EQ(card.run("0020000100"), "016d00");
    EXPECT_EQ(card.run("a0a40000026f46"), "016e00");
}

TEST(uicc_files, reads_and_updates_records_by_number_and_one_after_another) {
    card_bench card;
    const std::string record(60, '1');
    EXPECT_EQ(card.run("00a4000c026f4200dc02041e" + record), "029000");
    EXPECT_EQ(card.run("00a4000c026f4200b202041e"), "029000" + record);
    EXPECT_EQ(card.run("00a4000c026f4200b201041e"), "029000" + std::string(60, 'f'));
    EXPECT_EQ(card.run("00a4000c026f4200b200021e00b200021e"), "039000" + record);
    EXPECT_EQ(card.run("00a4000c026f4200b203041e"), "026a83");
    EXPECT_EQ(card.run("00a4000c026f4200b201041d"), "026c1e");
    EXPECT_EQ(card.run("00a4000c026f4200dc010402aabb"), "026700");
}

TEST(uicc_files, deactivates_a_file_until_it_is_activated_again) {
    card_bench card;
    EXPECT_EQ(card.run("00a4000c026f460004000000"), "029000");
    EXPECT_EQ(card.run("00a4000c026f4600b0000001"), "026984");
    EXPECT_EQ(card.run("00a4000c026f460044000000"), "029000");
    EXPECT_EQ(card.run("00a4000c026f4600b0000001"), "029000ff");
    EXPECT_TRUE(card.one.files.untouched());
}

TEST(uicc_files, speaks_class_a0_in_the_words_of_a_classic_sim) {
    card_bench card;
    card.tar = {{0xB0, 0x00, 0x10}};
    EXPECT_EQ(card.run("a0a40000027f20"), "019f16");
    EXPECT_EQ(card.run("a0a40000027f20a0a40000026f46a0c000000f"),
              "0390000000"
              "00116f46040011ffff01020000");
    EXPECT_EQ(card.run("a0a40000026f46"), "019404");
    EXPECT_EQ(card.run("a0b0000001"), "019400");
    EXPECT_EQ(card.run("a0a40000027f20a0a40000026f46a0b0000012"), "036711");
    EXPECT_EQ(card.run("00a40000027f20"), "016e00");
}

TEST(uicc_files, stops_a_script_at_its_first_error) {
    card_bench card;
    EXPECT_EQ(card.run("00a4000c026f4600d60000010100b0001101"
                       "00d600010102"),
              "036b00");
    EXPECT_EQ(card.run("00a4000c026f4600b0000002"), "02900001ff");
}

TEST(uicc_files, answers_an_empty_script_with_a_single_zero) {
    card_bench card;
    EXPECT_EQ(card.run(""), "00");
}

TEST(uicc_files, answers_every_command_of_an_expanded_script) {
    card_bench card;
    card.tar = {{0xB0, 0x01, 0x20}};
    EXPECT_EQ(card.run("aa10220700a4000c026f46220500b0000002"),
              "ab0d800102"
              "23029000"
              "2304ffff9000");
}

TEST(uicc_files, cuts_an_answer_that_does_not_fit_the_deliver_report) {
    card_quirks quirks;
    quirks.deliver_report_limit = 48;
    card_bench card(bench_profile(), quirks);
    const auto answer = card.send(11, "00a4000c026f4600b0000011");
    ASSERT_TRUE(answer.report);
    EXPECT_LE(answer.report->size(), 48U);
    const auto data = wire::to_hex(card.open(*answer.report).value.data);
    EXPECT_EQ(data.substr(0, 6), "0262f1");
}

TEST(uicc_files, takes_the_commands_of_the_profiles_own_scripts_as_an_applet_would) {
    auto profile = bench_profile();
    node_binding exec;
    exec.is = node_binding::kind::script;
    exec.commands = {hex("80aa000001ff")};
    profile.nodes.emplace("./SC/USIM/Exec", exec);
    card_bench card(std::move(profile));
    EXPECT_EQ(card.run("80aa000001ff"), "019000");
    EXPECT_EQ(card.run("80ab000001ff"), "016e00");
}

}  // namespace
}  // namespace ota::sandbox
