#include "management-object/uri.hpp"

#include "management-object/element.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

int nibble(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// RFC 2396: unreserved characters and those reserved ones that mean nothing in a node's address.
bool stands_for_itself(char c) noexcept {
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return std::string_view("-_.!~*'():@&=+$,;").find(c) != std::string_view::npos;
}

wire::result<std::string> unescaped(std::string_view segment) {
    std::string out;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] != '%') {
            out += segment[i];
            continue;
        }
        if (i + 2 >= segment.size()) return document_errc::bad_uri;
        const int high = nibble(segment[i + 1]), low = nibble(segment[i + 2]);
        if (high < 0 || low < 0) return document_errc::bad_uri;
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    if (!is_node_name(out)) return document_errc::bad_uri;
    return out;
}

/// Characters, not octets [DM TND 1.2].
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

uri uri::parent() const {
    auto up = *this;
    if (!up.segments.empty()) up.segments.pop_back();
    return up;
}

std::string_view uri::name() const noexcept { return segments.empty() ? std::string_view(".") : segments.back(); }

uri uri::operator/(std::string_view name) const {
    auto down = *this;
    down.segments.emplace_back(name);
    return down;
}

bool uri::is_within(const uri& other) const noexcept {
    return segments.size() >= other.segments.size() &&
           std::equal(other.segments.begin(), other.segments.end(), segments.begin());
}

bool is_node_name(std::string_view name) noexcept {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
           trimmed(name).size() == name.size() && is_xml_text(name);
}

wire::result<uri> parse_uri(std::string_view text, const uri_limits& limits) {
    if (limits.max_tot_len != 0 && characters(text) > limits.max_tot_len) return document_errc::too_large;
    uri out;
    if (text == ".") return out;
    if (text.starts_with("./")) text.remove_prefix(2);
    if (text.find('?') != std::string_view::npos) return document_errc::bad_uri;
    for (;;) {
        const auto slash = text.find('/');
        const auto segment = text.substr(0, slash);
        if (limits.max_seg_len != 0 && characters(segment) > limits.max_seg_len) return document_errc::too_large;
        OTA_TRY(auto name, unescaped(segment));
        out.segments.push_back(std::move(name));
        if (limits.max_depth != 0 && out.segments.size() > limits.max_depth) return document_errc::too_deep;
        if (slash == std::string_view::npos) return out;
        text.remove_prefix(slash + 1);
    }
}

std::string serialize_uri(const uri& address) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out = ".";
    for (const auto& segment : address.segments) {
        out += '/';
        for (const char c : segment) {
            if (stands_for_itself(c)) {
                out += c;
            } else {
                const auto u = static_cast<unsigned char>(c);
                (out += '%') += digits[u >> 4];
                out += digits[u & 15];
            }
        }
    }
    return out;
}

wire::result<target> parse_target(std::string_view text, const uri_limits& limits) {
    const auto mark = text.find('?');
    target out;
    OTA_TRY(out.node, parse_uri(text.substr(0, mark), limits));
    if (mark == std::string_view::npos) return out;
    const auto query = text.substr(mark + 1);
    if (query.starts_with("prop="))
        out.prop = query.substr(5);
    else if (query.starts_with("list="))
        out.list = query.substr(5);
    if (out.prop.empty() && out.list.empty()) return document_errc::bad_uri;
    return out;
}

std::string serialize_target(const target& t) {
    auto out = serialize_uri(t.node);
    if (!t.prop.empty()) out += "?prop=" + t.prop;
    if (!t.list.empty()) out += "?list=" + t.list;
    return out;
}

}  // namespace ota::management_object
