#include "gateway/dm/authentication.hpp"

#include "management-object/base64.hpp"

#include <algorithm>
#include <array>

namespace ota::dm {
namespace {

using management_object::to_base64;
using secure_channel::md5;
using secure_channel::secret;
using wire::as_octets;
using wire::as_text;

constexpr std::array<std::string_view, 3> schemes{"syncml:auth-basic", "syncml:auth-md5", "syncml:auth-MAC"};

void append(wire::octets& to, wire::octet_view more) { to.insert(to.end(), more.begin(), more.end()); }

/// name:password
secret joined(const identity& who) {
    wire::octets clear;
    clear.reserve(who.name.size() + 1 + who.password.size());  // no octets left behind by growing
    append(clear, as_octets(who.name));
    clear.push_back(':');
    append(clear, who.password.view());
    return secret(std::move(clear));
}

/// B64(H(name:password)):rest, wiped after use: who has its first part needs no password.
wire::octets digest(const identity& who, std::string_view nonce, std::string_view rest) {
    const auto inner = md5(joined(who).view());
    const auto hashed = to_base64(as_text(inner));
    wire::octets clear;
    clear.reserve(hashed.size() + nonce.size() + rest.size() + 2);
    append(clear, as_octets(hashed));
    clear.push_back(':');
    append(clear, as_octets(nonce));
    append(clear, as_octets(rest));
    const auto out = md5(secret(std::move(clear)).view());
    return {out.begin(), out.end()};
}

std::string over_body(wire::octet_view body) { return ":" + to_base64(as_text(md5(body))); }

std::string_view without_space(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The parameter up to the next comma outside quotes; it leaves `text`.
std::string_view next_parameter(std::string_view& text) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < text.size() && (quoted || text[end] != ','); ++end) quoted ^= text[end] == '"';
    const auto parameter = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return without_space(parameter);
}

}  // namespace

std::string_view to_string(scheme s) noexcept { return schemes[static_cast<std::size_t>(s)]; }

std::optional<scheme> scheme_named(std::string_view name) noexcept {
    const auto found = std::ranges::find(schemes, name);
    if (found == schemes.end()) return std::nullopt;
    return static_cast<scheme>(found - schemes.begin());
}

std::string basic_credentials(const identity& who) { return to_base64(as_text(joined(who).view())); }

std::string md5_credentials(const identity& who, std::string_view nonce) {
    return to_base64(as_text(digest(who, nonce, {})));
}

std::string message_mac(const identity& who, std::string_view nonce, wire::octet_view body) {
    return to_base64(as_text(digest(who, nonce, over_body(body))));
}

wire::octets notification_digest(const identity& who, std::string_view nonce, wire::octet_view trigger) {
    return digest(who, nonce, over_body(trigger));
}

std::optional<hmac_header> parse_hmac_header(std::string_view text) {
    hmac_header out;
    while (!text.empty()) {
        const auto parameter = next_parameter(text);
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const auto name = without_space(parameter.substr(0, equals));
        auto value = without_space(parameter.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        if (value.find('"') != std::string_view::npos) return std::nullopt;
        if (name == "algorithm") out.algorithm = value;
        if (name == "username") out.username = value;
        if (name == "mac") out.mac = value;
    }
    if (out.username.empty() || out.mac.empty()) return std::nullopt;
    return out;
}

std::string serialize_hmac_header(const hmac_header& h) {
    return "algorithm=" + h.algorithm + ", username=\"" + h.username + "\", mac=" + h.mac;
}

bool same_secret_text(std::string_view a, std::string_view b) noexcept {
    return secure_channel::equal_in_constant_time(as_octets(a), as_octets(b));
}

}  // namespace ota::dm
