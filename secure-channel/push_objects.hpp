#pragma once

#include "secure-channel/push.hpp"

/// Objects of a PUSH command whose values have a coding of their own.
namespace ota::secure_channel::push {

/// "a.bc" as `01 a 02 b c`. bad_push: a label that is empty or longer than 63 octets.
[[nodiscard]] wire::result<wire::octets> serialize_access_name(std::string_view dotted);
/// Labels, with or without the empty one at the end, or printable text as it stands.
[[nodiscard]] wire::result<std::string> parse_access_name(wire::octet_view);

/// Type and address: `21` and 4 octets, `57` and 16.
[[nodiscard]] wire::result<wire::octets> serialize_address(wire::octet_view);
[[nodiscard]] wire::result<wire::octets> parse_address(wire::octet_view);

/// Text string object: coding 04 (8 bit) and the text; nothing for an empty one [TS 102 223, 8.15].
[[nodiscard]] wire::octets serialize_text(std::string_view);
[[nodiscard]] wire::result<std::string> parse_text(wire::octet_view);

}  // namespace ota::secure_channel::push
