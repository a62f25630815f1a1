#include "gateway/cli/instance_address.hpp"

#include "gateway/profile/gateway_settings.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace ota::cli {

namespace {

/// The token alone; white space behind it does not count.
std::optional<std::string> read_token(const std::string& file, std::string& why) {
    std::ifstream in(file);
    std::string token{std::istreambuf_iterator<char>(in), {}};
    if (!in.good() && !in.eof()) {
        why = "the token file " + file + " cannot be read";
        return std::nullopt;
    }
    while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.pop_back();
    const bool plain = std::ranges::all_of(token, [](char c) { return c > ' ' && c < 127; });
    if (token.empty() || !plain) {
        why = "the token file " + file + " must hold one token, and nothing else";
        return std::nullopt;
    }
    return token;
}

/// Address, port, certificate and the first token that can be read.
bool take_settings(const std::string& file, http::question& q, std::string& why) {
    config::faults faults;
    const auto settings = load_gateway_settings(file, faults);
    if (faults.any_error()) {
        why = file + " has faults: see `otagw check --config " + file + "`";
        return false;
    }
    if (settings.http.port == 0) {
        why = "http.port is 0 in " + file + ": give --url";
        return false;
    }
    q.to = {!settings.http.tls.certificate.empty(), settings.http.address, settings.http.port};
    q.certificate = settings.http.tls.certificate;
    if (q.to.host == "0.0.0.0") q.to.host = "127.0.0.1";
    if (q.to.host == "::") q.to.host = "::1";
    for (const auto& token : settings.http.tokens) {
        std::string aside;
        if (auto text = read_token(token.file, aside); text && q.token.empty()) q.token = std::move(*text);
    }
    return true;
}

}  // namespace

std::optional<http::question> address_of(const instance_words& words, std::string& why) {
    http::question q;
    q.authorities = words.authorities;
    auto url = words.url.empty() ? std::nullopt : http::parse_url(words.url);
    if (!words.url.empty() && !url) {
        why = "--url must be http://HOST:PORT or https://HOST:PORT";
        return std::nullopt;
    }
    if (!url && words.config.empty()) {
        why = "give --url, or --config with the gateway's settings";
        return std::nullopt;
    }
    if (!words.config.empty() && !take_settings(words.config, q, why) && !url) return std::nullopt;
    if (url) {
        q.to = std::move(*url);
        q.certificate.clear();
    }
    if (!words.token_file.empty()) {
        auto token = read_token(words.token_file, why);
        if (!token) return std::nullopt;
        q.token = std::move(*token);
    }
    return q;
}

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~,").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        out += {'%', digits[octet >> 4], digits[octet & 15]};
    }
    return out;
}

}  // namespace ota::cli
