#pragma once

#include <boost/outcome/std_result.hpp>
#include <boost/outcome/try.hpp>

#include <string>
#include <system_error>
#include <type_traits>

/// Expected failures are values. `result<T>` holds a T or a `std::error_code` of one room's error enumeration.
namespace ota::wire {

template <class T>
using result = BOOST_OUTCOME_V2_NAMESPACE::std_result<T>;

/// Failures of reading octets, common to every codec.
enum class errc {
    truncated = 1,    ///< the input ended inside a field
    trailing_octets,  ///< the input went on after the last field
    bad_hex,          ///< a text that should be hexadecimal is not
};

const std::error_category& wire_category() noexcept;

inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), wire_category()}; }

}  // namespace ota::wire

template <>
struct std::is_error_code_enum<ota::wire::errc> : std::true_type {};

/// `OTA_TRY(auto x, f())`: x is the value of f(), or the enclosing function returns its error.
#define OTA_TRY BOOST_OUTCOME_TRY
