#include "gateway/packet/packet_call.hpp"

#include "secure-channel/short_message.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

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

constexpr std::size_t before_command_check = 13;   ///< octets that CHL counts besides the check
constexpr std::size_t before_response_check = 10;  ///< octets that RHL counts besides the check
constexpr std::size_t counter_at = 7;              ///< of a command, after the frame

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

std::vector<wire::octets> parts_of(const packet_call& call) {
    std::vector<wire::octets> parts;
    for (const auto& text : call.hex) parts.push_back(octets_of("hex", text));
    return parts;
}

/// The user data header of a short message.
wire::octets udh_of(wire::octet_view user_data) {
    auto read = parse_short_message(user_data);
    return read ? std::move(read.value().header) : wire::octets{};
}

/// Of a packet whose lengths hold.
frame_seen frame_of(wire::octet_view packet, framing how, std::size_t header, wire::octets udh) {
    wire::reader in(packet);
    if (how != framing::short_message) in.u8();
    return {std::move(udh), how == framing::short_message ? in.u16() : wire::read_ber_length(in), header};
}

/// What stands in the clear, with what it takes to go on.
outcome closed(const command_seen& seen, framing how, closed_reason why) {
    const auto frame = read_frame(seen.packet, how, before_command_check);
    const auto header = peek_command(seen.packet, how);
    if (!frame || !header) return refusal{(frame ? header.error() : frame.error()).message()};
    closed_command out;
    out.packet.header = header.value();
    out.frame = frame_of(seen.packet, how, frame.value().header, seen.udh);
    out.why = std::move(why);
    const auto from_counter = wire::octet_view(seen.packet).subspan(frame.value().before + counter_at);
    if (header.value().spi.command_ciphered()) {
        const auto with = cipher_of(header.value().kic);
        if (with && from_counter.size() % block_size(*with) != 0)
            return refusal{make_error_code(secure_channel::errc::bad_length).message()};
        out.ciphered = from_counter.size();
        return out;
    }
    wire::reader in(from_counter);
    out.packet.header.cntr.value = in.u40();
    out.packet.pcntr = in.u8();
    in.take(frame.value().header - before_command_check);
    const auto tail = in.take(in.remaining());
    out.packet.data.assign(tail.begin(), tail.end() - std::min<std::ptrdiff_t>(out.packet.pcntr, std::ssize(tail)));
    return out;
}

/// The packet as opened, with the script in it; or why it stays closed.
outcome under_keys(wire::result<secure_channel::opened_command> opened, const command_seen& seen, framing how) {
    if (!opened) {
        const auto fault = opened.error();
        const bool not_offered =
            fault == secure_channel::errc::unsupported_algorithm || fault == secure_channel::errc::digital_signature;
        return not_offered ? closed(seen, how, {false, fault.message()}) : refusal{fault.message()};
    }
    const auto header = read_frame(seen.packet, how, before_command_check).value().header;
    packet_tool::opened_command out{std::move(opened).value(), {}, frame_of(seen.packet, how, header, seen.udh)};
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

std::string version_of(key_identifier id) { return " of version " + std::to_string(id.key_version()); }

/// The keys that the packet asks for and the call does not give; empty: none.
std::string missing_keys(const packet_call& call, const command_header& h) {
    std::string out;
    if (h.spi.command_ciphered() && !call.kic_key) out = "kic_key" + version_of(h.kic);
    if (h.spi.command_integrity() == integrity::cryptographic_checksum && !call.kid_key)
        out += (out.empty() ? "" : ", ") + ("kid_key" + version_of(h.kid));
    return out;
}

outcome open_the_command(const packet_call& call) {
    const auto joined = join_command(parts_of(call), call.framing);
    if (const auto* refused = std::get_if<refusal>(&joined)) return *refused;
    const auto& seen = std::get<command_seen>(joined);
    const auto keys = keys_of(call, check_in(seen.packet, call.framing, before_command_check));
    const auto opened = open_command(seen.packet, keys, call.framing);
    if (opened || opened.error() != secure_channel::errc::bad_key) return under_keys(opened, seen, call.framing);
    const auto header = peek_command(seen.packet, call.framing);
    const auto missing = header ? missing_keys(call, header.value()) : std::string{};
    if (missing.empty()) return refusal{opened.error().message()};
    const bool ciphered = header.value().spi.command_ciphered();
    return closed(
        seen, call.framing,
        {true, (ciphered ? "ciphered" : "in the clear, not verified") + (": keys are needed (" + missing + ")")});
}

/// What of a response stands in the clear.
outcome closed(const response_seen& seen, framing how) {
    const auto frame = read_frame(seen.packet, how, before_response_check);
    const auto tar =
        how == framing::short_message ? peek_response_tar(seen.packet) : peek_response_sdu_tar(seen.packet);
    if (!frame || !tar) return refusal{(frame ? tar.error() : frame.error()).message()};
    return closed_response{tar.value(),
                           seen.packet.size() - frame.value().before - tar.value().octets.size(),
                           frame_of(seen.packet, how, frame.value().header, udh_of(seen.first_segment)),
                           {true,
                            "ciphered, or under a checksum: keys are needed (kic_key, kid_key), with spi2, kic and "
                            "kid of the command that it answers"}};
}

/// As a response reads that nobody ciphered.
bool is_plausible(const response& r) noexcept { return r.status <= response_status::follows_by_ussd && r.pcntr < 16; }

outcome open_the_response(const packet_call& call) {
    response_expectation expected;
    expected.kic = identifier_of("kic", call.kic);
    expected.kid = identifier_of("kid", call.kid);
    expected.spi2_known = call.spi2.has_value();
    if (call.spi2) expected.spi.spi2 = exactly("spi2", call.spi2, 1)[0];
    const auto seen = join_response(parts_of(call), call.framing);
    if (const auto* refused = std::get_if<refusal>(&seen)) return *refused;
    const auto& response = std::get<response_seen>(seen);
    auto read = open_response_under(keys_of(call, check_in(response.packet, call.framing, before_response_check)),
                                    response, expected);
    const bool under_keys = !expected.spi2_known || expected.spi.por_ciphered() ||
                            expected.spi.por_integrity() == integrity::cryptographic_checksum;
    if (call.kic_key || call.kid_key || !under_keys) return read;
    const auto* opened = std::get_if<packet_tool::opened_response>(&read);
    const bool told = opened != nullptr && (expected.spi2_known || is_plausible(opened->packet.value));
    return told ? read : closed(response, call.framing);
}

outcome decode_cat_tp(const packet_call& call) {
    const auto datagram = only_packet(call);
    auto read = cat_tp::parse_unverified(datagram);
    if (!read) return refusal{read.error().message()};
    return decoded_pdu{std::move(read).value(), datagram.front(), cat_tp::checksum_holds(datagram)};
}

bool holds(verification v) noexcept { return v == verification::verified || v == verification::not_asked; }

}  // namespace

outcome open_command_under(const key_set& keys, const command_seen& seen, framing how) {
    return under_keys(open_command(seen.packet, keys, how), seen, how);
}

std::variant<command_seen, refusal> join_command(const std::vector<wire::octets>& parts, framing how) {
    if (parts.empty()) return refusal{"hex: missing", true};
    const bool one = parts.size() == 1;
    if (how != framing::short_message && !one) return refusal{"hex: one packet at a time", true};
    // A user data header never reads as CPL and CHL: its third octet, the length of an element, is too small a CHL.
    if (how != framing::short_message || (one && read_frame(parts.front(), how, before_command_check)))
        return command_seen{parts.front(), {}};
    reassembly all;
    bool is_user_data = false;
    for (const auto& part : parts) {
        auto whole = all.on_segment("", part, 0);
        is_user_data = is_user_data || whole;
        if (!whole || !whole.value()) continue;
        auto& found = *whole.value();
        if (found.kind != packet_kind::command)
            return refusal{make_error_code(secure_channel::errc::not_a_command_packet).message()};
        return command_seen{std::move(found.packet), udh_of(found.first_segment)};
    }
    if (is_user_data) return refusal{"hex: parts of the command are missing", true};
    if (one) return command_seen{parts.front(), {}};
    return refusal{"hex: several parts are user data of short messages, each from the UDH on", true};
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
