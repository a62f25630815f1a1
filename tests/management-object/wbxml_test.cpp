#include "management-object/wbxml.hpp"
#include "management-object/code_pages.hpp"
#include "tests/management-object/random_tree.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

// Written by libwbxml2 0.11.8 (xml2wbxml) for MgmtTree(VerDTD 1.2, Node(NodeName Imps, ..., Node(NodeName Addr, ...))).
constexpr std::string_view imps_of_libwbxml =
    "0300006a1b2d2f2f4f4d412f2f4454442d444d2d44444620312e322f2f454e0000026077"
    "03312e320001646603496d707300016f5c2501755103"
    "75726e3a6f6d613a6d6f3a6f6d612d696d70733a312e30000101"
    "01646603416464720001"
    "6f5c0b01756103746578742f706c61696e000101"
    "017603696d70732e6578616d706c652e6e65740001010101";

element imps_tree() {
    element root{.name = "MgmtTree", .xmlns = std::string(ns_dmddf)};
    root.add("VerDTD", "1.2");
    auto& imps = root.add("Node");
    imps.add("NodeName", "Imps");
    auto& properties = imps.add("RTProperties");
    properties.add("Format").add("node");
    properties.add("Type").add("DDFName", "urn:oma:mo:oma-imps:1.0");
    auto& addr = imps.add("Node");
    addr.add("NodeName", "Addr");
    auto& of_addr = addr.add("RTProperties");
    of_addr.add("Format").add("chr");
    of_addr.add("Type").add("MIME", "text/plain");
    addr.add("Value", "imps.example.net");
    return root;
}

document_errc error_of(std::string_view hex) {
    const auto read = parse_wbxml(wire::from_hex(hex).value());
    return read ? document_errc{} : read.error().code;
}

}  // namespace

TEST(wbxml, writes_what_another_implementation_writes) {
    EXPECT_EQ(wire::to_hex(serialize_wbxml(imps_tree()).value()), imps_of_libwbxml);
}

TEST(wbxml, reads_what_another_implementation_writes) {
    const auto read = parse_wbxml(wire::from_hex(imps_of_libwbxml).value());
    ASSERT_TRUE(read) << sentence(read.error());
    EXPECT_TRUE(same(read.value(), imps_tree()));
    EXPECT_EQ(read.value().xmlns, ns_dmddf);
}

TEST(wbxml, refuses_every_strict_prefix_and_anything_behind) {
    randomly::dice d(7);
    for (int round = 0; round < 8; ++round) {
        auto whole = serialize_tnds_wbxml(randomly::document(d)).value();
        for (std::size_t n = 0; n < whole.size(); ++n) {
            EXPECT_FALSE(parse_wbxml(wire::octet_view(whole).first(n))) << n << " of " << whole.size();
        }
        whole.push_back(0);
        const auto more = parse_wbxml(whole);
        ASSERT_FALSE(more);
        EXPECT_EQ(more.error(), (fault{document_errc::trailing_octets, whole.size() - 1}));
    }
}

TEST(wbxml, joins_strings_of_the_table_and_inline_ones) {
    // | 1.3 | SyncML 1.2 | UTF-8 | 4 | x a b NUL | SyncML > Data > STR_T 1, STR_I "c" |
    const auto read = parse_wbxml(wire::from_hex("03"
                                                 "a401"
                                                 "6a"
                                                 "04"
                                                 "78616200"
                                                 "6d"
                                                 "4f"
                                                 "8301"
                                                 "036300"
                                                 "01"
                                                 "01")
                                      .value());
    ASSERT_TRUE(read) << sentence(read.error());
    EXPECT_EQ(read.value().text_of("Data"), "abc");
    EXPECT_EQ(read.value().child("Data")->text_offset, 0u) << "no single place";
}

TEST(wbxml, tells_where_a_single_string_stands) {
    const auto in_table = parse_wbxml(wire::from_hex("03a4016a0478616200"
                                                     "6d4f8301"
                                                     "0101")
                                          .value());
    EXPECT_EQ(in_table.value().child("Data")->text_offset, 6u);
    const auto in_line = parse_wbxml(wire::from_hex("03a4016a0478616200"
                                                    "6d4f036300"
                                                    "0101")
                                         .value());
    EXPECT_EQ(in_line.value().child("Data")->text_offset, 12u);
}

TEST(wbxml, reads_literal_tags_and_writes_names_that_no_page_has) {
    element root{.name = "SyncML", .xmlns = std::string(ns_syncml)};
    root.add("Vendor", "1");
    root.add("Vendor", "2");
    root.add("Other").add("Data", "x");
    const auto written = serialize_wbxml(root).value();
    EXPECT_EQ(wire::to_hex(written),
              "03a4016a0d"
              "56656e646f7200"
              "4f7468657200"
              "6d"
              "4400033100"
              "01"
              "4400033200"
              "01"
              "4407"
              "4f037800"
              "01"
              "01"
              "01");
    const auto read = parse_wbxml(written);
    ASSERT_TRUE(read) << sentence(read.error());
    EXPECT_TRUE(same(read.value(), root));
}

TEST(wbxml, carries_octets_that_are_no_text_as_opaque) {
    element root{.name = "SyncML", .xmlns = std::string(ns_syncml)};
    root.add("Data", std::string("\x00\xff\x01", 3));
    const auto written = serialize_wbxml(root).value();
    EXPECT_EQ(wire::to_hex(written),
              "03a4016a00"
              "6d"
              "4f"
              "c303"
              "00ff01"
              "01"
              "01");
    const auto read = parse_wbxml(written);
    EXPECT_TRUE(read.value().children[0].opaque);
    EXPECT_TRUE(same(read.value(), root));
}

TEST(wbxml, switches_pages_by_namespace) {
    element root{.name = "SyncML", .xmlns = std::string(ns_syncml)};
    auto& meta = root.add("Meta");
    meta.add("Type", "b").xmlns = ns_metinf;
    meta.add("Size", "1").xmlns = ns_metinf;
    root.add("Data", "c");
    const auto written = serialize_wbxml(root).value();
    EXPECT_EQ(wire::to_hex(written),
              "03a4016a00"
              "6d"
              "5a"
              "0001"
              "53036200"
              "01"
              "52033100"
              "01"
              "01"
              "0000"
              "4f036300"
              "01"
              "01");
    const auto read = parse_wbxml(written);
    EXPECT_EQ(read.value().child("Meta")->child("Type")->xmlns, ns_metinf);
    EXPECT_EQ(read.value().child("Data")->xmlns, ns_syncml);
}

TEST(wbxml, names_what_it_refuses) {
    EXPECT_EQ(error_of("03a4016a00"
                       "3f"),
              document_errc::unknown_token);  // no such tag
    EXPECT_EQ(error_of("03a4016a00"
                       "ad"),
              document_errc::unknown_token);  // attributes
    EXPECT_EQ(error_of("03a4016a00"
                       "6d43"),
              document_errc::unknown_token);  // processing instruction
    EXPECT_EQ(error_of("03a4016a00"
                       "6dc0"),
              document_errc::unknown_token);  // extension
    EXPECT_EQ(error_of("03a4016a00"
                       "000331"),
              document_errc::unknown_token);  // page 3
    EXPECT_EQ(error_of("03a40104"
                       "00"
                       "6d"),
              document_errc::unknown_document);  // ISO 8859-1
    EXPECT_EQ(error_of("03046a00"
                       "6d"),
              document_errc::unknown_document);  // WML
    EXPECT_EQ(error_of("03a4016a00"
                       "6d4f8300"
                       "0101"),
              document_errc::bad_string);  // beyond the table
    EXPECT_EQ(error_of("03a4016a02"
                       "6161"
                       "6d4f8300"
                       "0101"),
              document_errc::bad_string);  // without an end
    EXPECT_EQ(error_of("03ffffffffff01"), document_errc::bad_number);
    EXPECT_EQ(error_of("03a4016a00"
                       "6d4f036100"
                       "0d"
                       "0101"),
              document_errc::unexpected_element);  // mixed content
    EXPECT_EQ(error_of("03a4016a00"
                       "6d4f03ff00"
                       "0101"),
              document_errc::not_text);
}

TEST(wbxml, bounds_size_depth_and_what_references_unfold_to) {
    const auto document = wire::from_hex(imps_of_libwbxml).value();
    EXPECT_EQ(parse_wbxml(document, {.octets = document.size() - 1}).error().code, document_errc::too_large);
    EXPECT_EQ(parse_wbxml(document, {.depth = 5}).error().code, document_errc::too_deep);
    EXPECT_TRUE(parse_wbxml(document, {.depth = 6}));

    // A string of 200 octets, referred to 100 times in less than 600 octets.
    wire::writer bomb;
    bomb.put(wire::from_hex("03a4016a").value()).u8(0x81).u8(0x49).fill(200, 'a').u8(0).u8(0x6D);
    for (int i = 0; i < 100; ++i) bomb.put(wire::from_hex("4f830001").value());
    bomb.u8(1);
    const auto octets = bomb.take();
    EXPECT_EQ(parse_wbxml(octets, {.octets = 700}).error().code, document_errc::too_large);
    EXPECT_TRUE(parse_wbxml(octets));
}

TEST(wbxml, every_tag_of_every_page_has_one_token) {
    for (std::uint8_t page = 0; page < code_page_count; ++page) {
        for (int token = 0; token < 64; ++token) {
            const auto name = tag_name(page, static_cast<std::uint8_t>(token));
            if (name.empty()) continue;
            EXPECT_EQ(tag_token(page, name), token) << name;
        }
    }
    for (std::uint8_t page = 0; page < code_page_count; ++page) EXPECT_EQ(tag_name(page, 4), "");
    EXPECT_EQ(tag_token(0, "Correlator"), 0x3C);
    EXPECT_EQ(tag_token(1, "MaxObjSize"), 0x15);
    EXPECT_EQ(tag_token(2, "ZeroOrOne"), 0x3C);
    EXPECT_EQ(tag_token(2, ""), std::nullopt);
}

TEST(wbxml, takes_older_versions_and_refuses_newer_ones) {
    const std::string hex(imps_of_libwbxml);
    for (const char* version : {"01", "02", "03"})
        EXPECT_TRUE(parse_wbxml(wire::from_hex(version + hex.substr(2)).value()));
    for (const char* version : {"00", "04", "ff"})
        EXPECT_EQ(error_of(version + hex.substr(2)), document_errc::unknown_version);
}
