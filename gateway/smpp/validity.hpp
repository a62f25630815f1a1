#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// validity_period of a submit_sm. [SMPP 3.4, 7.1.1]
namespace ota::smpp {

enum class validity_form : std::uint8_t {
    none,      ///< left to the SMSC
    absolute,  ///< YYMMDDhhmmss000+ in UTC
    relative,  ///< YYMMDDhhmmss000R
};

/// R18: never longer than what is left until `expires`, nor than `maximum`. Empty for `none`, or when less than a
/// second is left.
[[nodiscard]] std::string validity_period(validity_form, std::chrono::sys_time<std::chrono::milliseconds> now,
                                          std::chrono::sys_time<std::chrono::milliseconds> expires,
                                          std::chrono::seconds maximum);

}  // namespace ota::smpp
