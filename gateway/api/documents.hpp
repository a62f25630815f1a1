#pragma once

#include "gateway/http/router.hpp"

#include <string_view>

namespace ota::api {

/// docs/api/openapi.json, as it was when the program was built.
[[nodiscard]] std::string_view openapi_document() noexcept;

/// Adds GET /api/v1/openapi.json, which asks for no token.
void serve_documents(http::router&);

}  // namespace ota::api
