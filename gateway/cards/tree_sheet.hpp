#pragma once

#include "gateway/cards/desk.hpp"

#include <string>

namespace ota::cards {

/// The nodes of a card as one JSON object, `{"items":[..]}`: what `serialize_sheet` tells of each, and their values: of
/// a file its octets in hexadecimal, of a management object every leaf. Values that nobody may get (R24) only with
/// `with_secrets`. `errc::unknown_card`, `errc::unreadable_card`, or the store's error.
[[nodiscard]] wire::result<std::string> serialize_tree(const desk&, const std::string& iccid, bool with_secrets);

}  // namespace ota::cards
