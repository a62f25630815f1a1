#pragma once

#include "gateway/smpp/pdu.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// PDUs for the tests: recorded from other programs, and one of each kind made here.
namespace ota::smpp::samples {

inline wire::octets hex(std::string_view text) {
    auto read = wire::from_hex(text);
    if (!read) throw std::invalid_argument("a sample is not hexadecimal");
    return std::move(read).value();
}

// Recorded between an SMPP server with a software card behind it and its client.
// -----------------------------------------
inline constexpr std::string_view bind_transceiver = "0000001f000000090000000000000002746573740074657374000034000000";
inline constexpr std::string_view bind_transceiver_resp = "000000158000000900000000000000027465737400";
inline constexpr std::string_view submit_command_packet =
    "0000006200000004000000000000000f0001013132000101323300407f000000000004003d02700000381516192222b00000b72adad78cebbb"
    "48"
    "4f3a335611b2abdb0180af56e948d8388d421c099322b25996ddf5ed93e8a5a2117aa2ee7d8416da";
inline constexpr std::string_view deliver_proof =
    "0000004e0000000500000000000000090001013233000101313200407f0000000000040029027100002412b000003373984dd37e7955239f8b"
    "8f"
    "535a0408fe8d8c43f1757e17ef7ee9f3c82f502c";
inline constexpr std::string_view submit_resp_without_id = "0000001180000004000000000000000f00";
inline constexpr std::string_view deliver_resp = "0000001180000005000000000000000900";

inline const wire::octets proof = hex("027100000b0ab0001000000000010000");

template <class T>
T message() {
    T m;
    m.service_type = "CMT";
    m.source = {2, 1, "1234"};
    m.destination = {1, 1, "491512345678"};
    m.esm_class = 0x40;
    m.protocol_id = 0x7F;
    m.priority_flag = 1;
    m.validity_period = "261122150000000+";
    m.registered_delivery = 1;
    m.data_coding = 0xF6;
    m.short_message = hex("02700000381516192222b00000");
    m.tlvs = {{tag::user_message_reference, {0x12, 0x34}}, {0x1401, {1, 2, 3}}};
    return m;
}

inline data_sm data_message() {
    data_sm m;
    m.source = {1, 1, "491512345678"};
    m.destination = {2, 1, "1234"};
    m.esm_class = 0x40;
    m.data_coding = 0xF6;
    m.tlvs = {{tag::message_payload, proof}};
    return m;
}

/// One of each PDU.
inline std::vector<pdu> all() {
    bind b;
    b.system_id = "gateway";
    b.password = "secret";
    b.system_type = "OTA";
    b.address_range = "12.*";
    auto transmitter = b;
    transmitter.kind = bind_kind::transmitter;
    auto receiver = b;
    receiver.kind = bind_kind::receiver;
    const tlv_list version{{tag::sc_interface_version, {0x34}}};
    return {
        {0, 1, b},
        {0, 2, transmitter},
        {0, 3, receiver},
        {0, 1, bind_resp{bind_kind::transceiver, "smsc", version}},
        {0, 2, bind_resp{bind_kind::transmitter, "smsc", {}}},
        {0, 3, bind_resp{bind_kind::receiver, "smsc", {}}},
        {0, 4, message<submit_sm>()},
        {0, 4, submit_sm_resp{{"0000abcd", {}}}},
        {0, 5, message<deliver_sm>()},
        {0, 5, deliver_sm_resp{{"", {}}}},
        {0, 6, data_message()},
        {0, 6, data_sm_resp{{"77", {{tag::additional_status_info_text, {'o', 'k', 0}}}}}},
        {0, 7, enquire_link{}},
        {0, 7, enquire_link_resp{}},
        {0, 8, unbind{}},
        {0, 8, unbind_resp{}},
        {3, 9, generic_nack{}},
        {0, 10, outbind{"smsc", "secret"}},
        {0, 11, alert_notification{{1, 1, "491512345678"}, {2, 1, "1234"}, {{0x0422, {0}}}}},
    };
}

}  // namespace ota::smpp::samples
