#include "management-object/dm_content.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

const std::string octets("\x00\x01\xff", 3);

dm::message holding(dm::item i) {
    dm::message m{.hdr = {.session_id = "1", .target = {"t", {}}, .source = {"s", {}}}};
    m.body.push_back({dm::operation{.what = dm::verb::add, .cmd_id = 1, .items = {std::move(i)}}});
    return m;
}
const dm::item& item_of(const dm::message& m) { return std::get<dm::operation>(m.body.at(0).is).items.at(0); }

}  // namespace

TEST(dm_content, values_of_every_format_survive_both_encodings) {
    struct sample {
        node_format format;
        std::string value;
    };
    for (const auto& [format, value] : std::vector<sample>{{node_format::chr, " <text> "},
                                                           {node_format::integer, "-5"},
                                                           {node_format::boolean, "true"},
                                                           {node_format::bin, octets},
                                                           {node_format::b64, octets},
                                                           {node_format::chr, ""}}) {
        const auto in_xml =
            dm::parse_xml(
                dm::serialize_xml(holding(dm::value_item("./a", format, "text/plain", value, dm::encoding::xml)))
                    .value())
                .value();
        EXPECT_EQ(dm::value_of(item_of(in_xml)).value(), value);
        EXPECT_EQ(dm::format_of(item_of(in_xml)), format);
        const auto in_wbxml =
            dm::parse_wbxml(
                dm::serialize_wbxml(holding(dm::value_item("./a", format, "text/plain", value, dm::encoding::wbxml)))
                    .value())
                .value();
        EXPECT_EQ(dm::value_of(item_of(in_wbxml)).value(), value);
        EXPECT_EQ(item_of(in_wbxml).opaque, format == node_format::bin);
    }
}

TEST(dm_content, the_meta_of_the_command_stands_in_for_that_of_the_item) {
    const dm::item bare{.data = "AAH/"};
    EXPECT_EQ(dm::value_of(bare).value(), "AAH/");
    EXPECT_EQ(dm::value_of(bare, dm::meta{.format = "b64"}).value(), octets);
    EXPECT_EQ(dm::type_of(bare), "text/plain");
    EXPECT_EQ(dm::type_of(bare, dm::meta{.type = "a/b"}), "a/b");
    EXPECT_EQ(dm::value_of({.about = dm::meta{.format = "b64"}, .data = "?"}).error(), document_errc::bad_value);
}

TEST(dm_content, subtrees_travel_in_messages) {
    const tnds_document document{
        .nodes = {{.top = interior("Acc", {text_leaf("A", "1"), leaf("B", node_format::bin, octets)},
                                   "urn:oma:mo:x-y:1.0")}}};
    const auto xml =
        dm::parse_xml(
            dm::serialize_xml(holding(dm::tnds_item("./Inbox/a", document, dm::encoding::xml).value())).value())
            .value();
    EXPECT_TRUE(dm::is_tnds(item_of(xml)));
    EXPECT_EQ(dm::tnds_of(item_of(xml)).value(), document);
    const auto wbxml =
        dm::parse_wbxml(
            dm::serialize_wbxml(holding(dm::tnds_item("./Inbox/a", document, dm::encoding::wbxml).value())).value())
            .value();
    EXPECT_TRUE(dm::is_tnds(item_of(wbxml)));
    EXPECT_EQ(dm::tnds_of(item_of(wbxml)).value(), document);

    dm::item as_elements{.about = dm::meta{.format = "xml", .type = std::string(type_tnds_xml)},
                         .tree = management_object::to_element(document)};
    EXPECT_EQ(dm::tnds_of(item_of(dm::parse_xml(dm::serialize_xml(holding(as_elements)).value()).value())).value(),
              document);
    EXPECT_EQ(dm::tnds_of(item_of(dm::parse_wbxml(dm::serialize_wbxml(holding(as_elements)).value()).value())).value(),
              document);

    const auto inner = serialize_tnds_wbxml(document).value();
    auto in_base64 = dm::value_item("./Inbox/a", node_format::b64, std::string(type_tnds_wbxml), wire::as_text(inner),
                                    dm::encoding::xml);
    EXPECT_EQ(dm::tnds_of(in_base64).value(), document);
    EXPECT_EQ(dm::tnds_of({.data = "no document"}).error().code, document_errc::bad_value);
    EXPECT_FALSE(dm::is_tnds({.data = "x"}));
}
