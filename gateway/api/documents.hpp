#pragma once

#include "gateway/http/router.hpp"

#include <string_view>

namespace ota::api {

/// docs/api/openapi.json, as it was when the program was built.
[[nodiscard]] std::string_view openapi_document() noexcept;
/// docs/api/asyncapi.json, likewise.
[[nodiscard]] std::string_view asyncapi_document() noexcept;

/// Adds GET /api/v1/openapi.json and /api/v1/asyncapi.json, which ask for no token.
void serve_documents(http::router&);

}  // namespace ota::api
