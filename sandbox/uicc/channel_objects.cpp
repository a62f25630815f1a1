#include "sandbox/uicc/channel_objects.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

constexpr std::uint8_t link_up = 0x80, channel_mask = 0x07, link_dropped = 0x05, ipv4 = 0x21, ipv6 = 0x57;
constexpr std::size_t ipv4_octets = 4, ipv6_octets = 16, longest_label = 63;

bool in_labels(wire::octet_view name) noexcept {
    wire::reader in(name);
    while (in.remaining() != 0) {
        const std::size_t length = in.u8();
        if (length == 0 || length > longest_label) return false;
        in.take(length);
    }
    return !in.failed();
}

/// Servers have been seen that write a network access name as plain text.
wire::octets labels_of(wire::octet_view name) {
    if (in_labels(name)) return {name.begin(), name.end()};
    wire::writer out;
    auto text = wire::as_text(name);
    while (!text.empty()) {
        const auto length = std::min(text.find('.'), text.size());
        out.u8(length).put(wire::as_octets(text.substr(0, length)));
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return out.take();
}

toolkit_element address_element(const wire::octets& address) {
    wire::writer out;
    out.u8(address.size() == ipv4_octets ? ipv4 : ipv6).put(address);
    return {channel_element::address, out.take()};
}

bool read_address(wire::octet_view value, wire::octets& out) {
    const bool four = value.size() == ipv4_octets + 1 && value[0] == ipv4;
    const bool six = value.size() == ipv6_octets + 1 && value[0] == ipv6;
    if (four || six) out.assign(value.begin() + 1, value.end());
    return four || six;
}

/// 0D stands twice: login, then password. The first octet is the coding of the text.
bool read_login(const toolkit_elements& from, channel_request& out) {
    std::vector<std::string> texts;
    for (const auto& element : from) {
        if ((element.tag & ~channel_element::comprehension) != channel_element::login_and_password) continue;
        const wire::octet_view text(element.value);
        texts.emplace_back(text.empty() ? std::string_view() : wire::as_text(text.subspan(1)));
    }
    if (texts.empty()) return true;
    if (texts.size() != 2) return false;
    out.login = texts[0];
    out.password = texts[1];
    return true;
}

toolkit_element text_element(const std::string& text) {
    constexpr std::uint8_t eight_bit = 0x04;
    wire::writer out;
    out.u8(eight_bit).put(wire::as_octets(text));
    return {channel_element::login_and_password, out.take()};
}

}  // namespace

toolkit_element to_element(channel_status s) {
    const auto first = static_cast<std::uint8_t>((s.link ? link_up : 0) | s.channel);
    return {channel_element::status, {first, s.dropped ? link_dropped : std::uint8_t{0}}};
}

std::optional<channel_status> read_channel_status(const toolkit_element& e) noexcept {
    if (e.value.size() != 2) return std::nullopt;
    return channel_status{static_cast<std::uint8_t>(e.value[0] & channel_mask), (e.value[0] & link_up) != 0,
                          e.value[1] == link_dropped};
}

toolkit_element length_element(std::uint8_t tag, std::size_t octets) {
    return {tag, {static_cast<std::uint8_t>(std::min<std::size_t>(octets, long_data))}};
}

toolkit_element buffer_element(std::uint16_t size) {
    wire::writer out;
    return {channel_element::buffer_size, out.u16(size).take()};
}

toolkit_elements to_elements(const channel_request& r) {
    toolkit_elements out;
    if (!r.bearer.empty()) out.push_back({channel_element::bearer, r.bearer});
    if (r.buffer_size != 0) out.push_back(buffer_element(r.buffer_size));
    if (!r.access_name.empty()) out.push_back({channel_element::access_name, r.access_name});
    if (!r.login.empty() || !r.password.empty()) {
        out.push_back(text_element(r.login));
        out.push_back(text_element(r.password));
    }
    if (r.protocol != 0) {
        wire::writer transport;
        out.push_back({channel_element::transport, transport.u8(r.protocol).u16(r.port).take()});
    }
    if (!r.address.empty()) out.push_back(address_element(r.address));
    return out;
}

std::optional<channel_request> read_channel_request(const toolkit_elements& from) {
    channel_request out;
    if (const auto* bearer = find_element(from, channel_element::bearer)) out.bearer = bearer->value;
    if (const auto* size = find_element(from, channel_element::buffer_size)) {
        wire::reader in(size->value);
        out.buffer_size = in.u16();
        if (in.failed() || in.remaining() != 0) return std::nullopt;
    }
    if (const auto* name = find_element(from, channel_element::access_name)) out.access_name = labels_of(name->value);
    if (const auto* transport = find_element(from, channel_element::transport)) {
        wire::reader in(transport->value);
        out.protocol = in.u8();
        out.port = in.u16();
        if (in.failed() || in.remaining() != 0) return std::nullopt;
    }
    const auto* address = find_element(from, channel_element::address);
    if (address != nullptr && !read_address(address->value, out.address)) return std::nullopt;
    if (!read_login(from, out)) return std::nullopt;
    return out;
}

}  // namespace ota::sandbox
