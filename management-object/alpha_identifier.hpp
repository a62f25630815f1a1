#pragma once

#include "management-object/elementary_file.hpp"

#include <optional>
#include <string>

namespace ota::management_object {

/// UTF-8 as code points, or nothing when it is malformed (overlong forms and surrogates included).
[[nodiscard]] std::optional<std::u32string> code_points(std::string_view utf8);

/// A name as cards keep it, padded with FF to `room` octets: the default alphabet of TS 23.038 6.2.1 with bit 8 zero
/// where it has every character (those of its extension table take two octets), else the 80 form of UCS2 [TS 102 221,
/// annex A]. `value_malformed` for bad UTF-8 and for characters beyond the basic plane; `value_too_long`.
[[nodiscard]] wire::result<wire::octets> make_alpha_identifier(std::string_view utf8, std::size_t room);

}  // namespace ota::management_object
