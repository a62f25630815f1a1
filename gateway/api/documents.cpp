#include "gateway/api/documents.hpp"

#include "gateway/embedded_file.hpp"

namespace ota {

std::span<const embedded_file> embedded_in_ota_api();

namespace api {

std::string_view openapi_document() noexcept { return embedded_in_ota_api().front().content; }

void serve_documents(http::router& to) {
    to.add("GET", "/api/v1/openapi.json", [](const http::request&) {
        http::response out;
        out.body = openapi_document();
        return out;
    });
}

}  // namespace api
}  // namespace ota
