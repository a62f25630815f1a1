#include "gateway/profile/http_settings.hpp"

#include "gateway/profile/route_settings.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace ota {
namespace {

/// A file name that must lead to a file; `secret`: which not everybody may read.
std::string read_file_name(const config::node& at, std::string_view key, const std::string& folder, bool secret) {
    auto file = below(folder, at.required_text(key));
    if (file.empty()) return file;
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
        at.at(key).complain("names a file that cannot be read");
    } else if (secret && (about.st_mode & S_IRWXO) != 0) {
        at.at(key).complain("names a file that everybody may read: chmod o= it");
    } else if (about.st_size == 0) {
        at.at(key).complain("names an empty file");
    }
    return file;
}

http_tls_settings read_tls(const config::node& at, const std::string& folder) {
    http_tls_settings tls;
    if (!at.exists()) return tls;
    tls.certificate = read_file_name(at, "certificate", folder, false);
    tls.key = read_file_name(at, "key", folder, true);
    if (at.at("client_ca").exists()) tls.client_ca = read_file_name(at, "client_ca", folder, false);
    at.finish();
    return tls;
}

std::vector<http_token_settings> read_tokens(const config::node& list, const std::string& folder) {
    std::vector<http_token_settings> out;
    for (const auto& item : list.items()) {
        http_token_settings one;
        one.name = item.required_text("name");
        if (one.name.size() > 64) item.at("name").complain("should hold 64 octets at most");
        one.role = static_cast<api_role>(item.choice("role", {"read", "operate", "keys"}, 0));
        one.file = read_file_name(item, "file", folder, true);
        item.finish();
        if (std::ranges::any_of(out, [&](const auto& other) { return other.file == one.file; }))
            item.at("file").complain("is named twice");
        out.push_back(std::move(one));
    }
    return out;
}

/// Of IPv4 127.0.0.0/8 [RFC 1122, 3.2.1.3] or IPv6 ::1.
bool is_loopback(std::string_view address) { return address.starts_with("127.") || address == "::1"; }

}  // namespace

http_settings read_http(const config::node& at, const std::string& folder) {
    http_settings http;
    http.line = at.line();
    http.address = at.text("address", http.address);
    http.port = static_cast<std::uint16_t>(at.integer("port", http.port, 0, 65'535));
    http.tls = read_tls(at.at("tls"), folder);
    http.tokens = read_tokens(at.at("tokens"), folder);
    if (!http.tokens.empty() && !is_loopback(http.address) && !http.tls.enabled()) {
        at.at("tokens").complain("travel in clear: set http.tls, or put a proxy with TLS in front",
                                 config::fault::severity::warning);
    }
    http.threads = static_cast<unsigned>(at.integer("threads", http.threads, 1, 64));
    http.streams = static_cast<unsigned>(at.integer("streams", http.streams, 0, 10'000));
    http.rate = at.number("rate", http.rate, 0, 1'000'000);
    http.failures_per_minute =
        static_cast<unsigned>(at.integer("failures_per_minute", http.failures_per_minute, 1, 1'000'000));
    http.body_limit = static_cast<std::size_t>(
        at.integer("body_limit", static_cast<std::int64_t>(http.body_limit), 1024, 256 * 1024 * 1024));
    http.audit_directory = below(folder, at.text("audit_directory", ""));
    at.finish();
    return http;
}

}  // namespace ota
