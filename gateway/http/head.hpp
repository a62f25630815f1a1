#pragma once

#include "gateway/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ota::http {

/// The path and query of a request target in origin form or absolute form [RFC 9112, 3.2]; nothing for other forms.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> split_target(std::string_view target);

/// Status line and header of an answer, as sent. Without `keep` the connection ends after it; an answer with a stream
/// has no length and ends with its connection.
[[nodiscard]] std::string head_of(const response&, bool keep);

}  // namespace ota::http
