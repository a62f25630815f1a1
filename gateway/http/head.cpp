#include "gateway/http/head.hpp"

namespace ota::http {

std::optional<std::pair<std::string, std::string>> split_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto path = target.find('/', scheme.size());
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    if (!target.starts_with('/')) return std::nullopt;
    const auto query = target.find('?');
    if (query == std::string_view::npos) return {{std::string(target), {}}};
    return {{std::string(target.substr(0, query)), std::string(target.substr(query + 1))}};
}

std::string head_of(const response& answer, bool keep) {
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
    out += reason_phrase(answer.status);
    const auto add = [&out](std::string_view name, std::string_view value) {
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
            return;  // it would end the header early
        out.append("\r\n").append(name).append(": ").append(value);
    };
    add("Server", "otagw");
    add("X-Content-Type-Options", "nosniff");
    if (answer.stream || !answer.body.empty()) add("Content-Type", answer.content_type);
    for (const auto& [name, value] : answer.headers) add(name, value);
    // [RFC 9110, 8.6]: no length with 204; with HEAD, that of the body which a GET would get.
    if (answer.status != 204 && !answer.stream) add("Content-Length", std::to_string(answer.body.size()));
    if (!keep) add("Connection", "close");
    return out += "\r\n\r\n";
}

}  // namespace ota::http
