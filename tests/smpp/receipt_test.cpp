#include "gateway/smpp/receipt.hpp"

#include "gateway/smpp/inbound.hpp"
#include "gateway/smpp/tables.hpp"
#include "gateway/smpp/user_data.hpp"
#include "tests/smpp/samples.hpp"

#include <gtest/gtest.h>

namespace ota::smpp {
namespace {

using bearer::receipt_state;
using samples::hex;

constexpr std::string_view standard =
    "id:0000000042 sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:DELIVRD err:007 text:hello";

deliver_sm receipt_pdu(std::string_view text, tlv_list tlvs = {}, std::uint8_t esm_class = esm::delivery_receipt) {
    deliver_sm m;
    m.source = {1, 1, "491512345678"};
    m.destination = {2, 1, "1234"};
    m.esm_class = esm_class;
    const auto octets = wire::as_octets(text);
    m.short_message.assign(octets.begin(), octets.end());
    m.tlvs = std::move(tlvs);
    return m;
}

tlv text_tlv(std::uint16_t tag, std::string_view text) {
    tlv out{tag, {}};
    out.value.assign(text.begin(), text.end());
    out.value.push_back(0);
    return out;
}

bearer::receipt receipt_of(const deliver_sm& m, const id_forms& forms = {}) {
    auto found = classify(m, forms);
    EXPECT_TRUE(std::holds_alternative<bearer::receipt>(found.what));
    const auto* told = std::get_if<bearer::receipt>(&found.what);
    return told == nullptr ? bearer::receipt{} : *told;
}

TEST(receipt, is_read_from_the_text_of_the_standards_appendix) {
    const auto text = parse_receipt_text(standard);
    EXPECT_EQ(text.id, "0000000042");
    EXPECT_EQ(text.state, receipt_state::delivered);
    EXPECT_EQ(text.network_error, 7u);
    EXPECT_EQ(text.text, "hello");
}

TEST(receipt, is_read_whatever_its_vendor_left_out_or_changed) {
    EXPECT_EQ(parse_receipt_text("id:7f00-aa stat:UNDELIV err:1234").id, "7f00-aa");
    EXPECT_EQ(parse_receipt_text("id:1 stat:UNDELIV err:1234").network_error, 1234u);
    EXPECT_EQ(parse_receipt_text("stat:EXPIRED id:9").state, receipt_state::expired);
    EXPECT_EQ(parse_receipt_text("ID:9 STAT:Delivrd Text:X").state, receipt_state::delivered);
    EXPECT_EQ(parse_receipt_text("ID:9 STAT:Delivrd Text:X").text, "X");
    EXPECT_EQ(parse_receipt_text("id:9 stat:WHATEVER").state, receipt_state::unknown);
    EXPECT_EQ(parse_receipt_text("id:9 err:0D4 stat:REJECTD").network_error, 0xD4u);
    EXPECT_EQ(parse_receipt_text("id:9 err:none stat:REJECTD").network_error, std::nullopt);
    EXPECT_EQ(parse_receipt_text("").id, "");
    EXPECT_EQ(parse_receipt_text("paid:9 stat").id, "");
    EXPECT_EQ(parse_receipt_text("id:").id, "");
    EXPECT_EQ(parse_receipt_text("text:id:5 stat:DELIVRD").id, "");
}

TEST(receipt, takes_id_and_state_of_the_tlvs_first) {
    const auto told = receipt_of(receipt_pdu("id:1 stat:DELIVRD err:000",
                                             {text_tlv(tag::receipted_message_id, "abc"), {tag::message_state, {2}}}));
    EXPECT_EQ(told.message_id, "abc");
    EXPECT_EQ(told.state, receipt_state::delivered);
    EXPECT_EQ(told.source, "491512345678");
}

TEST(receipt, that_contradicts_itself_is_read_as_the_worse) {
    for (const auto& [text, state, expected] : {std::tuple{"id:1 stat:DELIVRD", 5, receipt_state::undeliverable},
                                                std::tuple{"id:1 stat:UNDELIV", 2, receipt_state::undeliverable},
                                                std::tuple{"id:1 stat:ENROUTE", 2, receipt_state::enroute},
                                                std::tuple{"id:1 stat:REJECTD", 3, receipt_state::rejected}}) {
        auto found = classify(receipt_pdu(text, {{tag::message_state, {static_cast<std::uint8_t>(state)}}}), {});
        EXPECT_EQ(std::get<bearer::receipt>(found.what).state, expected) << text;
        EXPECT_TRUE(found.contradiction);
    }
    EXPECT_FALSE(classify(receipt_pdu("id:1 stat:DELIVRD", {{tag::message_state, {2}}}), {}).contradiction);
}

TEST(receipt, by_tlv_alone_needs_no_text) {
    const auto told =
        receipt_of(receipt_pdu("", {text_tlv(tag::receipted_message_id, "77"), {tag::message_state, {3}}}, 0));
    EXPECT_EQ(told.message_id, "77");
    EXPECT_EQ(told.state, receipt_state::expired);
}

TEST(receipt, in_message_payload_is_read_like_one_in_the_short_message) {
    auto m = receipt_pdu("");
    const auto octets = wire::as_octets(standard);
    m.tlvs = {{tag::message_payload, {octets.begin(), octets.end()}}};
    EXPECT_EQ(receipt_of(m).message_id, "0000000042");
}

TEST(receipt, of_an_intermediate_notification_is_enroute_unless_it_says_more) {
    EXPECT_EQ(receipt_of(receipt_pdu("id:5", {}, esm::intermediate_notification)).state, receipt_state::enroute);
    EXPECT_EQ(receipt_of(receipt_pdu("id:5 stat:EXPIRED", {}, esm::intermediate_notification)).state,
              receipt_state::expired);
}

TEST(receipt, tells_the_network_error_as_code_or_as_digits) {
    EXPECT_EQ(parse_network_error(hex("0300d4")), 0xD4u);
    EXPECT_EQ(parse_network_error(wire::as_octets("212")), 212u);
    EXPECT_EQ(parse_network_error(wire::as_octets("0212")), 212u);
    EXPECT_EQ(parse_network_error(hex("03")), std::nullopt);
    EXPECT_EQ(parse_network_error(hex("03000000")), std::nullopt);
}

TEST(receipt, carries_a_response_packet_from_every_place_where_smscs_put_it) {
    const auto& proof = samples::proof;
    const auto vendor = receipt_of(receipt_pdu("id:1 stat:DELIVRD", {{0x1500, proof}}));
    EXPECT_EQ(vendor.user_data, proof);
    const auto payload = receipt_of(receipt_pdu("id:1 stat:DELIVRD", {{tag::message_payload, proof}}));
    EXPECT_EQ(payload.user_data, proof);
    const auto raw = receipt_of(receipt_pdu("id:1 stat:DELIVRD err:000 text:" + std::string(wire::as_text(proof))));
    EXPECT_EQ(raw.user_data, proof);
    const auto digits = receipt_of(receipt_pdu("id:1 stat:DELIVRD err:000 text:" + wire::to_hex(proof)));
    EXPECT_EQ(digits.user_data, proof);
    auto header =
        receipt_pdu(wire::as_text(proof), {text_tlv(tag::receipted_message_id, "1"), {tag::message_state, {2}}},
                    esm::delivery_receipt | esm::user_data_header);
    EXPECT_EQ(receipt_of(header).user_data, proof);
    EXPECT_EQ(receipt_of(header).message_id, "1");
    EXPECT_TRUE(receipt_of(receipt_pdu("id:1 stat:DELIVRD text:027100", {{0x1500, hex("0102")}})).user_data.empty());
}

TEST(receipt, without_id_and_state_but_with_a_response_packet_is_a_message) {
    const auto m = receipt_pdu(wire::as_text(samples::proof), {}, esm::delivery_receipt | esm::user_data_header);
    const auto found = classify(m, {});
    ASSERT_TRUE(std::holds_alternative<bearer::inbound_message>(found.what));
    EXPECT_EQ(std::get<bearer::inbound_message>(found.what).user_data, samples::proof);
}

deliver_sm message_pdu(wire::octets user_data, std::uint8_t esm_class = esm::user_data_header, tlv_list tlvs = {}) {
    auto m = receipt_pdu("", std::move(tlvs), esm_class);
    m.short_message = std::move(user_data);
    return m;
}

TEST(inbound, is_a_message_by_its_header_whatever_pid_and_dcs_say) {
    for (std::uint8_t esm_class : {0x40, 0x48, 0x50, 0x43}) {
        for (std::uint8_t dcs : {0x00, 0x02, 0x04, 0xF5, 0xF6}) {
            auto m = message_pdu(samples::proof, esm_class);
            m.data_coding = dcs;
            const auto found = classify(m, {});
            ASSERT_TRUE(std::holds_alternative<bearer::inbound_message>(found.what))
                << int(esm_class) << " " << int(dcs);
            EXPECT_EQ(std::get<bearer::inbound_message>(found.what).user_data, samples::proof);
        }
    }
}

TEST(inbound, is_a_message_when_it_is_a_part_of_one) {
    for (auto part : {"050003110202c74235", "06080400110202c74235", "070003110201710000b8"}) {
        const auto found = classify(message_pdu(hex(part)), {});
        EXPECT_TRUE(std::holds_alternative<bearer::inbound_message>(found.what)) << part;
    }
}

TEST(inbound, of_no_header_of_ours_is_ignored) {
    for (const auto& m :
         {message_pdu(hex("0504158a0000aa")), message_pdu(hex("")), message_pdu(hex("ff71")), message_pdu(hex("0271")),
          receipt_pdu("hello", {}, 0), receipt_pdu("id:1 hello", {}, 0), message_pdu(samples::proof, 0)})
        EXPECT_TRUE(std::holds_alternative<ignored>(classify(m, {}).what));
}

TEST(inbound, told_in_parts_by_tlv_gets_the_reference_element) {
    const tlv_list second{
        {tag::sar_msg_ref_num, {0x12, 0x34}}, {tag::sar_total_segments, {2}}, {tag::sar_segment_seqnum, {2}}};
    const auto tail = classify(message_pdu(hex("aabb"), 0, second), {});
    EXPECT_EQ(wire::to_hex(std::get<bearer::inbound_message>(tail.what).user_data),
              "0608041234"
              "0202"
              "aabb");
    tlv_list first = second;
    first[2].value = {1};
    const auto head = classify(message_pdu(samples::proof, esm::user_data_header, first), {});
    EXPECT_EQ(wire::to_hex(std::get<bearer::inbound_message>(head.what).user_data),
              "08080412340201"
              "7100" +
                  wire::to_hex(wire::octet_view(samples::proof).subspan(3)));
    tlv_list broken = second;
    broken[2].value = {3};
    EXPECT_TRUE(std::holds_alternative<ignored>(classify(message_pdu(hex("aabb"), 0, broken), {}).what));
}

TEST(inbound, by_data_sm_is_receipt_or_message_like_by_deliver_sm) {
    const auto message = classify(samples::data_message(), {});
    EXPECT_EQ(std::get<bearer::inbound_message>(message.what).source, "491512345678");
    data_sm receipt;
    receipt.esm_class = esm::delivery_receipt;
    receipt.source = {1, 1, "+491512345678"};
    receipt.tlvs = {text_tlv(tag::receipted_message_id, "5"), {tag::message_state, {2}}};
    const auto told = classify(receipt, {});
    EXPECT_EQ(std::get<bearer::receipt>(told.what).message_id, "5");
    EXPECT_EQ(std::get<bearer::receipt>(told.what).source, "491512345678");
}

TEST(user_data, strict_prefixes_of_a_response_packet_are_none) {
    const wire::octet_view whole(samples::proof);
    EXPECT_TRUE(is_response_packet(whole));
    for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(is_response_packet(whole.first(n))) << n;
    auto longer = samples::proof;
    longer.push_back(0);
    EXPECT_FALSE(is_response_packet(longer));
}

}  // namespace
}  // namespace ota::smpp
