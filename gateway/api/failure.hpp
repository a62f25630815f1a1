#pragma once

#include "gateway/api/book.hpp"

#include <system_error>

namespace ota::api {

/// An error of the card desk or of the store as a problem: 404 for what is not there, 409 for what cannot be done now,
/// 503 with Retry-After while the store is away, 500 for what an operator has to look at.
[[nodiscard]] http::response failure(std::error_code);

/// 503 with Retry-After.
[[nodiscard]] http::response unavailable(std::string_view detail);

}  // namespace ota::api
