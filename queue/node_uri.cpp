#include "queue/node_uri.hpp"

namespace ota::queue {
namespace {

constexpr bool is_hex(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::optional<std::string_view> fault_of_segment(std::string_view name) noexcept {
    if (name.empty()) return "has an empty segment";
    if (name.size() > max_node_segment) return "has a segment of more than 127 octets";
    if (name == "." || name == "..") return "has a segment that is \".\" or \"..\"";
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto c = static_cast<unsigned char>(name[i]);
        if (c <= ' ' || c == 0x7f) return "has a space or control character";
        if (std::string_view("?#\\\"<>").find(name[i]) != std::string_view::npos)
            return "has a character that must be escaped";
        if (c != '%') continue;
        if (name.size() - i < 3 || !is_hex(name[i + 1]) || !is_hex(name[i + 2])) return "has a bad percent escape";
        // An escaped "." or "/" could become a path of its own in a reader that decodes first.
        const char low = name[i + 2];
        if (name[i + 1] == '2' && (low == 'e' || low == 'E' || low == 'f' || low == 'F'))
            return "escapes a dot or a slash";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> fault_of_node_uri(std::string_view uri) noexcept {
    if (!uri.starts_with("./")) return "does not start with \"./\"";
    if (uri.size() > max_node_uri) return "is longer than 512 octets";
    uri.remove_prefix(2);
    for (std::size_t depth = 1;; ++depth) {
        if (depth > max_node_depth) return "has more than 32 segments";
        const auto slash = uri.find('/');
        if (auto fault = fault_of_segment(uri.substr(0, slash))) return fault;
        if (slash == std::string_view::npos) return std::nullopt;
        uri.remove_prefix(slash + 1);
    }
}

}  // namespace ota::queue
