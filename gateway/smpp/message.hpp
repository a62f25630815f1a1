#pragma once

#include "gateway/smpp/tlv.hpp"

#include <cstdint>
#include <string>

/// The PDUs that carry a message and their answers. submit_sm and deliver_sm share a layout. [SMPP 3.4, 4.4, 4.6, 4.7]
///     service_type | source ton npi addr | destination ton npi addr | esm_class | protocol_id | priority_flag |
///     schedule_delivery_time | validity_period | registered_delivery | replace_if_present_flag | data_coding |
///     sm_default_msg_id | sm_length | short_message | TLVs
namespace ota::smpp {

struct address {
    std::uint8_t ton = 0;
    std::uint8_t npi = 0;
    std::string digits;  ///< at most 20 characters (64 in data_sm)
    bool operator==(const address&) const = default;
};

/// The layout that submit_sm and deliver_sm share. sm_length is derived.
struct message_fields {
    std::string service_type;
    address source;
    address destination;
    std::uint8_t esm_class = 0;
    std::uint8_t protocol_id = 0;
    std::uint8_t priority_flag = 0;
    std::string schedule_delivery_time;
    std::string validity_period;
    std::uint8_t registered_delivery = 0;
    std::uint8_t replace_if_present_flag = 0;
    std::uint8_t data_coding = 0;
    std::uint8_t sm_default_msg_id = 0;
    wire::octets short_message;  ///< at most 254 octets; what is longer rides in message_payload
    tlv_list tlvs;
    bool operator==(const message_fields&) const = default;
};

struct submit_sm : message_fields {
    bool operator==(const submit_sm&) const = default;
};
struct deliver_sm : message_fields {
    bool operator==(const deliver_sm&) const = default;
};

///     service_type | source | destination | esm_class | registered_delivery | data_coding | TLVs
struct data_sm {
    std::string service_type;
    address source;
    address destination;
    std::uint8_t esm_class = 0;
    std::uint8_t registered_delivery = 0;
    std::uint8_t data_coding = 0;
    tlv_list tlvs;
    bool operator==(const data_sm&) const = default;
};

/// The answer to any of them. A response with an error may come without a body: message_id is empty then.
struct message_resp {
    std::string message_id;
    tlv_list tlvs;
    bool operator==(const message_resp&) const = default;
};
struct submit_sm_resp : message_resp {
    bool operator==(const submit_sm_resp&) const = default;
};
struct deliver_sm_resp : message_resp {
    bool operator==(const deliver_sm_resp&) const = default;
};
struct data_sm_resp : message_resp {
    bool operator==(const data_sm_resp&) const = default;
};

/// What the message says: short_message, or message_payload where that is empty.
[[nodiscard]] wire::octet_view content(const message_fields&) noexcept;
[[nodiscard]] wire::octet_view content(const data_sm&) noexcept;

}  // namespace ota::smpp
