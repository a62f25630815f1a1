#pragma once

#include "secure-channel/wire/ber_tlv.hpp"

#include <initializer_list>
#include <optional>
#include <string>

/// What the directory files need of DER (ITU-T X.690).
namespace ota::management_object {

namespace der_tag {
inline constexpr std::uint8_t integer = 0x02, bit_string = 0x03, octet_string = 0x04, object_identifier = 0x06,
                              utf8_string = 0x0C, sequence = 0x30;
}  // namespace der_tag

/// Objects one after another. Ends at padding: an octet FF or 00 where a tag should stand.
class der_reader {
public:
    explicit der_reader(wire::octet_view in) noexcept : in_(in) {}
    /// Nothing at the end, at padding, or after a failure. Objects with tags of several octets are passed over.
    [[nodiscard]] std::optional<wire::ber_tlv> next() noexcept;
    /// `wire::errc::truncated` when an object was cut, `trailing_octets` when something other than padding follows.
    [[nodiscard]] wire::result<void> finish();

private:
    wire::octet_view in_;
    bool failed_ = false;
};

/// Nothing when negative or beyond 32 bits.
[[nodiscard]] std::optional<std::uint32_t> der_integer(wire::octet_view content) noexcept;
/// Bit `n` of a BIT STRING, from the first; false when it is not there.
[[nodiscard]] bool der_bit(wire::octet_view content, std::size_t n) noexcept;

void put_der_integer(wire::writer&, std::uint8_t tag, std::uint32_t value);
/// A named bit list without its trailing zeros; nothing at all, and false, when no bit is set. At most 8 bits.
bool put_der_bits(wire::writer&, std::initializer_list<bool>);

}  // namespace ota::management_object
