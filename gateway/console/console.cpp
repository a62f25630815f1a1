#include "gateway/console/console.hpp"

#include "gateway/cards/explain.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/embedded_file.hpp"
#include "queue/reason.hpp"
#include "secure-channel/crypto.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace ota {
std::span<const embedded_file> embedded_in_ota_console();
}

namespace ota::console {

namespace {

struct type_of_ending {
    std::string_view ending, type;
};
constexpr std::array types{
    type_of_ending{".html", "text/html; charset=utf-8"},
    type_of_ending{".css", "text/css; charset=utf-8"},
    type_of_ending{".js", "text/javascript; charset=utf-8"},
    type_of_ending{".svg", "image/svg+xml"},
    type_of_ending{".json", "application/json"},
};

std::string_view type_of(std::string_view path) {
    const auto found = std::ranges::find_if(types, [&](const auto& t) { return path.ends_with(t.ending); });
    return found == types.end() ? "text/plain; charset=utf-8" : found->type;
}

/// Nothing from elsewhere, nothing written into the page as HTML, and no frame around it. A page's code is that of this
/// program.
void guard(http::response& r) {
    r.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'");
    r.headers.emplace_back("X-Content-Type-Options", "nosniff");
    r.headers.emplace_back("X-Frame-Options", "DENY");
    r.headers.emplace_back("Referrer-Policy", "no-referrer");
    r.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    r.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

std::string etag_of(std::string_view content) {
    const auto digest = secure_channel::sha256(wire::as_octets(content));
    return '"' + wire::to_hex(wire::octet_view(digest).first(12)) + '"';
}

/// If-None-Match is a list, or *; weak tags compare equal here [RFC 9110, 13.1.2].
bool has_it(std::string_view asked, std::string_view etag) {
    return asked == "*" || asked.find(etag) != std::string_view::npos;
}

http::response page(const http::request& asked, std::string_view type, std::string_view content,
                    const std::string& etag) {
    http::response r;
    r.content_type = type;
    r.headers.emplace_back("ETag", etag);
    r.headers.emplace_back("Cache-Control", "no-cache");
    guard(r);
    if (has_it(asked.header("If-None-Match"), etag)) {
        r.status = 304;
    } else {
        r.body = content;
    }
    return r;
}

void add(http::router& to, const std::string& path, std::string_view type, std::string content) {
    auto etag = etag_of(content);
    to.add("GET", path, [type, content = std::move(content), etag = std::move(etag)](const http::request& asked) {
        return page(asked, type, content, etag);
    });
}

http::handler redirect() {
    return [](const http::request&) {
        http::response r{302, "text/plain; charset=utf-8", "The console is at /console/\n", {}, {}};
        r.headers.emplace_back("Location", "/console/");
        guard(r);
        return r;
    };
}

}  // namespace

std::string reasons_json() {
    cards::json_writer j;
    j.open('{');
    const auto put = [&](std::string_view code, std::string_view meaning, std::string_view acts, bool again) {
        j.name(code).open('{').text("meaning", meaning).text("acts", acts).flag("retry", again).close('}');
    };
    for (const auto& r : flow::reason::all()) put(r.code, r.meaning, cards::name_of(r.acts), r.retryable);
    for (const auto& r : queue::reasons) {
        if (cards::entry_of(r.code) != nullptr) continue;  // bad-value is a reason of both
        put(r.code, (r.dead_letter ? "dead letter: " : "rejected: ") + std::string(r.sentence), "producer", false);
    }
    return j.close('}').str();
}

void serve_on(http::router& to) {
    constexpr std::string_view pages = "pages/", start = "index.html";
    for (const auto& file : embedded_in_ota_console()) {
        const auto name = file.path.starts_with(pages) ? file.path.substr(pages.size()) : file.path;
        add(to, "/console/" + std::string(name == start ? "" : name), type_of(name), std::string(file.content));
    }
    add(to, "/console/reasons.json", "application/json", reasons_json());
    to.add("GET", "/", redirect());
    to.add("GET", "/console", redirect());
}

}  // namespace ota::console
