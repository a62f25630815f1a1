#pragma once

#include "secure-channel/wire/octets.hpp"

#include <string>

namespace ota::sandbox {

/// The answer to SELECT in words: an FCP template (62 ..) [TS 102 221, 11.1.1.3], or the fixed form of a classic SIM
/// [TS 51.011, 9.2.1]. Lines; an answer that is neither as octets.
[[nodiscard]] std::string describe_file(wire::octet_view answer);

}  // namespace ota::sandbox
