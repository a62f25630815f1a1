#pragma once

#include "gateway/http/router.hpp"

#include <string>

/// The web console: the pages that this program carries in itself. What they show comes from the API, under the
/// caller's token.
namespace ota::console {

/// Adds /console/ and what lies below it, /console/reasons.json, and / as a redirect to it. Nothing of it needs a
/// token. Each answer has an ETag and is asked for again at every visit: a new program shows its own pages at once.
void serve_on(http::router&);

/// What the reason codes mean and who acts, as JSON: {"code":{"meaning":..,"acts":..,"retry":..}}.
[[nodiscard]] std::string reasons_json();

}  // namespace ota::console
