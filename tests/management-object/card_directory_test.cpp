#include "management-object/card_directory.hpp"

#include "management-object/der.hpp"
#include "management-object/fault.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace ota;
using namespace ota::management_object;
using testing::HasSubstr;

namespace {

wire::octets hex(std::string_view text) { return wire::from_hex(text).value(); }
wire::octets octets_of(const auto& list) { return {list.begin(), list.end()}; }

data_object settings_object() {
    data_object out;
    out.label = "DM settings";
    out.modifiable = true;
    out.user_consent = 1;
    out.oid = octets_of(oid_dm_bootstrap);
    out.path = {0x6432};
    return out;
}

/// What `openssl asn1parse` says of the octets, or nothing when it refuses them.
std::string asn1parse(wire::octet_view octets) {
    const auto file = std::filesystem::temp_directory_path() / ("otagw-asn1-" + std::to_string(::getpid()));
    std::ofstream(file, std::ios::binary) << wire::as_text(octets);
    std::string out;
    auto* pipe = ::popen(("openssl asn1parse -inform DER -in " + file.string() + " 2>&1").c_str(), "r");
    for (char part[256]; std::fgets(part, sizeof part, pipe) != nullptr;) out += part;
    const auto status = ::pclose(pipe);
    std::filesystem::remove(file);
    return status == 0 ? out : "";
}

template <class Parse>
void every_strict_prefix_fails(const wire::octets& whole, Parse parse) {
    for (std::size_t n = 1; n < whole.size(); ++n)
        EXPECT_FALSE(parse(wire::octet_view(whole).first(n))) << n << " of " << whole.size();
    auto more = whole;
    more.push_back(0x30);
    EXPECT_FALSE(parse(more));
    more.back() = 0xFF;
    EXPECT_TRUE(parse(more));
}

}  // namespace

TEST(card_directory, writes_an_opaque_data_object_with_consent) {
    const auto octets = serialize_data_objects({settings_object()});
    EXPECT_EQ(wire::to_hex(octets),
              "302630140c0b444d2073657474696e6773030206400201013006060467"
              "2b0701a106300404026432");
    EXPECT_EQ(parse_data_objects(octets).value(), std::vector{settings_object()});
}

TEST(card_directory, reads_an_oid_data_object) {
    const auto read =
        parse_data_objects(hex("a121300d0c0b444d2073657474696e67733000a10e300c0604672b0701300404026432")).value();
    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(read[0].label, "DM settings");
    EXPECT_EQ(oid_text(read[0].oid), "2.23.43.7.1");
    EXPECT_EQ(read[0].path, file_path{0x6432});
    EXPECT_FALSE(read[0].user_consent);
    EXPECT_FALSE(read[0].modifiable);
}

TEST(card_directory, reads_the_object_identifier_that_a_card_wrapped_twice) {
    // As a card of the field has it: the identifier of LwM2M bootstrap inside another object identifier.
    const auto read = parse_data_objects(hex("a12730003011"
                                             "0c0f4c774d324d20426f6f747374726170"
                                             "a110300e0606"
                                             "0604672b0901"
                                             "300404026432"))
                          .value();
    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(read[0].application_name, "LwM2M Bootstrap");
    EXPECT_EQ(oid_text(read[0].oid), "2.23.43.9.1");
    EXPECT_EQ(read[0].path, file_path{0x6432});
}

TEST(card_directory, writes_and_reads_the_record_of_the_application) {
    const application_template application{octets_of(pkcs15_aid), "DM", {0x3F00, 0x7F50}};
    const auto record = serialize_application(application);
    EXPECT_EQ(wire::to_hex(record), "61184f0ca000000063504b43532d31355002444d51043f007f50");
    EXPECT_EQ(parse_application(record).value(), application);
    every_strict_prefix_fails(record, parse_application);
    EXPECT_EQ(parse_application(wire::octets(20, 0xFF)).error(), document_errc::bad_value);  // an empty record
}

TEST(card_directory, writes_and_reads_the_object_directory) {
    const auto file = serialize_object_directory({{0x6430}});
    EXPECT_EQ(wire::to_hex(file), "a706300404026430");
    EXPECT_EQ(parse_object_directory(file).value(), std::vector<file_path>{{0x6430}});
    every_strict_prefix_fails(file, parse_object_directory);
    // Keys and certificates in front, an element of two tag octets behind, and padding.
    const auto other =
        hex("a006300404024401"
            "a406300404024402"
            "a706300404026430"
            "bf2103020100"
            "ffff");
    EXPECT_EQ(parse_object_directory(other).value(), std::vector<file_path>{{0x6430}});
    EXPECT_TRUE(parse_object_directory(wire::octets(8, 0xFF)).value().empty());
}

TEST(card_directory, writes_and_reads_token_info) {
    const token_info info{hex("98882101"), "Example issuer", "Subscriber card", true, false};
    const auto file = serialize_token_info(info);
    EXPECT_EQ(parse_token_info(file).value(), info);
    every_strict_prefix_fails(file, parse_token_info);
    const auto told = asn1parse(file);
    EXPECT_THAT(told, HasSubstr("INTEGER           :00"));
    EXPECT_THAT(told, HasSubstr("OCTET STRING      [HEX DUMP]:98882101"));
    EXPECT_THAT(told, HasSubstr("UTF8STRING        :Example issuer"));
    EXPECT_THAT(asn1parse(serialize_token_info({})), HasSubstr("BIT STRING"));
}

TEST(card_directory, data_objects_are_der_for_openssl) {
    auto object = settings_object();
    object.label = std::string(150, 'x');  // lengths of two octets
    object.is_private = true;
    object.auth_id = hex("01");
    object.application_name = "Messaging";
    object.index = 16;
    object.length = 700;
    const auto octets = serialize_data_objects({object});
    const auto told = asn1parse(octets);
    EXPECT_THAT(told, HasSubstr("d=2  hl=3 l= 150 prim: UTF8STRING"));
    EXPECT_THAT(told, HasSubstr("OBJECT            :2.23.43.7.1"));
    EXPECT_THAT(told, HasSubstr("INTEGER           :01"));
    EXPECT_THAT(told, HasSubstr("OCTET STRING"));
    EXPECT_EQ(parse_data_objects(octets).value(), std::vector{object});
    object.oid = octets_of(oid_control_file);
    EXPECT_THAT(asn1parse(serialize_data_objects({object})), HasSubstr("OBJECT            :1.3.6.1.4.1.32473.3.1"));
}

TEST(card_directory, reads_several_entries_passes_over_others_and_padding) {
    auto second = settings_object();
    second.label = "Mail";
    second.user_consent.reset();
    second.path = {0x6433};
    auto file = serialize_data_objects({settings_object()});
    const auto external = hex("a00a300030003004a0020500");
    file.insert(file.end(), external.begin(), external.end());
    const auto rest = serialize_data_objects({second});
    file.insert(file.end(), rest.begin(), rest.end());
    file.resize(200, 0xFF);
    EXPECT_EQ(parse_data_objects(file).value(), (std::vector{settings_object(), second}));
    EXPECT_TRUE(parse_data_objects({}).value().empty());
}

TEST(card_directory, refuses_entries_that_are_cut_or_go_on) {
    every_strict_prefix_fails(serialize_data_objects({settings_object()}), parse_data_objects);
    // Wrong inside: a path of odd length, a consent beyond 15.
    EXPECT_EQ(parse_data_objects(hex("300d300030"
                                     "00a107300504030064"
                                     "32"))
                  .error(),
              document_errc::bad_value);
    EXPECT_EQ(parse_data_objects(hex("300f3003020110"
                                     "3000a106300404026432"))
                  .error(),
              document_errc::bad_value);
    EXPECT_EQ(parse_data_objects(hex("ff30")).error(), wire::errc::trailing_octets);
}

TEST(card_directory, knows_object_identifiers_as_text) {
    for (const auto* text : {"2.23.43.7.1", "1.3.6.1.4.1.32473.3.1", "0.6", "2.999.18446744073709551615"})
        EXPECT_EQ(oid_text(parse_oid_text(text).value()), text);
    EXPECT_EQ(parse_oid_text("2.23.43.7.1").value(), octets_of(oid_dm_bootstrap));
    EXPECT_EQ(parse_oid_text("1.3.6.1.4.1.32473.3.1").value(), octets_of(oid_control_file));
    for (const auto* text : {"", "1", "1.40", "3.1", "1..2", "1.2.", "1.2.x", "1.-2", "1.18446744073709551616"})
        EXPECT_FALSE(parse_oid_text(text)) << text;
    EXPECT_EQ(oid_text(hex("672b87")), "");
}

TEST(card_directory, integers_of_der_are_shortest_and_never_negative) {
    for (const std::uint32_t value : {0u, 1u, 127u, 128u, 255u, 256u, 65535u, 0x80000000u, 0xFFFFFFFFu}) {
        wire::writer out;
        put_der_integer(out, der_tag::integer, value);
        const wire::octet_view whole(out.buffer());
        EXPECT_EQ(der_integer(whole.subspan(2)), value);
        EXPECT_THAT(asn1parse(whole), HasSubstr("INTEGER"));
    }
    EXPECT_FALSE(der_integer(hex("80")));
    EXPECT_FALSE(der_integer(hex("0100000000")));
}
