#include "sandbox/uicc/sms_download.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

namespace ota::sandbox {
namespace {

using mo::parse_uri;

constexpr auto sender_number = "4915500001";

/// A card in a terminal that speaks to it by APDUs alone.
struct terminal_bench : object_card {
    using object_card::object_card;

    std::string envelope(const wire::octets& user_data) {
        const auto data = serialize_download({sender_number, user_data});
        return wire::to_hex(terminal.transmit(wire::writer().put(hex("80c20000")).u8(data.size()).put(data).take()));
    }
    /// A packet in as many ENVELOPEs as it takes; the answer to the last.
    std::string download(const wire::octets& whole) {
        std::string answer;
        const auto parts = sc::split_packet(whole, sc::packet_kind::command, 1).value();
        for (const auto& part : parts) answer = envelope(part);
        return answer;
    }
    /// The proof of receipt that waits behind 61xx, opened.
    sc::opened_response proof(const std::string& answer) {
        EXPECT_EQ(answer.substr(0, 2), "61") << answer;
        const auto report = wire::to_hex(terminal.transmit(hex("00c00000" + answer.substr(2, 2))));
        last_status = report.substr(report.size() - 4);
        return open(hex(report.substr(0, report.size() - 4)));
    }
    void tell_profile() { EXPECT_EQ(ask("8010000003ffffff").substr(0, 2), "91"); }
    std::string fetch() {
        const auto answer = ask("8012000000");
        EXPECT_TRUE(answer.ends_with("9000")) << answer;
        return answer.substr(0, answer.size() - 4);
    }
    std::string respond(const std::string& elements) {
        const auto data = hex(elements);
        return wire::to_hex(terminal.transmit(wire::writer().put(hex("80140000")).u8(data.size()).put(data).take()));
    }
    /// Answers the three questions of a card that was just switched on.
    void introduce(const std::string& imei = "1a32547698103254") {
        tell_profile();
        fetch();
        EXPECT_EQ(respond("8103012601"
                          "82028281"
                          "830100"
                          "9408" +
                          imei),
                  "910b");
        fetch();
        EXPECT_EQ(respond("8103022604"
                          "82028281"
                          "830100"
                          "ad02"
                          "6465"),
                  "910b");
        fetch();
        EXPECT_EQ(respond("8103032608"
                          "82028281"
                          "830100"
                          "e209"
                          "1332547698103254f6"),
                  "9000");
    }

    std::string last_status;
};

TEST(terminal_channel, a_secured_script_in_envelopes_changes_an_object_that_is_then_read) {
    terminal_bench card;
    const auto plan = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    ASSERT_EQ(plan.runs.front().file, 0x6432);
    ASSERT_EQ(plan.runs.back().file, 0x6440);  // the control file last
    const auto opened = card.proof(card.download(card.packet(++card.last_counter, object_card::script_of(plan))));
    EXPECT_EQ(opened.integrity, sc::verification::verified);
    EXPECT_EQ(opened.value.status, sc::response_status::por_ok);
    EXPECT_TRUE(wire::to_hex(opened.value.data).ends_with("9000"));
    EXPECT_EQ(card.last_status, "9000");
    EXPECT_EQ(card.read_file(0x6432), card.after);
    EXPECT_EQ(mo::get_from_image(card.read_file(0x6432), parse_uri("AppAddr/x/Addr").value()).value(),
              "imps.new.example.org");
    EXPECT_EQ(card.read_file(0x6440), card.control_after);
    EXPECT_TRUE(confirms(*card.profile.find_object("./IMPS"), card.read_file(0x6440), card.after));
    ASSERT_TRUE(card.terminal.delivered());
    EXPECT_FALSE(card.terminal.delivered());  // told once
    EXPECT_TRUE(card.terminal.touched().empty());
}

TEST(terminal_channel, the_same_commands_without_the_keys_change_nothing) {
    terminal_bench card;
    const auto plan = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    for (const auto& [file, run] : plan.runs) {
        EXPECT_EQ(card.ask("00a4080c047f50" + wire::to_hex(wire::writer().u16(file).take())), "9000");
        const auto update =
            wire::writer().u8(0x00).u8(0xD6).u16(run.offset).u8(run.octets.size()).put(run.octets).take();
        EXPECT_EQ(wire::to_hex(card.terminal.transmit(update)), "6982");
    }
    // A packet sealed with other keys, and one whose octets were changed.
    auto forged = card.packet(++card.last_counter, object_card::script_of(plan));
    forged.back() ^= 1;
    EXPECT_NE(card.proof(card.download(forged)).value.status, sc::response_status::por_ok);
    EXPECT_EQ(card.read_file(0x6432), card.before);
    EXPECT_TRUE(card.one.files.untouched());
}

TEST(terminal_channel, a_packet_sent_again_runs_no_more) {
    terminal_bench card;
    const auto plan = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    const auto packet = card.packet(++card.last_counter, object_card::script_of(plan));
    card.proof(card.download(packet));
    const auto back = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.old.example.org");
    card.proof(card.download(card.packet(++card.last_counter, object_card::script_of(back))));
    EXPECT_EQ(card.proof(card.download(packet)).value.status, sc::response_status::counter_low);
    EXPECT_EQ(card.read_file(0x6432), card.after);
}

TEST(terminal_channel, the_card_tells_by_refresh_which_files_changed) {
    terminal_bench card;
    card.introduce();
    const auto plan = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    card.proof(card.download(card.packet(++card.last_counter, object_card::script_of(plan))));
    EXPECT_EQ(card.last_status, "911a");
    EXPECT_EQ(card.ask("80f2000c00"), "911a");  // until it is fetched
    EXPECT_EQ(card.ask("8012000001"), "6c1a");
    EXPECT_EQ(card.fetch(),
              "d018"
              "8103040101"
              "82028182"
              "920d"
              "02"
              "3f007f506432"
              "3f007f506440");
    EXPECT_EQ(card.ask("80f2000c00"), "9000");
    EXPECT_EQ(card.respond("8103040101"
                           "82028281"
                           "830103"),
              "9000");
    EXPECT_EQ(card.ask("8012000000"), "6985");
    EXPECT_EQ(card.respond("8103040101"
                           "82028281"
                           "830103"),
              "6a80");
}

TEST(terminal_channel, a_profile_without_refresh_tells_nothing_and_a_script_may_ask_for_it) {
    auto profile = sample_profile();
    profile.refresh = refresh_policy::none;
    terminal_bench silent(profile);
    silent.introduce();
    silent.proof(silent.download(silent.packet(++silent.last_counter, "00a40804047f50643200d60000010f")));
    EXPECT_EQ(silent.last_status, "9000");

    profile.refresh = refresh_policy::script;
    profile.refresh_script = {hex("80b5000000")};
    terminal_bench asking(profile);
    asking.introduce();
    const std::string update = "00a40804047f50643200d60000010f";
    asking.proof(asking.download(asking.packet(++asking.last_counter, update)));
    EXPECT_EQ(asking.last_status, "9000");
    asking.proof(asking.download(asking.packet(++asking.last_counter, update + "80b5000000")));
    EXPECT_EQ(asking.last_status, "9114");
}

TEST(terminal_channel, the_card_keeps_a_mirror_of_the_device_that_it_is_in) {
    terminal_bench card;
    EXPECT_FALSE(mo::read_image(card.read_file(0x6438)).value());
    card.introduce();
    const auto value = [&](std::uint16_t file, std::string_view node) {
        return mo::get_from_image(card.read_file(file), parse_uri(node).value()).value();
    };
    EXPECT_EQ(value(0x6438, "DevId"), "IMEI:123456789012345");
    EXPECT_EQ(value(0x6438, "Mod"), "TAC:12345678");
    EXPECT_EQ(value(0x6438, "Lang"), "de");
    EXPECT_EQ(value(0x6438, "Ext/TerminalProfile"), "\xFF\xFF\xFF");
    EXPECT_EQ(value(0x6439, "DevTyp"), "TAC:12345678");
    EXPECT_EQ(value(0x6439, "SwV"), "56");
    // Over the air it is read, and written by nobody.
    const auto told =
        card.proof(card.download(card.packet(++card.last_counter, "00a40804047f50643800b0000020"))).value.data;
    EXPECT_EQ(wire::to_hex(wire::octet_view(told).subspan(3)),
              wire::to_hex(wire::octet_view(card.read_file(0x6438)).first(32)));
    // Another device: the card asks again.
    card.terminal.reset();
    card.introduce("9a99999999999999");
    EXPECT_EQ(value(0x6438, "DevId"), "IMEI:999999999999999");
}

TEST(terminal_channel, an_object_of_the_holder_is_read_after_the_pin) {
    auto profile = sample_profile();
    profile.management_objects[0].pin = true;
    terminal_bench card(profile);
    const std::string wrong = "002000010839393939ffffffff", right = "002000010831323334ffffffff";
    EXPECT_TRUE(mo::parse_data_objects(card.read_file(0x6430)).value()[0].is_private);
    const auto parameters = card.ask("00a40804047f50643200");
    EXPECT_NE(parameters.find("800101"
                              "a406830101950108"
                              "800102"
                              "a40683010a950108"),
              std::string::npos)
        << parameters;
    EXPECT_EQ(card.ask("00b0000001"), "6982");
    EXPECT_EQ(card.ask("0020000100"), "63c3");
    EXPECT_EQ(card.ask(wrong), "63c2");
    EXPECT_EQ(card.ask("00b0000001"), "6982");
    EXPECT_EQ(card.ask(right), "9000");
    EXPECT_EQ(card.ask("0070000001"), "019000");
    EXPECT_EQ(card.ask("01a4080c047f506432"), "9000");
    EXPECT_FALSE(card.read(1).empty());  // shown once, for all channels
    EXPECT_EQ(card.ask("00d60000010f"), "6982");
    card.terminal.reset();
    EXPECT_EQ(card.ask("00a4080c047f506432"), "9000");
    EXPECT_EQ(card.ask("00b0000001"), "6982");
    // The card remembers the tries, and over the air no PIN is asked.
    EXPECT_EQ(card.ask(wrong), "63c2");
    card.terminal.reset();
    EXPECT_EQ(card.ask(wrong), "63c1");
    EXPECT_EQ(card.ask(wrong), "6983");
    EXPECT_EQ(card.ask(right), "6983");
    EXPECT_EQ(card.ask("0020000100"), "6983");
    EXPECT_EQ(card.run("00a40804047f50643200b0000001"), "02900003");
    EXPECT_EQ(card.ask("002000020831323334ffffffff"), "6a88");
    EXPECT_EQ(card.ask("002001010831323334ffffffff"), "6a86");
    EXPECT_EQ(card.ask("002000010431323334"), "6700");
}

TEST(terminal_channel, tells_who_may_do_what_with_a_file) {
    object_card card;
    const auto rules = [&](const std::string& path) { return card.ask("00a4080404" + path + "00"); };
    EXPECT_NE(rules("7f506432")
                  .find("800101"
                        "9000"
                        "800102"
                        "a40683010a950108"),
              std::string::npos);
    EXPECT_NE(rules("7f505031")
                  .find("800101"
                        "9000"
                        "800102"
                        "9700"),
              std::string::npos);
    EXPECT_NE(rules("7fff6f7b")
                  .find("800101"
                        "9000"
                        "800102"
                        "9000"),
              std::string::npos);
    EXPECT_NE(card.ask("00a40004027f5000")
                  .find("c606"
                        "900180"
                        "830101"),
              std::string::npos);
}

TEST(terminal_channel, a_proof_of_receipt_by_submit_is_sent_by_the_terminal) {
    terminal_bench card;
    card.introduce();
    const std::uint16_t by_submit = 0x1639;
    const auto packet = card.packet(++card.last_counter, "00a40804047f50643200b0000001", by_submit);
    const auto answer = card.download(packet);
    auto status = answer;
    if (answer.starts_with("61")) status = card.ask("00c00000" + answer.substr(2));
    ASSERT_EQ(status.substr(status.size() - 4, 2), "91") << status;
    const auto command = hex(card.fetch());
    EXPECT_EQ(wire::to_hex(wire::octet_view(command).subspan(command[1] & 0x80 ? 3 : 2, 9)), "810304130082028183");
    const auto delivered = card.terminal.delivered();
    ASSERT_TRUE(delivered);
    ASSERT_EQ(delivered->submitted.size(), 1U);
    const auto tpdu = wire::octet_view(command).last(serialize_submit(sender_number, delivered->submitted[0]).size());
    const auto read = parse_submit(tpdu);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->sender, sender_number);
    EXPECT_EQ(read->user_data, delivered->submitted[0]);
    EXPECT_EQ(card.respond("8103041300"
                           "82028281"
                           "830100"),
              "9000");
}

TEST(terminal_channel, a_busy_card_says_so_and_one_without_power_says_nothing) {
    terminal_bench card;
    const auto plan = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
    const auto packet = card.packet(++card.last_counter, object_card::script_of(plan));
    card.terminal.befall({.busy = true});
    EXPECT_EQ(card.envelope(sc::split_packet(packet, sc::packet_kind::command, 1).value().front()), "9300");
    const std::string one_update = "00a40804047f50643200d60000010f00d600010110";
    card.terminal.befall({.power_cut_after = 2});
    EXPECT_EQ(card.download(card.packet(++card.last_counter, one_update)), "");
    EXPECT_FALSE(card.terminal.powered());
    EXPECT_EQ(card.ask("80f2000c00"), "");
    card.terminal.reset();
    EXPECT_EQ(wire::to_hex(wire::octet_view(card.read_file(0x6432)).first(2)).substr(0, 2), "0f");  // what ran stays
}

TEST(terminal_channel, refuses_commands_of_the_toolkit_that_are_malformed) {
    terminal_bench card;
    EXPECT_EQ(card.ask("8010000000"), "6700");
    EXPECT_EQ(card.ask("8010010001ff"), "6a86");
    EXPECT_EQ(card.ask("80c2000003d10182"), "6a80");
    EXPECT_EQ(card.ask("80c2000002d600"), "6a80");
    EXPECT_EQ(card.ask("80c2000003d100"), "6700");
    EXPECT_EQ(card.ask("8012000000"), "6985");
    EXPECT_EQ(card.ask("8014000000"), "6a80");
    EXPECT_EQ(card.ask("0070000001"), "019000");
    EXPECT_EQ(card.ask("8110000001ff"), "6e00");  // on the basic channel only
}

TEST(terminal_channel, a_file_that_was_deleted_while_it_was_selected_is_gone) {
    terminal_bench card;
    EXPECT_EQ(card.ask("00a4080c047f506432"), "9000");
    card.proof(card.download(card.packet(++card.last_counter, "00a40004027f5000e40000026432")));
    EXPECT_EQ(card.ask("00b0000001"), "6986");
    EXPECT_EQ(card.ask("00a4080c047f506432"), "6a82");
}

}  // namespace
}  // namespace ota::sandbox
