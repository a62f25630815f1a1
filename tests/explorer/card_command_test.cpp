#include "management-object/tnds.hpp"
#include "tests/explorer/explorer_call.hpp"

namespace ota::sandbox {
namespace {

namespace mo = management_object;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(card_explorer, shows_the_files_of_the_card_as_a_tree_with_its_objects) {
    const auto shown = on_card("tree");
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(shown.err, IsEmpty());
    EXPECT_THAT(shown.out, HasSubstr("card 89882110000000000002, profile usim-aes-dm"));
    EXPECT_THAT(line_with(shown.out, "EF(DIR)"),
                AllOf(HasSubstr("  2f00"), HasSubstr("2 x 26 octets"), HasSubstr("always")));
    EXPECT_THAT(line_with(shown.out, "PKCS#15"), AllOf(HasSubstr("  7f50"), HasSubstr("AID a000000063504b43532d3135")));
    EXPECT_THAT(line_with(shown.out, "./IMPS"),
                AllOf(HasSubstr("    6432"), HasSubstr("1024 octets"), HasSubstr("issuer"),
                      HasSubstr("\"Instant messaging\", generation 0, secret")));
    EXPECT_THAT(line_with(shown.out, "./Email"), HasSubstr("ask"));
    EXPECT_THAT(line_with(shown.out, "./SC/USIM/FPLMN"), HasSubstr("terminal"));
    EXPECT_THAT(line_with(shown.out, "./DevInfo"), HasSubstr("mirror of the device"));
}

TEST(card_explorer, lists_the_objects_that_a_device_finds) {
    const auto shown = on_card("objects");
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(line_with(shown.out, "./IMPS"),
                AllOf(HasSubstr("Instant messaging"), HasSubstr("6432"), HasSubstr("whole")));
    EXPECT_THAT(line_with(shown.out, "./DMAcc/Operator"), HasSubstr("autonomous, secret"));
    EXPECT_THAT(shown.out, Not(HasSubstr("./DevInfo")));
    EXPECT_THAT(shown.out, HasSubstr("directory in generation 0"));
}

TEST(card_explorer, shows_an_object_by_address_label_or_file_with_its_secrets_masked) {
    const auto shown = on_card("show ./IMPS");
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(line_with(shown.out, " Addr "), HasSubstr("imps.old.example.org"));
    EXPECT_THAT(line_with(shown.out, "AAuthSecret"), HasSubstr("(secret)"));
    EXPECT_THAT(shown.out, Not(HasSubstr("changeme")));
    EXPECT_EQ(on_card("show Instant messaging").out, shown.out);
    EXPECT_EQ(on_card("show 6432").out, shown.out);
}

TEST(card_explorer, gives_an_object_as_a_document_that_is_read_again_and_has_no_secret) {
    const auto shown = on_card("xml ./DMAcc/Operator");
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(shown.out, Not(HasSubstr("changeme")));
    const auto document = mo::parse_tnds_xml(shown.out);
    ASSERT_TRUE(document);
    ASSERT_EQ(document.value().nodes.size(), 1U);
    const auto& top = document.value().nodes.front().top;
    EXPECT_EQ(top.child("ServerID")->value, "org.example.dm");
    const auto* login = top.child("AppAuth")->child("client");
    EXPECT_EQ(login->child("AAuthName")->value, "device");
    EXPECT_EQ(login->child("AAuthSecret")->value.value_or(""), "");
}

TEST(card_explorer, selects_and_reads_files_as_a_reader_would) {
    const auto shown = on_card("select 7f50/6432; read 0 20");
    EXPECT_EQ(shown.status, 0);
    EXPECT_EQ(shown.out,
              "transparent file 6432, 1024 octets\n"
              "  read always\n"
              "  update by the issuer\n"
              "  activate and deactivate by the issuer\n"
              "0000  03 00 00 6a 82 16 2d 2f 2f 4f 4d 41 2f 2f 44 54  ...j..-//OMA//DT\n"
              "0010  44 2d 44 4d                                      D-DM\n");
    EXPECT_EQ(on_card("select 7f50/6432; read 0x3f0 16").out, on_card("select 3f00/7f50/6432; read 1008").out);
    EXPECT_THAT(on_card("select aid:a000000063504b43532d3135").out,
                HasSubstr("directory 7f50, AID a000000063504b43532d3135"));
    EXPECT_THAT(on_card("select 2f00; records").out,
                HasSubstr("2: 61184f0ca000000063504b43532d31355002444d51043f007f50\n"));
}

TEST(card_explorer, keeps_what_is_selected_while_objects_are_looked_at) {
    EXPECT_THAT(on_card("select 7f50/6432; objects; read 0 4").out, HasSubstr("0000  03 00 00 6a"));
}

TEST(card_explorer, sends_any_command_and_says_what_the_status_word_means) {
    EXPECT_EQ(on_card("apdu 00a4040c0c a000000063504b43532d3135").out, "9000 done\n");
    EXPECT_THAT(on_card("apdu 00a40004023f00").out, HasSubstr("octets wait for GET RESPONSE"));
    const auto written = on_card("select 7f50/6432; apdu 00d6000001ff");
    EXPECT_EQ(written.status, 0);
    EXPECT_THAT(written.out, HasSubstr("6982 not allowed"));
}

TEST(card_explorer, puts_the_card_into_a_device_and_tells_what_it_took_over) {
    const auto shown = on_card("device; show ./DevInfo");
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(shown.out, HasSubstr("asks the user about ./Email (Mail): yes\n"));
    EXPECT_THAT(shown.out, HasSubstr("took over ./IMPS (Instant messaging), generation 0\n"));
    EXPECT_THAT(shown.out, HasSubstr("connects by itself to http://dm.example.org/dm\n"));
    EXPECT_THAT(shown.out, HasSubstr("4 objects of the card in the device"));
    EXPECT_THAT(line_with(shown.out, "DevId"), HasSubstr("IMEI:490154203237518"));  // the mirror that the card keeps
    const auto refused = on_card("device no");
    EXPECT_THAT(refused.out,
                AllOf(HasSubstr("the user said no to ./Email (Mail)\n"), HasSubstr("3 objects of the card")));
}

TEST(card_explorer, shows_the_pin_once_and_forgets_it_at_reset) {
    EXPECT_EQ(on_card("pin 1234").status, 0);
    const auto wrong = on_card("pin 4321");
    EXPECT_EQ(wrong.status, 1);
    EXPECT_THAT(wrong.err, HasSubstr("63c2 wrong; so many tries are left"));
    EXPECT_THAT(on_card("pin 1234; reset; apdu 0020000100").out, HasSubstr("63c3"));
}

TEST(card_explorer, reads_a_script_from_its_input_and_ends_at_the_first_error) {
    const std::vector<std::string> sample{"--profile-file", profile_file("usim-aes-dm")};
    const auto good = call_card(sample, "# the directory\nselect 2f00\n\nrecords\nquit\nselect 9999\n");
    EXPECT_EQ(good.status, 0);
    EXPECT_THAT(good.out, HasSubstr("1: 61"));
    const auto bad = call_card(sample, "select 9999\nobjects\n");
    EXPECT_EQ(bad.status, 1);
    EXPECT_EQ(bad.err, "select: 6a82 no such file\n");
    EXPECT_THAT(bad.out, IsEmpty());
}

TEST(card_explorer, goes_on_after_an_error_when_somebody_types) {
    const auto typed =
        call_card({"--profile-file", profile_file("usim-aes-dm")}, "select 9999\nselect 2f00\nquit\n", true);
    EXPECT_EQ(typed.status, 0);
    EXPECT_THAT(typed.err, HasSubstr("no such file"));
    EXPECT_THAT(typed.out, AllOf(HasSubstr("card> "), HasSubstr("2f00")));
}

TEST(card_explorer, tells_what_is_wrong_with_a_command) {
    for (const auto* command :
         {"nonsense", "select", "select 7f5", "select 7f50/", "select aid:a0", "read x", "read 0 0", "read 40000",
          "read 1 2 3", "apdu", "apdu 00a4", "apdu 00a40", "pin 12", "pin abcd", "device maybe", "tree 1"}) {
        const auto answer = on_card(command);
        EXPECT_EQ(answer.status, 2) << command;
        EXPECT_THAT(answer.err, Not(IsEmpty())) << command;
    }
    for (const auto* command : {"select 9999", "read", "records", "select 7f50; read", "show ./None", "xml ./None",
                                "select 2f00; read", "select 7f50/6432; records", "select 7f50/6432; read 2000"}) {
        const auto answer = on_card(command);
        EXPECT_EQ(answer.status, 1) << command;
        EXPECT_THAT(answer.err, Not(IsEmpty())) << command;
    }
}

TEST(card_explorer, tells_what_is_wrong_with_a_call) {
    EXPECT_EQ(call_card({"--nonsense"}).status, 2);
    EXPECT_EQ(call_card({"--card"}).status, 2);
    EXPECT_EQ(call_card({"--seed", "x"}).status, 2);
    EXPECT_EQ(call_card({"--vpcd", "127.0.0.1:x"}).status, 2);
    EXPECT_EQ(call_card({"--vpcd=:35963", "tree"}).status, 2);
    EXPECT_EQ(call_card({"--loss", "0.5", "tree"}).status, 2);  // of the network, not of a card
    const auto no_card = call_card({"--cards", "3", "--card", "3", "tree"});
    EXPECT_EQ(no_card.status, 1);
    EXPECT_THAT(no_card.err, HasSubstr("no card 3: there are 3"));
    EXPECT_EQ(call_card({"--journal", "/nonexistent/journal", "tree"}).status, 1);
    EXPECT_EQ(call_card({"--help"}).status, 0);
}

TEST(card_explorer, has_a_profile_with_objects_when_none_is_named) {
    EXPECT_EQ(call_card({"objects"}).out, on_card("objects").out);
}

TEST(card_explorer, takes_a_card_by_number_or_iccid) {
    const auto by_number = call_card({"--card", "7", "tree"});
    EXPECT_EQ(by_number.status, 0);
    const auto iccid = by_number.out.substr(5, 20);
    EXPECT_EQ(call_card({"--card", iccid, "tree"}).out, by_number.out);
}

TEST(card_explorer, speaks_to_a_classic_sim_in_its_class) {
    const auto shown = call_card(
        {"--profile-file", profile_file("sim-3des-classic"), "tree; select 7f20; select 7f20/6f46; select 2fe2; read"});
    EXPECT_EQ(shown.status, 0) << shown.err;
    EXPECT_THAT(shown.out, AllOf(HasSubstr("directory 7f20\n"), HasSubstr("file 6f46, 17 octets\n"),
                                 HasSubstr("file 2fe2, 10 octets\n"), HasSubstr("0000  98 88 12 01")));
    const auto none = call_card({"--profile-file", profile_file("sim-3des-classic"), "objects"});
    EXPECT_EQ(none.status, 1);
    EXPECT_THAT(none.err, HasSubstr("has no directory of management objects"));
}

}  // namespace
}  // namespace ota::sandbox
