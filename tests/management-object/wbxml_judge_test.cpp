#include "tests/management-object/wbxml_judge.hpp"
#include "management-object/base64.hpp"
#include "management-object/code_pages.hpp"
#include "management-object/tnds.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"
#include "tests/management-object/random_tree.hpp"

#include <gtest/gtest.h>

// libwbxml2 0.11.8 differs from us in two ways, both known and both lossy on its side:
//   1. it removes outer white space of texts when it writes WBXML (as_it_sees, `keeps_no_outer_white_space`), and does
//   so
//      after it has laid out its string table, so that later references of such a document are wrong;
//   2. it knows nothing of the format `bin`: to it a value is text, so it leaves Base64 as Base64 when it writes WBXML,
//   and
//      shows an opaque value of a Value element as the octets are (`leaves_bin_alone`).
using namespace ota;
using namespace ota::management_object;

namespace {

/// Its reading of our document, as an element.
element judged(wire::octet_view ours) {
    const auto xml = judge::to_xml(ours);
    EXPECT_TRUE(xml) << "refused " << wire::to_hex(ours);
    if (!xml) return {};
    const auto read = parse_xml(*xml);
    EXPECT_TRUE(read) << sentence(read.error()) << '\n' << *xml;
    return read ? read.value() : element{};
}

constexpr std::string_view doctype =
    R"(MgmtTree PUBLIC "-//OMA//DTD-DM-DDF 1.2//EN" "http://www.openmobilealliance.org/tech/DTD/dm_ddf-v1_2.dtd")";

std::string canonical(const element& e) { return serialize_xml(judge::as_it_sees(e)).value(); }

}  // namespace

TEST(wbxml_judge, reads_our_plain_documents_as_we_meant_them) {
    randomly::dice d(1);
    for (int round = 0; round < 300; ++round) {
        const auto document = to_element(randomly::document(d), {}, bin_form::base64);
        const auto ours = serialize_wbxml(document).value();
        ASSERT_EQ(canonical(judged(ours)), canonical(document)) << round;
    }
}

TEST(wbxml_judge, reads_our_slotted_documents_as_we_meant_them) {
    randomly::dice d(2);
    for (int round = 0; round < 300; ++round) {
        const auto document = randomly::document(d);
        const auto ours = serialize_tnds_slotted(document).value();
        ASSERT_EQ(canonical(judged(ours)), canonical(to_element(document))) << round;
    }
}

TEST(wbxml_judge, we_read_what_it_writes_with_and_without_a_string_table) {
    randomly::dice d(3);
    for (int round = 0; round < 300; ++round) {
        // Without outer white space: it removes that after it has laid out its string table, whose references then
        // miss.
        const auto document = judge::as_it_sees(to_element(randomly::document(d)));
        const auto xml = serialize_xml(document, {.doctype = doctype}).value();
        for (const bool table : {false, true}) {
            const auto its = judge::to_wbxml(xml, table);
            ASSERT_TRUE(its) << xml;
            const auto read = parse_wbxml(*its);
            ASSERT_TRUE(read) << sentence(read.error()) << '\n' << wire::to_hex(*its);
            ASSERT_EQ(canonical(read.value()), canonical(document)) << round;
            ASSERT_TRUE(parse_tnds(read.value())) << round;
        }
    }
}

TEST(wbxml_judge, keeps_no_outer_white_space) {
    const tnds_document document{.nodes = {{.top = text_leaf("Greeting", " hello  ")}}};
    const auto its = judge::to_wbxml(serialize_tnds_xml(document).value(), false);
    EXPECT_EQ(parse_tnds_wbxml(*its).value().nodes[0].top.value, "hello");
    EXPECT_EQ(parse_tnds_wbxml(serialize_tnds_wbxml(document).value()).value(), document) << "ours keeps it";
}

TEST(wbxml_judge, leaves_bin_alone) {
    const tnds_document document{
        .nodes = {{.top = leaf("Nonce", node_format::bin, "plain octets", "application/octet-stream")}}};
    const auto its = parse_wbxml(judge::to_wbxml(serialize_tnds_xml(document).value(), false).value()).value();
    EXPECT_EQ(its.child("Node")->text_of("Value"), to_base64("plain octets")) << "its text is Base64";
    EXPECT_EQ(parse_tnds(its).value(), document) << "which we read all the same";
    const auto ours = judged(serialize_tnds_wbxml(document).value());
    EXPECT_EQ(ours.child("Node")->text_of("Value"), "plain octets") << "our opaque octets it shows as they are";
}

TEST(wbxml_judge, knows_every_tag_by_the_same_name) {
    for (std::uint8_t page = 0; page < code_page_count; ++page) {
        const auto& type = page == 2 ? ddf_document : syncml_document;
        for (std::uint8_t token = 5; token < 0x40; ++token) {
            if (tag_name(page, token).empty()) continue;
            element root{.name = std::string(type.root), .xmlns = std::string(page_namespace(page == 2 ? 2 : 0))};
            root.add(tag_name(page, token), "x").xmlns = page_namespace(page);
            const auto ours = serialize_wbxml(root).value();
            EXPECT_EQ(canonical(judged(ours)), canonical(root)) << int{page} << ' ' << int{token};
            const auto text = wire::as_text(ours);
            EXPECT_EQ(text.find(tag_name(page, token)), std::string::npos) << "no literal tag";
        }
    }
}
