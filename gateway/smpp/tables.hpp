#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// The code points of SMPP 3.4 that this gateway speaks, and what each means to the sender of a message.
namespace ota::smpp {

/// [SMPP 3.4, 5.1.2.1]; a response is its request with bit 31 set.
enum class command_id : std::uint32_t {
    bind_receiver = 0x01,
    bind_transmitter = 0x02,
    submit_sm = 0x04,
    deliver_sm = 0x05,
    unbind = 0x06,
    bind_transceiver = 0x09,
    outbind = 0x0B,
    enquire_link = 0x15,
    alert_notification = 0x102,
    data_sm = 0x103,
    generic_nack = 0x80000000,
    bind_receiver_resp = 0x80000001,
    bind_transmitter_resp = 0x80000002,
    submit_sm_resp = 0x80000004,
    deliver_sm_resp = 0x80000005,
    unbind_resp = 0x80000006,
    bind_transceiver_resp = 0x80000009,
    enquire_link_resp = 0x80000015,
    data_sm_resp = 0x80000103,
};

inline constexpr std::uint32_t response_bit = 0x80000000;

/// command_status values that the code names; the rest live in the table of `describe`. [SMPP 3.4, 5.1.3]
namespace status {
inline constexpr std::uint32_t ok = 0x00;
inline constexpr std::uint32_t invalid_message_length = 0x01;
inline constexpr std::uint32_t invalid_command_length = 0x02;
inline constexpr std::uint32_t invalid_command_id = 0x03;
inline constexpr std::uint32_t wrong_bind_state = 0x04;
inline constexpr std::uint32_t already_bound = 0x05;
inline constexpr std::uint32_t system_error = 0x08;
inline constexpr std::uint32_t invalid_destination = 0x0B;
inline constexpr std::uint32_t bind_failed = 0x0D;
inline constexpr std::uint32_t invalid_password = 0x0E;
inline constexpr std::uint32_t invalid_system_id = 0x0F;
inline constexpr std::uint32_t message_queue_full = 0x14;
inline constexpr std::uint32_t submit_failed = 0x45;
inline constexpr std::uint32_t throttled = 0x58;
inline constexpr std::uint32_t temporary_application_error = 0x64;  ///< ESME_RX_T_APPN
}  // namespace status

/// What a command_status asks of the sender.
enum class status_class : std::uint8_t {
    success,
    throttle,   ///< slow the whole account down, the message keeps its place
    temporary,  ///< the same message may pass later
    session,    ///< the bind is at fault, not the message
    permanent,  ///< this message will never be taken
};

struct status_entry {
    std::uint32_t code = 0;
    status_class kind = status_class::permanent;
    std::string_view name;      ///< ESME_...
    std::string_view sentence;  ///< for an operator
};

/// The entry of a command_status. Unknown codes are permanent; codes of 0x400 to 0x4FF are named as the vendor's own.
[[nodiscard]] status_entry describe(std::uint32_t command_status) noexcept;

/// Tags of optional parameters. [SMPP 3.4, 5.3.2; congestion_state: SMPP 5.0, 4.8.4.18]
namespace tag {
inline constexpr std::uint16_t additional_status_info_text = 0x001D;
inline constexpr std::uint16_t receipted_message_id = 0x001E;
inline constexpr std::uint16_t user_message_reference = 0x0204;
inline constexpr std::uint16_t sar_msg_ref_num = 0x020C;
inline constexpr std::uint16_t sar_total_segments = 0x020E;
inline constexpr std::uint16_t sar_segment_seqnum = 0x020F;
inline constexpr std::uint16_t sc_interface_version = 0x0210;
inline constexpr std::uint16_t network_error_code = 0x0423;
inline constexpr std::uint16_t message_payload = 0x0424;
inline constexpr std::uint16_t delivery_failure_reason = 0x0425;
inline constexpr std::uint16_t message_state = 0x0427;
inline constexpr std::uint16_t congestion_state = 0x0428;
inline constexpr std::uint16_t first_vendor = 0x1400;
inline constexpr std::uint16_t last_vendor = 0x3FFF;
}  // namespace tag

/// Bits of esm_class. [SMPP 3.4, 5.2.12]
namespace esm {
inline constexpr std::uint8_t type_mask = 0x3C;
inline constexpr std::uint8_t delivery_receipt = 0x04;
inline constexpr std::uint8_t delivery_acknowledgement = 0x08;
inline constexpr std::uint8_t user_acknowledgement = 0x10;
inline constexpr std::uint8_t intermediate_notification = 0x20;
inline constexpr std::uint8_t user_data_header = 0x40;
}  // namespace esm

}  // namespace ota::smpp
