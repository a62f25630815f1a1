#pragma once

#include <system_error>
#include <type_traits>

namespace ota::smpp {

/// Failures of reading SMPP.
enum class errc {
    unknown_command = 1,   ///< no command_id that this gateway speaks
    bad_command_length,    ///< below 16, or absurdly long: the stream cannot be followed any more
    wrong_command_length,  ///< command_length is not the size of the PDU
};

const std::error_category& smpp_category() noexcept;

inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), smpp_category()}; }

}  // namespace ota::smpp

template <>
struct std::is_error_code_enum<ota::smpp::errc> : std::true_type {};
