#pragma once

#include "gateway/bearer.hpp"
#include "gateway/smpp/message_id.hpp"
#include "gateway/smpp/tlv.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Delivery receipts. The text is the vendor's own ("typical" in SMPP 3.4, appendix B), the TLVs are the standard's.
namespace ota::smpp {

/// What the text of a receipt says; a field that is not there or cannot be read is empty.
struct receipt_text {
    std::string id;
    std::optional<bearer::receipt_state> state;
    std::optional<std::uint32_t> network_error;
    std::string text;  ///< what follows `text:`, octet for octet
};

/// Reads `id: sub: dlvrd: submit date: done date: stat: err: text:` in any order, case and completeness.
[[nodiscard]] receipt_text parse_receipt_text(std::string_view);

/// message_state. [SMPP 3.4, 5.2.28; 0 and 9: SMPP 5.0, 4.7.15]
[[nodiscard]] bearer::receipt_state state_of(std::uint8_t message_state) noexcept;

/// network_error_code: type and 2 octets of code, or three ASCII digits as some SMSCs send it. [SMPP 3.4, 5.3.2.31]
[[nodiscard]] std::optional<std::uint32_t> parse_network_error(wire::octet_view) noexcept;

struct receipt_report {
    std::string id;  ///< normalised
    bearer::receipt_state state = bearer::receipt_state::unknown;
    std::uint32_t network_error = 0;
    bool contradiction = false;  ///< TLV and text name different states: `state` is the worse
    bool id_known = false;
    bool state_known = false;
};

/// TLVs first, text second; where both name a state the worse is taken.
[[nodiscard]] receipt_report read_receipt(const tlv_list&, const receipt_text&, const id_forms&);

}  // namespace ota::smpp
