#include "management-object/tlv_layout.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

namespace ota::sandbox {
namespace {

using mo::parse_uri;

/// The sample, with the messaging object in a BER-TLV file.
card_profile tlv_profile() {
    auto out = sample_profile();
    auto& object = out.management_objects.front();
    const auto placed = mo::read_image(object.factory_image).value();
    object.layout = object_layout::ber_tlv;
    object.file.structure = file_structure::ber_tlv;
    object.factory_image = mo::make_image(placed->top, parse_uri(object.uri).value(), form_of(object)).value();
    return out;
}

struct tlv_card : object_card {
    tlv_card() : object_card(tlv_profile()), object(profile.management_objects.front()) {}

    /// The whole file, as a device reads it: the list of tags, then object after object.
    wire::octets read_objects() {
        EXPECT_EQ(ask("00a4080c047f506432"), "9000");
        std::string all;
        auto tags = ask("80cb0080015c00");
        EXPECT_TRUE(tags.starts_with("5c") && tags.ends_with("9000"));
        for (const auto tag : hex(tags.substr(4, tags.size() - 8))) {
            auto answer = ask("80cb008001" + wire::to_hex(wire::octets{tag}) + "10");
            for (;;) {
                all += answer.substr(0, answer.size() - 4);
                if (!answer.ends_with("62f1")) break;
                answer = ask("80cb000010");
            }
            EXPECT_TRUE(answer.ends_with("9000")) << answer;
        }
        auto out = hex(all);
        out.resize(object.file.size, 0xFF);
        return out;
    }

    const management_object_binding& object;
};

TEST(uicc_data_objects, are_listed_and_read_block_by_block) {
    tlv_card card;
    EXPECT_EQ(card.read_objects(), card.object.factory_image);
    EXPECT_EQ(card.ask("80cb0080019d00"), "6a88");
    EXPECT_EQ(card.ask("80cb008001"
                       "81")
                  .substr(0, 2),
              "61");
    EXPECT_EQ(card.ask("00c0000000"),
              "8102"
              "7741"
              "9000");                          // AppID: wA
    EXPECT_EQ(card.ask("80cb000010"), "6985");  // nothing begun
    EXPECT_EQ(card.ask("00b0000001"), "6981");
}

TEST(uicc_data_objects, a_value_changes_with_one_command_over_the_air) {
    tlv_card card;
    const auto uri = parse_uri(card.object.uri).value();
    const std::string address(60, 'x');
    const auto next =
        mo::change_image(card.object.factory_image, {.at = parse_uri("AppAddr/x/Addr").value(), .value = address}, uri,
                         form_of(card.object))
            .value();
    const auto commands = mo::tlv_commands(card.object.factory_image, next).value();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(card.run("00a40804047f506432" + wire::to_hex(commands[0])), "029000");
    EXPECT_EQ(card.read_objects(), next);
    EXPECT_EQ(mo::get_from_image(card.read_objects(), parse_uri("AppAddr/x/Addr").value()).value(), address);
}

TEST(uicc_data_objects, an_object_comes_in_blocks_and_counts_when_it_is_whole) {
    tlv_card card;
    const std::string select = "00a40804047f506432";
    EXPECT_EQ(card.run(select + "80db008004"
                                "9d036162"),
              "0263f1");
    EXPECT_EQ(card.read_objects(), card.object.factory_image);
    EXPECT_EQ(card.run(select + "80db000001"
                                "63"),
              "026985");  // the script before ended, and so did the object
    EXPECT_EQ(card.run(select + "80db008004"
                                "9d036162"
                                "80db000001"
                                "63"),
              "039000");
    EXPECT_EQ(card.ask("80cb0080019d00"), "9d036162639000");
    EXPECT_EQ(card.run(select + "80db008001"
                                "9d"),
              "029000");  // the tag alone deletes
    EXPECT_EQ(card.read_objects(), card.object.factory_image);
}

TEST(uicc_data_objects, refuses_what_is_malformed_does_not_fit_or_is_not_allowed) {
    tlv_card card;
    const std::string select = "00a40804047f506432";
    EXPECT_EQ(card.run(select + "80db008004"
                                "9d016162"),
              "026a80");
    EXPECT_EQ(card.run(select + "80db008003"
                                "010161"),
              "026a80");  // no tag of such a file
    EXPECT_EQ(card.run(select + "80db0180039d0161"), "026a86");
    EXPECT_EQ(card.run(select + "00d600000101"), "026981");
    EXPECT_EQ(card.run("00a40804047f506433"
                       "80db0080039d0161"),
              "026981");
    std::string script = select;
    std::string value(400, '0');
    EXPECT_EQ(card.run_long(select +
                            "80db0080cc"
                            "9d8201f4" +
                            value + "80db0000c8" + value + "80db000064" + value.substr(0, 200)),
              "046a84");
    EXPECT_EQ(card.ask("00a4080c047f506432"), "9000");
    EXPECT_EQ(card.ask("80db0080039d0161"), "6982");
    EXPECT_TRUE(card.one.files.untouched());
}

}  // namespace
}  // namespace ota::sandbox
