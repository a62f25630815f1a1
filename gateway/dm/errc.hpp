#pragma once

#include "secure-channel/wire/result.hpp"

#include <cstdint>

namespace ota::dm {

/// Why a notification could not be made or taken.
enum class errc : std::uint8_t {
    unknown_version = 1,     ///< not version 1.1
    bad_server_identifier,   ///< empty, or longer than 255 octets
    bad_session_identifier,  ///< zero
    notification_too_long,   ///< for the short messages that one reference can count
};
const std::error_category& dm_category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), dm_category()}; }

}  // namespace ota::dm

template <>
struct std::is_error_code_enum<ota::dm::errc> : std::true_type {};
