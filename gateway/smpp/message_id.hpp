#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Message ids are opaque unless the route says that its SMSC writes one number in two ways.
namespace ota::smpp {

enum class id_base : std::uint8_t { as_is, decimal, hexadecimal };

/// How one SMSC writes its ids in submit_sm_resp and in receipts.
struct id_forms {
    id_base in_response = id_base::as_is;
    id_base in_receipt = id_base::as_is;
    bool strip_zeros = false;  ///< leading zeros do not count (as_is)
    bool fold_case = false;    ///< letters compare without case (as_is)
    bool operator==(const id_forms&) const = default;
};

/// The id as both PDUs agree on it. decimal and hexadecimal give the number in decimal; an id that is no such number,
/// or does not fit 64 bits, stays as it is.
[[nodiscard]] std::string normalise_id(std::string_view id, id_base base, const id_forms&);

}  // namespace ota::smpp
