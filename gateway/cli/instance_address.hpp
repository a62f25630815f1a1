#pragma once

#include "gateway/http/ask.hpp"

#include <optional>
#include <string>

namespace ota::cli {

/// What the words of a command tell of the gateway that it looks at.
struct instance_words {
    std::string url, token_file, config, authorities;
};

/// The question that every other one is made of: where it goes, and with which token. What is not said the settings
/// tell, the first token that this user may read among it; nothing with `why`, a sentence that says what to do.
[[nodiscard]] std::optional<http::question> address_of(const instance_words&, std::string& why);

/// Octets of a query, percent-encoded (RFC 3986).
[[nodiscard]] std::string encoded(std::string_view);

}  // namespace ota::cli
