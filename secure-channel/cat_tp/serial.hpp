#pragma once

#include <cstdint>

/// PDUs are numbered modulo 65536: which of two is the later one is told by the shorter way round, never by `<`.
namespace ota::cat_tp {

/// How many numbers `a` is ahead of `b`; negative when it is behind.
[[nodiscard]] constexpr std::int32_t ahead(std::uint16_t a, std::uint16_t b) noexcept {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}

[[nodiscard]] constexpr std::uint16_t moved(std::uint16_t number, std::int32_t by) noexcept {
    return static_cast<std::uint16_t>(number + by);
}

}  // namespace ota::cat_tp
