#pragma once

#include "secure-channel/wire/octets.hpp"

#include <stdexcept>
#include <string_view>

/// Octets of a test's hexadecimal literal.
inline ota::wire::octets hex(std::string_view text) {
    auto value = ota::wire::from_hex(text);
    if (!value) throw std::invalid_argument("a test's hexadecimal literal is none");
    return std::move(value).value();
}
