#include "secure-channel/push_objects.hpp"

#include <algorithm>

namespace ota::secure_channel::push {

namespace {

constexpr std::size_t longest_label = 63;  // RFC 1035, 2.3.4
constexpr std::uint8_t ipv4 = 0x21;
constexpr std::uint8_t ipv6 = 0x57;
constexpr std::uint8_t eight_bit = 0x04;

bool is_printable(wire::octet_view text) noexcept {
    return std::ranges::all_of(text, [](auto c) { return c > 0x20 && c < 0x7F; });
}

/// A label with a dot in it would come back as two.
bool is_label(wire::octet_view text) noexcept {
    return !text.empty() && text.size() <= longest_label && is_printable(text) &&
           std::ranges::find(text, '.') == text.end();
}

std::optional<std::string> from_labels(wire::octet_view value) {
    wire::reader in(value);
    std::string out;
    while (in.remaining() != 0) {
        const auto label = in.take(in.u8());
        if (label.empty() && in.remaining() == 0 && !in.failed() && !out.empty()) return out;  // the root's
        if (in.failed() || !is_label(label)) return std::nullopt;
        if (!out.empty()) out += '.';
        out += wire::as_text(label);
    }
    return out;
}

}  // namespace

wire::result<wire::octets> serialize_access_name(std::string_view dotted) {
    wire::writer out(dotted.size() + 1);
    for (;;) {
        const auto label = wire::as_octets(dotted.substr(0, dotted.find('.')));
        if (!is_label(label)) return errc::bad_push;
        out.u8(label.size()).put(label);
        if (label.size() == dotted.size()) return out.take();
        dotted.remove_prefix(label.size() + 1);
    }
}

wire::result<std::string> parse_access_name(wire::octet_view value) {
    if (value.empty()) return errc::bad_push;
    // Labels first: plain text that also reads as labels would begin with a length of 33 or more that fits to the
    // octet.
    if (auto labels = from_labels(value)) return std::move(*labels);
    const auto text = wire::as_text(value);
    // What cannot be written again as labels is no access name either.
    if (!is_printable(value) || !serialize_access_name(text)) return errc::bad_push;
    return std::string(text);
}

wire::result<wire::octets> serialize_address(wire::octet_view address) {
    if (address.size() != 4 && address.size() != 16) return errc::bad_push;
    return wire::writer(1 + address.size()).u8(address.size() == 4 ? ipv4 : ipv6).put(address).take();
}

wire::result<wire::octets> parse_address(wire::octet_view value) {
    if (value.empty() || value.size() != (value.front() == ipv4 ? 5u : value.front() == ipv6 ? 17u : 0u))
        return errc::bad_push;
    return wire::octets(value.begin() + 1, value.end());
}

wire::octets serialize_text(std::string_view text) {
    if (text.empty()) return {};
    return wire::writer(1 + text.size()).u8(eight_bit).put(wire::as_octets(text)).take();
}

wire::result<std::string> parse_text(wire::octet_view value) {
    if (value.empty()) return std::string();
    if (value.front() != eight_bit) return errc::bad_push;
    return std::string(wire::as_text(value.subspan(1)));
}

}  // namespace ota::secure_channel::push
