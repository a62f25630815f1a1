#include "sandbox/uicc/toolkit_message.hpp"

#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

constexpr std::uint8_t proactive = 0xD0, event_download = 0xD6, comprehension = 0x80;
constexpr std::uint8_t command_details = 0x81, device_identities = 0x82, result_element = 0x83, event_list = 0x99;

void write_details(wire::writer& out, std::uint8_t number, std::uint8_t type, std::uint8_t qualifier) {
    wire::write_ber_tlv(out, command_details, wire::octets{number, type, qualifier});
}

void write_devices(wire::writer& out, std::uint8_t from, std::uint8_t to) {
    wire::write_ber_tlv(out, device_identities, wire::octets{from, to});
}

wire::octets framed(std::uint8_t tag, wire::octet_view body) {
    wire::writer out;
    wire::write_ber_tlv(out, tag, body);
    return out.take();
}

/// What stands in a message that is one element; nothing when it is not.
std::optional<toolkit_elements> unframed(std::uint8_t tag, wire::octet_view in) {
    wire::reader whole(in);
    const auto outer = wire::read_ber_tlv(whole);
    if (whole.failed() || whole.remaining() != 0 || outer.tag != tag) return std::nullopt;
    return parse_elements(outer.value);
}

/// Takes the first element of that tag, of that length, out of the list.
std::optional<wire::octets> take(toolkit_elements& from, std::uint8_t tag, std::size_t least, std::size_t most) {
    const auto* at = find_element(from, tag);
    if (at == nullptr || at->value.size() < least || at->value.size() > most) return std::nullopt;
    auto out = at->value;
    from.erase(from.begin() + (at - from.data()));
    return out;
}

}  // namespace

const toolkit_element* find_element(const toolkit_elements& all, std::uint8_t tag) noexcept {
    const auto at = std::ranges::find_if(all, [tag](const auto& e) { return ((e.tag ^ tag) & ~comprehension) == 0; });
    return at == all.end() ? nullptr : &*at;
}

void write_elements(wire::writer& out, const toolkit_elements& all) {
    for (const auto& element : all) wire::write_ber_tlv(out, element.tag, element.value);
}

std::optional<toolkit_elements> parse_elements(wire::octet_view list) {
    toolkit_elements out;
    wire::reader in(list);
    while (in.remaining() != 0) {
        const auto element = wire::read_ber_tlv(in);
        if (in.failed()) return std::nullopt;
        out.push_back({element.tag, {element.value.begin(), element.value.end()}});
    }
    return out;
}

wire::octets serialize(const proactive_command& c) {
    wire::writer body;
    write_details(body, c.number, c.type, c.qualifier);
    write_devices(body, toolkit_device::card, c.to);
    write_elements(body, c.elements);
    return framed(proactive, body.buffer());
}

std::optional<proactive_command> parse_proactive_command(wire::octet_view in) {
    auto elements = unframed(proactive, in);
    if (!elements) return std::nullopt;
    const auto details = take(*elements, command_details, 3, 3);
    const auto devices = take(*elements, device_identities, 2, 2);
    if (!details || !devices) return std::nullopt;
    return proactive_command{(*details)[0], (*details)[1], (*details)[2], (*devices)[1], *std::move(elements)};
}

wire::octets serialize(const terminal_response& r) {
    wire::writer out, told;
    write_details(out, r.number, r.type, r.qualifier);
    write_devices(out, toolkit_device::terminal, toolkit_device::card);
    wire::write_ber_tlv(out, result_element, told.u8(r.result).put(r.additional).buffer());
    write_elements(out, r.elements);
    return out.take();
}

std::optional<terminal_response> parse_terminal_response(wire::octet_view in) {
    auto elements = parse_elements(in);
    if (!elements) return std::nullopt;
    const auto details = take(*elements, command_details, 3, 3);
    const auto told = take(*elements, result_element, 1, in.size());
    if (!details || !told) return std::nullopt;
    (void)take(*elements, device_identities, 2, 2);
    return terminal_response{
        (*details)[0],       (*details)[1], (*details)[2], told->front(), {told->begin() + 1, told->end()},
        *std::move(elements)};
}

wire::octets serialize(const toolkit_event& e) {
    wire::writer body;
    wire::write_ber_tlv(body, event_list, wire::octets{e.event});
    write_devices(body, e.from, toolkit_device::card);
    write_elements(body, e.elements);
    return framed(event_download, body.buffer());
}

std::optional<toolkit_event> parse_toolkit_event(wire::octet_view in) {
    auto elements = unframed(event_download, in);
    if (!elements) return std::nullopt;
    const auto events = take(*elements, event_list, 1, 1);
    const auto devices = take(*elements, device_identities, 2, 2);
    if (!events || !devices) return std::nullopt;
    return toolkit_event{events->front(), devices->front(), *std::move(elements)};
}

}  // namespace ota::sandbox
