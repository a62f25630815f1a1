#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Compact forms of the digit strings that key the card tables.
namespace ota::store {

/// An ICCID as two digits per octet, first digit in the high nibble, an odd end filled with F: 19 digits take 10
/// octets, and `hex(iccid)` reads as the number. Nothing when it is empty, longer than 20 digits, or holds another
/// character.
[[nodiscard]] std::optional<std::string> pack_iccid(std::string_view digits);
[[nodiscard]] std::string unpack_iccid(std::string_view packed);

/// The packed octets of every ICCID with this prefix lie from `first` to `last`, both included.
struct iccid_range {
    std::string first, last;
};
[[nodiscard]] std::optional<iccid_range> range_of_prefix(std::string_view digits);

/// A number as an integer: a 1 before its digits keeps leading zeros; 0 is "none" (the empty string).
/// Nothing when it is longer than 18 digits or holds another character.
[[nodiscard]] std::optional<std::int64_t> pack_number(std::string_view digits);
[[nodiscard]] std::string unpack_number(std::int64_t packed);

}  // namespace ota::store
