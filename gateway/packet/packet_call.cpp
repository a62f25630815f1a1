#include "gateway/packet/packet_call.hpp"

#include "secure-channel/short_message.hpp"

#include <algorithm>

namespace ota::packet_tool {

namespace {

using namespace ota::secure_channel;

/// Thrown inside this unit only: the first malformed argument ends the call.
struct malformed {
    refusal why;
};

[[noreturn]] void refuse(std::string_view field, std::string_view why) {
    throw malformed{{std::string(field) + ": " + std::string(why), true}};
}

wire::octets octets_of(std::string_view field, const std::optional<std::string>& text) {
    if (!text) return {};
    auto value = wire::from_hex(*text);
    if (!value) refuse(field, value.error().message());
    return std::move(value).value();
}

wire::octets exactly(std::string_view field, const std::optional<std::string>& text, std::size_t length) {
    if (!text) refuse(field, "missing");
    auto value = octets_of(field, text);
    if (value.size() != length) refuse(field, "must be " + std::to_string(length) + " octets in hexadecimal");
    return value;
}

key_identifier identifier_of(std::string_view field, const std::optional<std::string>& text) {
    return {text ? exactly(field, text, 1)[0] : std::uint8_t{0}};
}

key_set keys_of(const packet_call& call, std::size_t check_in_packet) {
    const auto fallback = check_in_packet == 4 ? 4u : 8u;
    const auto mac_length = call.mac_length.value_or(fallback);
    if (mac_length != 4 && mac_length != 8) refuse("mac_length", "must be 4 or 8");
    return key_set(secret(octets_of("kic_key", call.kic_key)), secret(octets_of("kid_key", call.kid_key)),
                   static_cast<std::uint8_t>(mac_length));
}

outcome seal(const packet_call& call) {
    command_header h;
    const auto spi = exactly("spi", call.spi, 2);
    h.spi = {spi[0], spi[1]};
    h.kic = {exactly("kic", call.kic, 1)[0]};
    h.kid = {exactly("kid", call.kid, 1)[0]};
    std::ranges::copy(exactly("tar", call.tar, 3), h.tar.octets.begin());
    h.cntr.value = wire::reader(exactly("cntr", call.cntr, 5)).u40();
    const auto data = octets_of("data", call.data);
    auto packet = seal_command(h, data, keys_of(call, 0), call.framing);
    if (!packet) return refusal{packet.error().message()};
    return sealed{std::move(packet).value()};
}

wire::octets only_packet(const packet_call& call) {
    if (call.hex.empty()) refuse("hex", "missing");
    if (call.hex.size() > 1) refuse("hex", "one packet at a time");
    return octets_of("hex", call.hex.front());
}

/// Octets of the check, as CHL or RHL tells; a packet that makes no sense is refused by whoever opens it.
std::size_t check_in(wire::octet_view packet, framing how, std::size_t before_check) {
    const auto frame = read_frame(packet, how, before_check);
    return frame ? frame.value().header - before_check : 0;
}

outcome open_the_command(const packet_call& call) {
    const auto packet = only_packet(call);
    return open_command_under(keys_of(call, check_in(packet, call.framing, 13)), packet, call.framing);
}

outcome open_the_response(const packet_call& call) {
    constexpr std::size_t before_check = 10;  // octets that RHL counts besides the check
    response_expectation expected;
    expected.kic = identifier_of("kic", call.kic);
    expected.kid = identifier_of("kid", call.kid);
    expected.spi2_known = call.spi2.has_value();
    if (call.spi2) expected.spi.spi2 = exactly("spi2", call.spi2, 1)[0];
    std::vector<wire::octets> parts;
    for (const auto& text : call.hex) parts.push_back(octets_of("hex", text));
    const auto seen = join_response(parts, call.framing);
    if (const auto* refused = std::get_if<refusal>(&seen)) return *refused;
    const auto& response = std::get<response_seen>(seen);
    return open_response_under(keys_of(call, check_in(response.packet, call.framing, before_check)), response,
                               expected);
}

outcome decode_cat_tp(const packet_call& call) {
    const auto datagram = only_packet(call);
    auto read = cat_tp::parse_unverified(datagram);
    if (!read) return refusal{read.error().message()};
    return decoded_pdu{std::move(read).value(), datagram.front(), cat_tp::checksum_holds(datagram)};
}

bool holds(verification v) noexcept { return v == verification::verified || v == verification::not_asked; }

}  // namespace

outcome open_command_under(const key_set& keys, wire::octet_view packet, framing how) {
    auto opened = open_command(packet, keys, how);
    if (!opened) return refusal{opened.error().message()};
    packet_tool::opened_command out{std::move(opened).value(), {}};
    const auto& data = out.packet.data;
    if (data.empty() || out.packet.integrity == verification::mismatch) return out;
    const bool template_tag = data[0] == 0xAA || data[0] == 0xAE;
    for (const auto format : {script_format::expanded, script_format::compact}) {
        if (format == script_format::expanded && !template_tag) continue;
        if (auto commands = parse_script(data, format)) {
            out.script.parses = true;
            out.script.format = format;
            out.script.commands = std::move(commands).value();
            break;
        }
    }
    return out;
}

std::variant<response_seen, refusal> join_response(const std::vector<wire::octets>& parts, framing how) {
    if (parts.empty()) return refusal{"hex: missing", true};
    if (how != framing::short_message) {
        if (parts.size() > 1) return refusal{"hex: one packet at a time", true};
        return response_seen{parts.front(), {}};
    }
    reassembly all;
    for (const auto& part : parts) {
        auto whole = all.on_segment("", part, 0);
        if (!whole) return refusal{whole.error().message()};
        if (!whole.value()) continue;
        auto& one = *whole.value();
        if (one.kind != packet_kind::response)
            return refusal{make_error_code(secure_channel::errc::not_a_response_packet).message()};
        return response_seen{std::move(one.packet), std::move(one.first_segment)};
    }
    return refusal{"hex: parts of the response are missing", true};
}

outcome open_response_under(const key_set& keys, const response_seen& seen, const response_expectation& expected) {
    auto opened = seen.first_segment.empty() ? open_response_sdu(seen.packet, expected, keys)
                                             : open_response(seen.packet, seen.first_segment, expected, keys);
    if (!opened) return refusal{opened.error().message()};
    packet_tool::opened_response out{std::move(opened).value(), {}};
    const auto& data = out.packet.value.data;
    if (data.empty() || out.packet.integrity == verification::mismatch) return out;
    // The format is bound to the TAR, which a tool knows nothing of: a template that parses whole is taken for one.
    for (const auto format : {script_format::expanded, script_format::compact}) {
        if (auto answer = parse_script_answer(data, format)) {
            out.script.parses = true;
            out.script.format = format;
            out.script.answer = std::move(answer).value();
            break;
        }
    }
    return out;
}

outcome perform(const packet_call& call) {
    try {
        switch (call.what) {
            case action::seal: return seal(call);
            case action::open: return open_the_command(call);
            case action::open_response: return open_the_response(call);
            case action::decode_cat_tp: return decode_cat_tp(call);
        }
    } catch (malformed& m) {
        return std::move(m.why);
    }
    return refusal{"nothing to do", true};
}

bool is_good(const outcome& o) noexcept {
    if (const auto* command = std::get_if<opened_command>(&o)) return holds(command->packet.integrity);
    if (const auto* response = std::get_if<opened_response>(&o)) return holds(response->packet.integrity);
    if (const auto* pdu = std::get_if<decoded_pdu>(&o)) return pdu->checksum_ok;
    return std::holds_alternative<sealed>(o);
}

}  // namespace ota::packet_tool
