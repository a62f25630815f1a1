#pragma once

#include "gateway/smpp/message.hpp"
#include "secure-channel/wire/octets.hpp"

#include <string>
#include <string_view>

/// The field types that every PDU is made of. [SMPP 3.4, 3.1]
namespace ota::smpp {

/// A C-octet string up to its NUL; one without NUL fails. Lengths beyond the specification's are let through: peers
/// send them.
[[nodiscard]] std::string read_text(wire::reader&);
/// A C-octet string that may also end with the PDU: some SMSCs forget the NUL of a message_id.
[[nodiscard]] std::string read_last_text(wire::reader&);
/// Writes up to the first NUL in `text`, then a NUL.
void write_text(wire::writer&, std::string_view text);

[[nodiscard]] address read_address(wire::reader&);
void write_address(wire::writer&, const address&);

}  // namespace ota::smpp
