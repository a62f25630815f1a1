#pragma once

#include "gateway/smpp/bind.hpp"
#include "gateway/smpp/message.hpp"
#include "gateway/smpp/tables.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <string>
#include <variant>

/// One SMPP PDU. [SMPP 3.4, 3.2]
///     | command_length | command_id | command_status | sequence_number | body |
///     |       4        |     4      |       4        |        4        |  n   |
namespace ota::smpp {

struct enquire_link {
    bool operator==(const enquire_link&) const = default;
};
struct enquire_link_resp {
    bool operator==(const enquire_link_resp&) const = default;
};
struct unbind {
    bool operator==(const unbind&) const = default;
};
struct unbind_resp {
    bool operator==(const unbind_resp&) const = default;
};
struct generic_nack {
    bool operator==(const generic_nack&) const = default;
};
///     system_id | password
struct outbind {
    std::string system_id;
    std::string password;  ///< secret
    bool operator==(const outbind&) const = default;
};
///     source ton npi addr | esme ton npi addr | TLVs
struct alert_notification {
    address source;
    address esme;
    tlv_list tlvs;
    bool operator==(const alert_notification&) const = default;
};

using body =
    std::variant<submit_sm, submit_sm_resp, deliver_sm, deliver_sm_resp, data_sm, data_sm_resp, enquire_link,
                 enquire_link_resp, bind, bind_resp, unbind, unbind_resp, generic_nack, outbind, alert_notification>;

inline constexpr std::size_t header_octets = 16;

struct header {
    std::uint32_t command_length = 0;
    std::uint32_t id = 0;  ///< as received, perhaps of no command_id
    std::uint32_t command_status = 0;
    std::uint32_t sequence_number = 0;
};

struct pdu {
    std::uint32_t command_status = 0;
    std::uint32_t sequence_number = 0;
    body what;
    std::uint16_t dropped_tlvs = 0;  ///< malformed ones; the rest of the PDU stands
};

/// The header of at least 16 octets.
[[nodiscard]] header parse_header(wire::octet_view) noexcept;
[[nodiscard]] bool known(std::uint32_t command_id) noexcept;
[[nodiscard]] command_id id_of(const body&) noexcept;

/// One whole PDU: command_length must be its size. An unknown command is `errc::unknown_command`.
[[nodiscard]] wire::result<pdu> parse(wire::octet_view);
/// Appends the PDU; command_length is derived. A submit_sm_resp or bind_resp with an error and nothing to say has no
/// body.
void serialize(const body&, std::uint32_t command_status, std::uint32_t sequence_number, wire::writer&);
/// The same for one submit_sm without a variant around it: the hot path.
void serialize(const submit_sm&, std::uint32_t sequence_number, wire::writer&);
/// The answer to a message; without `with_body` a header only.
void serialize_response(command_id, std::uint32_t command_status, std::uint32_t sequence_number, const message_resp&,
                        bool with_body, wire::writer&);
[[nodiscard]] wire::octets serialize(const pdu&);

}  // namespace ota::smpp
