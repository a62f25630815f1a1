#pragma once

#include "secure-channel/wire/result.hpp"

#include <map>
#include <string>
#include <string_view>

/// Labels on cards, as the store keeps them: "key=value,key=value", sorted by key.
namespace ota::cards {

using label_map = std::map<std::string, std::string, std::less<>>;

/// `separators`: characters between labels. `errc::bad_label` when one is no key=value of letters, digits and . _ - : /
/// @ + (key 1 to 63 characters, value at most 63).
[[nodiscard]] wire::result<label_map> parse_labels(std::string_view, std::string_view separators = ",");
[[nodiscard]] std::string serialize_labels(const label_map&);

/// "key=value" sets, "key-" removes. `errc::bad_label` for anything else.
[[nodiscard]] wire::result<void> change_label(label_map&, std::string_view change);

}  // namespace ota::cards
