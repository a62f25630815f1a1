#pragma once

#include "gateway/packet/packet_call.hpp"

#include <string>
#include <string_view>

/// Calls and outcomes of the packet tool as JSON, one object a line.
namespace ota::packet_tool {

/// `sms`, `data`, or `data-without-identifier`: as `data`, with a check that leaves the identifier out.
[[nodiscard]] std::optional<secure_channel::framing> framing_of(std::string_view name) noexcept;

/// `{"do":"seal","spi":"1619",...}` as a call, or why it is none.
[[nodiscard]] std::variant<packet_call, refusal> parse_call(std::string_view line);

/// `{"packet":".."}`, `{"error":".."}`, or what was opened:
/// `{"tar":"b00010","cntr":"0000000001","pcntr":0,"status":0,"data":"..","verified":true,...}` (status in responses
/// only; commands with the fields of SPI by name, and the PUSHes of a script with theirs; verified null where no check
/// was asked; false comes with a reason: `mismatch`, `unsecured`, or `keys-needed` and `not-offered` with the sentence
/// `missing`, and then only what stands in the clear is there). A CAT_TP PDU gives its fields by name, octet strings in
/// hexadecimal; what its kind does not have is left out.
[[nodiscard]] std::string serialize_outcome(const outcome&);

}  // namespace ota::packet_tool
