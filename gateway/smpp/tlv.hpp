#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// Optional parameters (TLVs). [SMPP 3.4, 3.2.4.1]
///     | tag | length | value  |
///     |  2  |   2    | length |
namespace ota::smpp {

struct tlv {
    std::uint16_t tag = 0;
    wire::octets value;
    bool operator==(const tlv&) const = default;
};

using tlv_list = std::vector<tlv>;

/// The well-formed parameters in front; what cannot be read is dropped and counted in `dropped`, the PDU lives on.
/// One stray NUL in front of the parameters or behind them is stepped over.
[[nodiscard]] tlv_list parse_tlvs(wire::octet_view in, std::uint16_t& dropped);
void serialize(const tlv_list&, wire::writer&);

/// Octets of a TLV on the wire, header included.
[[nodiscard]] std::size_t wire_size(const tlv_list&) noexcept;

/// The first parameter with this tag, or nullptr.
[[nodiscard]] const tlv* find(const tlv_list&, std::uint16_t tag) noexcept;
/// The value as a number when it has exactly `width` octets (1 to 4); a malformed one counts as absent.
[[nodiscard]] std::optional<std::uint32_t> find_number(const tlv_list&, std::uint16_t tag, std::size_t width) noexcept;
/// The value as text without its NUL.
[[nodiscard]] std::optional<std::string> find_text(const tlv_list&, std::uint16_t tag);

}  // namespace ota::smpp
