#include "management-object/xml.hpp"

#include <gtest/gtest.h>

using namespace ota::management_object;

namespace {

document_errc error_of(std::string_view xml) {
    const auto read = parse_xml(xml);
    return read ? document_errc{} : read.error().code;
}

TEST(xml, refuses_what_is_no_name_behind_its_prefix) {
    EXPECT_FALSE(parse_xml("<a:0n/>"));
    EXPECT_FALSE(parse_xml("<a:/>"));
    EXPECT_TRUE(parse_xml("<a:n0/>"));
}

}  // namespace

TEST(xml, reads_elements_texts_and_namespaces) {
    const auto read = parse_xml(
        "<?xml version='1.0'?><!-- c --><SyncML xmlns='SYNCML:SYNCML1.2'><Meta><Type xmlns=\"syncml:metinf\">b64</Type>"
        "</Meta>\n  <Data><![CDATA[<a>&amp;]]> &lt;b&#x26;&#252;</Data><Final/></SyncML>\n");
    ASSERT_TRUE(read) << sentence(read.error());
    const auto& root = read.value();
    EXPECT_EQ(root.child("Meta")->child("Type")->xmlns, ns_metinf);
    EXPECT_EQ(root.child("Final")->xmlns, ns_syncml);
    EXPECT_EQ(root.text_of("Data"), "<a>&amp; <b&ü");
    EXPECT_EQ(root.children.size(), 3u);
    const auto written = serialize_xml(root).value();
    EXPECT_EQ(written,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?><SyncML xmlns=\"SYNCML:SYNCML1.2\"><Meta><Type "
              "xmlns=\"syncml:metinf\">b64"
              "</Type></Meta><Data>&lt;a&gt;&amp;amp; &lt;b&amp;ü</Data><Final/></SyncML>");
    EXPECT_TRUE(same(parse_xml(written).value(), root));
}

TEST(xml, resolves_prefixes) {
    const auto root =
        parse_xml("<m:A xmlns:m='syncml:metinf' xmlns='SYNCML:SYNCML1.2'><m:B/><C xmlns='x'/></m:A>").value();
    EXPECT_EQ(root.name, "A");
    EXPECT_EQ(root.xmlns, "syncml:metinf");
    EXPECT_EQ(root.children[0].name, "B");
    EXPECT_EQ(root.children[1].xmlns, "x");
}

TEST(xml, keeps_white_space_of_values_and_drops_that_between_elements) {
    const auto root = parse_xml("<A>\n <B> x\ty </B>\r\n <C>  </C></A>").value();
    EXPECT_EQ(root.text, "");
    EXPECT_EQ(root.text_of("B"), " x\ty ");
    EXPECT_EQ(root.text_of("C"), "  ");
    element value{.name = "A", .text = "line\r\nline\r"};
    EXPECT_EQ(parse_xml(serialize_xml(value).value()).value().text, value.text);
}

TEST(xml, expands_no_entity_of_its_own_making) {
    EXPECT_EQ(error_of("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), document_errc::entity);
    EXPECT_EQ(error_of("<a>&x;</a>"), document_errc::entity);
    EXPECT_EQ(error_of("<a>&#x110000;</a>"), document_errc::entity);
    EXPECT_EQ(error_of("<a>&#0;</a>"), document_errc::not_text);
    EXPECT_EQ(error_of("<a>a & b</a>"), document_errc::malformed_xml);
    EXPECT_TRUE(parse_xml("<!DOCTYPE MgmtTree PUBLIC \"-//OMA//DTD-DM-DDF 1.2//EN\" \"http://x/y.dtd\"><a/>"));
}

TEST(xml, refuses_what_is_not_well_formed_with_the_place) {
    for (const auto* bad :
         {"", "text", "<a>", "<a></b>", "<a/><b/>", "<a/>text", "text<a/>", "<a", "<a b></a>", "<!--", "<a>&lt</a>"})
        EXPECT_EQ(error_of(bad), document_errc::malformed_xml) << bad;
    EXPECT_EQ(error_of("<a>x<b/></a>"), document_errc::unexpected_element);
    EXPECT_EQ(error_of("<a>\xff</a>"), document_errc::not_text);
    EXPECT_EQ(error_of(std::string_view("<a>\0</a>", 8)), document_errc::not_text);
    EXPECT_EQ(parse_xml("<a><b>&q;</b></a>").error().offset, 6u);
    EXPECT_EQ(sentence(parse_xml("<a><b>&q;</b></a>").error()), "entities of an own DTD are not allowed, at octet 6");
}

TEST(xml, bounds_size_and_depth) {
    std::string deep;
    for (int i = 0; i < 200000; ++i) deep += "<a>";
    EXPECT_FALSE(parse_xml(deep));
    for (int i = 0; i < 200000; ++i) deep += "</a>";
    EXPECT_EQ(parse_xml(deep, {.octets = 2 << 20}).error().code, document_errc::too_deep);
    EXPECT_EQ(parse_xml(deep, {.octets = 1000}).error().code, document_errc::too_large);
    EXPECT_TRUE(parse_xml("<a><a/></a>", {.depth = 2}));
    EXPECT_EQ(parse_xml("<a><a/></a>", {.depth = 1}).error().code, document_errc::too_deep);
}

TEST(xml, writes_no_text_that_xml_cannot_say) {
    EXPECT_EQ(serialize_xml(element{.name = "a", .text = "\x01"}).error(), document_errc::not_text);
    EXPECT_EQ(serialize_xml(element{.name = "a", .text = std::string("\0\xff", 2), .opaque = true}).value(),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>AP8=</a>");
}
