#pragma once

#include "gateway/smpp/pdu.hpp"

/// The bodies of the PDUs, one function per layout. Of this room only: others use pdu.hpp.
namespace ota::smpp {

using result_body = wire::result<body>;

/// The body, when every mandatory field could be read.
template <class T>
[[nodiscard]] result_body finish(const wire::reader& r, T&& value) {
    if (r.failed()) return wire::errc::truncated;
    return result_body(body(std::forward<T>(value)));
}

[[nodiscard]] submit_sm parse_submit_sm(wire::reader&, std::uint16_t& dropped_tlvs);
[[nodiscard]] deliver_sm parse_deliver_sm(wire::reader&, std::uint16_t& dropped_tlvs);
[[nodiscard]] data_sm parse_data_sm(wire::reader&, std::uint16_t& dropped_tlvs);
[[nodiscard]] message_resp parse_message_resp(wire::reader&, std::uint32_t command_status, std::uint16_t& dropped_tlvs);
[[nodiscard]] bind parse_bind(wire::reader&, bind_kind);
[[nodiscard]] bind_resp parse_bind_resp(wire::reader&, bind_kind, std::uint16_t& dropped_tlvs);
[[nodiscard]] outbind parse_outbind(wire::reader&);
[[nodiscard]] alert_notification parse_alert_notification(wire::reader&, std::uint16_t& dropped_tlvs);

void serialize_message(const message_fields&, wire::writer&);
void serialize_data_sm(const data_sm&, wire::writer&);
void serialize_message_resp(const message_resp&, wire::writer&);
void serialize_bind(const bind&, wire::writer&);
void serialize_bind_resp(const bind_resp&, wire::writer&);

}  // namespace ota::smpp
