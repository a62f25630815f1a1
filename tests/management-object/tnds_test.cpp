#include "management-object/tnds.hpp"
#include "tests/management-object/random_tree.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

constexpr std::string_view account = R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE MgmtTree PUBLIC "-//OMA//DTD-DM-DDF 1.2//EN" "http://www.openmobilealliance.org/tech/DTD/dm_ddf-v1_2.dtd">
<MgmtTree xmlns="syncml:dmddf1.2">
  <VerDTD>1.2</VerDTD>
  <Man>Maker</Man>
  <Node>
    <NodeName>Acc</NodeName>
    <Path>./DMAcc</Path>
    <RTProperties>
      <ACL>Add=*&amp;Get=*</ACL>
      <Format>
        <node/>
      </Format>
      <Title>An account</Title>
      <TStamp>20261122T201510Z</TStamp>
      <Type>
        <DDFName>urn:oma:mo:oma-dm-dmacc:1.0</DDFName>
      </Type>
      <VerNo>7</VerNo>
    </RTProperties>
    <Node>
      <NodeName>Nonce</NodeName>
      <RTProperties>
        <Format>
          <bin/>
        </Format>
        <Type>
          <MIME>application/octet-stream</MIME>
        </Type>
      </RTProperties>
      <Value>AAH/</Value>
    </Node>
  </Node>
</MgmtTree>
)";

std::string around(std::string_view node) {
    return "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD>" + std::string(node) + "</MgmtTree>";
}

std::string leaf_of(std::string_view properties, std::string_view value) {
    return around("<Node><NodeName>L</NodeName><RTProperties>" + std::string(properties) + "</RTProperties><Value>" +
                  std::string(value) + "</Value></Node>");
}

document_errc error_of(const std::string& xml) {
    const auto read = parse_tnds_xml(xml);
    return read ? document_errc{} : read.error().code;
}

}  // namespace

TEST(tnds, reads_and_writes_a_document_with_every_property) {
    const auto read = parse_tnds_xml(account);
    ASSERT_TRUE(read) << sentence(read.error());
    const auto& placed = read.value().nodes.at(0);
    EXPECT_EQ(read.value().man, "Maker");
    EXPECT_EQ(placed.path, uri{{"DMAcc"}});
    EXPECT_EQ(placed.top.name, "Acc");
    EXPECT_EQ(placed.top.title, "An account");
    EXPECT_EQ(placed.top.tstamp, "20261122T201510Z");
    EXPECT_EQ(placed.top.ver_no, 7);
    EXPECT_EQ(serialize_acl(placed.top.acl), "Add=*&Get=*");
    EXPECT_EQ(placed.top.type, "urn:oma:mo:oma-dm-dmacc:1.0");
    EXPECT_EQ(placed.top.child("Nonce")->value, std::string("\0\x01\xff", 3));
    EXPECT_EQ(serialize_tnds_xml(read.value()).value(), account);
}

TEST(tnds, properties_are_left_out_on_request) {
    const auto document = parse_tnds_xml(account).value();
    const auto bare =
        parse_tnds_xml(serialize_tnds_xml(document, {false, false, false, false, true}).value()).value().nodes[0].top;
    EXPECT_TRUE(bare.acl.empty());
    EXPECT_EQ(bare.ver_no, std::nullopt);
    EXPECT_EQ(bare.title + bare.tstamp, "");
    EXPECT_EQ(bare.type, "urn:oma:mo:oma-dm-dmacc:1.0");
    EXPECT_NE(serialize_tnds_xml(document, {.size = true}).value().find("<Size>3</Size>"), std::string::npos);
}

TEST(tnds, random_documents_survive_xml_and_wbxml) {
    randomly::dice d(42);
    for (int round = 0; round < 500; ++round) {
        const auto document = randomly::document(d);
        const auto xml = serialize_tnds_xml(document).value();
        const auto from_xml = parse_tnds_xml(xml);
        ASSERT_TRUE(from_xml) << sentence(from_xml.error()) << '\n' << xml;
        ASSERT_EQ(from_xml.value(), document) << xml;
        const auto from_wbxml = parse_tnds_wbxml(serialize_tnds_wbxml(document).value());
        ASSERT_TRUE(from_wbxml) << sentence(from_wbxml.error());
        ASSERT_EQ(from_wbxml.value(), document);
    }
}

TEST(tnds, takes_documents_without_properties_as_they_are_met) {
    const auto read = parse_tnds_xml(
        around("<Node><NodeName>Pps</NodeName><Node><NodeName>Fqdn</NodeName><Value>example.org</Value></Node>"
               "<Node><NodeName>Empty</NodeName></Node></Node>"));
    ASSERT_TRUE(read) << sentence(read.error());
    const auto& top = read.value().nodes[0].top;
    EXPECT_EQ(top.format, node_format::node);
    EXPECT_EQ(top.child("Fqdn")->format, node_format::chr);
    EXPECT_EQ(top.child("Empty")->format, node_format::node);
}

TEST(tnds, values_have_the_form_of_their_format) {
    EXPECT_EQ(parse_tnds_xml(leaf_of("<Format><int/></Format>", "\n 5 \n")).value().nodes[0].top.value, "5");
    EXPECT_EQ(parse_tnds_xml(leaf_of("<Format><chr/></Format>", " x ")).value().nodes[0].top.value, " x ");
    EXPECT_EQ(parse_tnds_xml(leaf_of("<Format><b64/></Format>", "eA= \n=")).value().nodes[0].top.value, "x");
    EXPECT_EQ(error_of(leaf_of("<Format><int/></Format>", "five")), document_errc::bad_value);
    EXPECT_EQ(error_of(leaf_of("<Format><bin/></Format>", "e")), document_errc::bad_value);
    EXPECT_EQ(error_of(leaf_of("<Format><node/></Format>", "x")), document_errc::bad_value);
    EXPECT_EQ(error_of(leaf_of("<Format><text/></Format>", "x")), document_errc::unexpected_element);
    EXPECT_EQ(error_of(leaf_of("<Format/>", "x")), document_errc::bad_value);
    EXPECT_EQ(error_of(leaf_of("<VerNo>65536</VerNo>", "x")), document_errc::bad_value);
    EXPECT_EQ(error_of(leaf_of("<TStamp>today</TStamp>", "x")), document_errc::bad_value);
    EXPECT_EQ(error_of(leaf_of("<ACL>Get</ACL>", "x")), document_errc::bad_value);
    EXPECT_EQ(error_of(leaf_of("<Type><Text/></Type>", "x")), document_errc::unexpected_element);
}

TEST(tnds, refuses_another_structure_and_tells_where) {
    EXPECT_EQ(error_of("<Other/>"), document_errc::unexpected_element);
    EXPECT_EQ(error_of("<MgmtTree><VerDTD>1.2</VerDTD></MgmtTree>"), document_errc::missing_element);
    EXPECT_EQ(error_of("<MgmtTree><Node><NodeName/></Node></MgmtTree>"), document_errc::missing_element);
    EXPECT_EQ(error_of("<MgmtTree><VerDTD>2</VerDTD><Node><NodeName/></Node></MgmtTree>"), document_errc::bad_value);
    EXPECT_EQ(error_of(around("<Node/>")), document_errc::missing_element);
    EXPECT_EQ(error_of(around("<Node><NodeName>a</NodeName><NodeName>b</NodeName></Node>")),
              document_errc::unexpected_element);
    EXPECT_EQ(error_of(around("<Node><NodeName>a/b</NodeName></Node>")), document_errc::bad_value);
    EXPECT_EQ(error_of(around("<Node><NodeName>a</NodeName><Path>../x</Path></Node>")), document_errc::bad_uri);
    EXPECT_EQ(error_of(around("<Node><NodeName>a</NodeName><Node><NodeName>b</NodeName><Path>x</Path></Node></Node>")),
              document_errc::unexpected_element);
    EXPECT_EQ(error_of(around("<Node><NodeName>a</NodeName><Node><NodeName>b</NodeName></Node><Node><NodeName>b</"
                              "NodeName></Node></Node>")),
              document_errc::bad_value);
    EXPECT_EQ(
        error_of(around("<Node><NodeName>a</NodeName><Value>v</Value><Node><NodeName>b</NodeName></Node></Node>")),
        document_errc::unexpected_element);
    const auto xml = leaf_of("<Format><bool/></Format>", "maybe");
    EXPECT_EQ(parse_tnds_xml(xml).error().offset, xml.find("<Value>") + 1);
}

TEST(tnds, bounds_the_depth_of_nodes) {
    std::string open, close;
    for (int i = 0; i < 70; ++i) open += "<Node><NodeName>n</NodeName>", close += "</Node>";
    EXPECT_EQ(error_of(around(open + close)), document_errc::too_deep);
}

TEST(tnds, every_strict_prefix_is_refused) {
    for (std::size_t n = 0; n + 1 < account.size(); ++n) EXPECT_FALSE(parse_tnds_xml(account.substr(0, n))) << n;
}
