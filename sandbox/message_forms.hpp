#pragma once

#include "gateway/smpp/message.hpp"
#include "sandbox/smsc_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How an SMSC writes what SMPP leaves to it: message ids, receipts, times.
namespace ota::sandbox {

struct message_ids {
    std::string in_response;
    std::string in_receipt;
};
[[nodiscard]] message_ids write_ids(id_form, std::uint64_t number);

/// message_state of a receipt. [SMPP 3.4, 5.2.28]
enum class final_state : std::uint8_t { delivered = 2, expired = 3, undeliverable = 5 };

struct receipt_facts {
    std::string id;
    final_state state = final_state::delivered;
    std::uint8_t network_error = 0;  ///< TP-FCS or RP cause
    instant submitted{};
    instant done{};
};
/// The receipt of a message, addressed back to who submitted it.
[[nodiscard]] smpp::deliver_sm write_receipt(const smpp::submit_sm&, const receipt_facts&, bool text, bool tlvs);

/// Whether registered_delivery asks for a receipt of this state.
[[nodiscard]] bool receipt_wanted(std::uint8_t registered_delivery, final_state) noexcept;

/// When a validity_period ends; nothing when none is given or it cannot be read. [SMPP 3.4, 7.1.1]
[[nodiscard]] std::optional<instant> end_of_validity(std::string_view validity_period, instant now);

/// The message reaches the (U)SIM: UDHI, protocol identifier 7F, and 8-bit data of class 2 or without class.
[[nodiscard]] bool is_download(const smpp::submit_sm&) noexcept;
/// The message reaches an application of the terminal: UDHI, protocol identifier 00, 8-bit data.
[[nodiscard]] bool is_for_terminal(const smpp::submit_sm&) noexcept;

}  // namespace ota::sandbox
