#include "gateway/api/documents.hpp"

#include "gateway/embedded_file.hpp"

namespace ota {

std::span<const embedded_file> embedded_in_ota_api();

namespace api {

std::string_view openapi_document() noexcept { return embedded_in_ota_api()[0].content; }
std::string_view asyncapi_document() noexcept { return embedded_in_ota_api()[1].content; }

void serve_documents(http::router& to) {
    const auto serve = [&to](const char* path, std::string_view document) {
        to.add("GET", path, [document](const http::request&) {
            http::response out;
            out.body = document;
            return out;
        });
    };
    serve("/api/v1/openapi.json", openapi_document());
    serve("/api/v1/asyncapi.json", asyncapi_document());
}

}  // namespace api
}  // namespace ota
