#include "gateway/smpp/message.hpp"

#include "gateway/smpp/fields.hpp"
#include "gateway/smpp/pdu_bodies.hpp"

#include <algorithm>

namespace ota::smpp {
namespace {

void parse_fields(wire::reader& r, message_fields& m, std::uint16_t& dropped) {
    m.service_type = read_text(r);
    m.source = read_address(r);
    m.destination = read_address(r);
    m.esm_class = r.u8();
    m.protocol_id = r.u8();
    m.priority_flag = r.u8();
    m.schedule_delivery_time = read_text(r);
    m.validity_period = read_text(r);
    m.registered_delivery = r.u8();
    m.replace_if_present_flag = r.u8();
    m.data_coding = r.u8();
    m.sm_default_msg_id = r.u8();
    const auto text = r.take(r.u8());
    m.short_message.assign(text.begin(), text.end());
    if (!r.failed()) m.tlvs = parse_tlvs(r.rest(), dropped);
}

/// A reader by value: nothing is taken from the caller's.
bool begins_with_id(wire::reader r) {
    const auto id = read_text(r);
    if (r.failed() || id.empty()) return false;
    if (!std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; })) return false;
    std::uint16_t bad = 0;
    static_cast<void>(parse_tlvs(r.rest(), bad));
    return bad == 0;
}

}  // namespace

submit_sm parse_submit_sm(wire::reader& r, std::uint16_t& dropped) {
    submit_sm m;
    parse_fields(r, m, dropped);
    return m;
}

deliver_sm parse_deliver_sm(wire::reader& r, std::uint16_t& dropped) {
    deliver_sm m;
    parse_fields(r, m, dropped);
    return m;
}

void serialize_message(const message_fields& m, wire::writer& out) {
    constexpr std::size_t longest = 254;
    write_text(out, m.service_type);
    write_address(out, m.source);
    write_address(out, m.destination);
    out.u8(m.esm_class).u8(m.protocol_id).u8(m.priority_flag);
    write_text(out, m.schedule_delivery_time);
    write_text(out, m.validity_period);
    out.u8(m.registered_delivery).u8(m.replace_if_present_flag).u8(m.data_coding).u8(m.sm_default_msg_id);
    const bool fits = m.short_message.size() <= longest;
    if (fits) {
        out.u8(m.short_message.size()).put(m.short_message);
    } else {
        out.u8(0);
    }
    serialize(m.tlvs, out);
    if (!fits) serialize(tlv_list{{tag::message_payload, m.short_message}}, out);
}

data_sm parse_data_sm(wire::reader& r, std::uint16_t& dropped) {
    data_sm m;
    m.service_type = read_text(r);
    m.source = read_address(r);
    m.destination = read_address(r);
    m.esm_class = r.u8();
    m.registered_delivery = r.u8();
    m.data_coding = r.u8();
    if (!r.failed()) m.tlvs = parse_tlvs(r.rest(), dropped);
    return m;
}

void serialize_data_sm(const data_sm& m, wire::writer& out) {
    write_text(out, m.service_type);
    write_address(out, m.source);
    write_address(out, m.destination);
    out.u8(m.esm_class).u8(m.registered_delivery).u8(m.data_coding);
    serialize(m.tlvs, out);
}

message_resp parse_message_resp(wire::reader& r, std::uint32_t command_status, std::uint16_t& dropped) {
    message_resp m;
    if (r.remaining() == 0) return m;
    // Whether the TLVs of an error response follow a message_id or stand alone is not told (pitfall 6). A printable
    // text with a NUL and TLVs behind it is an id; else, where all that is there reads as TLVs, it is TLVs.
    if (command_status != status::ok && !begins_with_id(r)) {
        auto ahead = r;
        std::uint16_t bad = 0;
        auto alone = parse_tlvs(ahead.rest(), bad);
        if (bad == 0 && !alone.empty()) {
            m.tlvs = std::move(alone);
            return m;
        }
    }
    m.message_id = read_last_text(r);
    m.tlvs = parse_tlvs(r.rest(), dropped);
    return m;
}

void serialize_message_resp(const message_resp& m, wire::writer& out) {
    write_text(out, m.message_id);
    serialize(m.tlvs, out);
}

wire::octet_view content(const message_fields& m) noexcept {
    if (!m.short_message.empty()) return m.short_message;
    const auto* payload = find(m.tlvs, tag::message_payload);
    return payload == nullptr ? wire::octet_view{} : wire::octet_view(payload->value);
}

wire::octet_view content(const data_sm& m) noexcept {
    const auto* payload = find(m.tlvs, tag::message_payload);
    return payload == nullptr ? wire::octet_view{} : wire::octet_view(payload->value);
}

}  // namespace ota::smpp
