#include "gateway/packet/packet_json.hpp"

#include "gateway/packet/push_json.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace ota::packet_tool {

namespace {

namespace json = boost::json;
using namespace ota::secure_channel;

struct text_member {
    std::string_view name;
    std::optional<std::string> packet_call::*where;
};

constexpr std::array text_members{
    text_member{"spi", &packet_call::spi},         text_member{"spi2", &packet_call::spi2},
    text_member{"kic", &packet_call::kic},         text_member{"kid", &packet_call::kid},
    text_member{"kic_key", &packet_call::kic_key}, text_member{"kid_key", &packet_call::kid_key},
    text_member{"tar", &packet_call::tar},         text_member{"cntr", &packet_call::cntr},
    text_member{"data", &packet_call::data},
};

std::optional<std::string> text_of(const json::value& v) {
    if (const auto* text = v.if_string()) return std::string(*text);
    return std::nullopt;
}

}  // namespace

std::optional<framing> framing_of(std::string_view name) noexcept {
    if (name == "sms") return framing::short_message;
    if (name == "data") return framing::data;
    if (name == "data-without-identifier") return framing::data_identifier_unchecked;
    return std::nullopt;
}

namespace {

/// A member's name for a complaint; what is no name may be a key in the wrong place.
std::string shown(std::string_view name) {
    const auto is_of_a_name = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const bool plain = name.size() <= 24 && std::ranges::all_of(name, is_of_a_name);
    return plain ? std::string(name) : "a member of " + std::to_string(name.size()) + " characters";
}

/// Sets one member; gives the complaint if it cannot be.
std::string take_member(std::string_view name, const json::value& v, packet_call& call) {
    for (const auto& known : text_members) {
        if (name != known.name) continue;
        auto text = text_of(v);
        if (!text) return "must be a text";
        call.*known.where = std::move(text);
        return {};
    }
    if (name == "mac_length") {
        if (!v.is_int64() || v.get_int64() < 0 || v.get_int64() > 255) return "must be 4 or 8";
        call.mac_length = static_cast<unsigned>(v.get_int64());
        return {};
    }
    if (name == "framing") {
        const auto text = text_of(v);
        const auto how = text ? framing_of(*text) : std::nullopt;
        if (!how) return "must be sms, data or data-without-identifier";
        call.framing = *how;
        return {};
    }
    if (name == "hex") {
        if (auto text = text_of(v)) {
            call.hex.push_back(std::move(*text));
            return {};
        }
        const auto* parts = v.if_array();
        if (!parts) return "must be a text, or an array of texts";
        for (const auto& part : *parts) {
            auto text = text_of(part);
            if (!text) return "must be a text, or an array of texts";
            call.hex.push_back(std::move(*text));
        }
        return {};
    }
    return "no such member";
}

std::optional<action> action_of(const json::value* v) {
    const auto* text = v ? v->if_string() : nullptr;
    if (!text) return std::nullopt;
    if (*text == "seal") return action::seal;
    if (*text == "open") return action::open;
    if (*text == "open-response") return action::open_response;
    if (*text == "decode-cat-tp") return action::decode_cat_tp;
    return std::nullopt;
}

std::string cntr_text(replay_counter cntr) { return wire::to_hex(wire::writer().u40(cntr.value).buffer()); }
std::string octet_text(std::uint8_t octet) { return wire::to_hex({&octet, 1}); }

void put_verification(json::object& out, verification v) {
    switch (v) {
        case verification::not_asked: out["verified"] = nullptr; return;
        case verification::verified: out["verified"] = true; return;
        case verification::mismatch:
            out["verified"] = false;
            out["reason"] = "mismatch";
            return;
        case verification::unsecured:
            out["verified"] = false;
            out["reason"] = "unsecured";
            return;
    }
}

json::object script_object(script_format format) {
    return {{"format", format == script_format::compact ? "compact" : "expanded"}};
}

void put_commands(json::object& out, const script_seen& script) {
    if (!script.parses) return;
    auto object = script_object(script.format);
    json::array commands;
    for (const auto& one : script.commands) commands.push_back(json::string(wire::to_hex(one)));
    object["commands"] = std::move(commands);
    if (auto pushes = describe_pushes(script.commands); !pushes.empty()) object["pushes"] = std::move(pushes);
    out["script"] = std::move(object);
}

void put_answer(json::object& out, const script_seen& script) {
    if (!script.parses) return;
    auto object = script_object(script.format);
    object["executed"] = script.answer.executed;
    json::array answers;
    for (const auto& one : script.answer.answers) {
        const auto sw = wire::to_hex(wire::writer().u16(one.sw).buffer());
        answers.push_back(json::object{{"sw", sw}, {"data", wire::to_hex(one.data)}});
    }
    object["answers"] = std::move(answers);
    if (script.answer.error) object["error"] = wire::to_hex(wire::writer().u16(*script.answer.error).buffer());
    out["script"] = std::move(object);
}

json::object object_of(const refusal& r) { return {{"error", r.text}}; }

json::object object_of(const sealed& s) { return {{"packet", wire::to_hex(s.packet)}}; }

std::string_view name_of(integrity i) noexcept {
    switch (i) {
        case integrity::none: return "none";
        case integrity::redundancy_check: return "redundancy-check";
        case integrity::cryptographic_checksum: return "cryptographic-checksum";
        case integrity::digital_signature: break;
    }
    return "digital-signature";
}

std::string_view name_of(counter_mode c) noexcept {
    switch (c) {
        case counter_mode::ignored: return "none";
        case counter_mode::not_checked: return "not-checked";
        case counter_mode::higher: return "higher";
        case counter_mode::exactly_one_higher: break;
    }
    return "exactly-one-higher";
}

std::string_view name_of(por_request p) noexcept {
    switch (p) {
        case por_request::none: return "none";
        case por_request::always: return "always";
        case por_request::on_error: return "on-error";
        case por_request::reserved: break;
    }
    return "reserved";
}

/// The bits of SPI, each field by name [TS 102 225, 5.1.1].
json::object object_of(security_parameters spi) {
    return {{"integrity", name_of(spi.command_integrity())},
            {"ciphered", spi.command_ciphered()},
            {"counter", name_of(spi.counter())},
            {"por", name_of(spi.por())},
            {"por_integrity", name_of(spi.por_integrity())},
            {"por_ciphered", spi.por_ciphered()},
            {"por_by", spi.por_by_submit() ? "submit" : "deliver-report"}};
}

void put_udh(json::object& out, const frame_seen& frame) {
    if (!frame.udh.empty()) out["udh"] = wire::to_hex(frame.udh);
}

/// Of a command, what is never ciphered.
void put_clear(json::object& out, const frame_seen& frame, const command_header& h) {
    put_udh(out, frame);
    out["cpl"] = frame.length;
    out["chl"] = frame.header;
    out["spi"] = octet_text(h.spi.spi1) + octet_text(h.spi.spi2);
    out["spi_fields"] = object_of(h.spi);
    out["kic"] = octet_text(h.kic.octet);
    out["kid"] = octet_text(h.kid.octet);
    out["tar"] = wire::to_hex(h.tar.octets);
}

void put_secured(json::object& out, const secure_channel::opened_command& packet) {
    out["cntr"] = cntr_text(packet.header.cntr);
    out["pcntr"] = packet.pcntr;
    out["data"] = wire::to_hex(packet.data);
}

void put_why(json::object& out, const closed_reason& why) {
    out["verified"] = false;
    out["reason"] = why.keys_needed ? "keys-needed" : "not-offered";
    out["missing"] = why.missing;
}

json::object object_of(const packet_tool::opened_command& o) {
    json::object out;
    put_clear(out, o.frame, o.packet.header);
    put_secured(out, o.packet);
    put_verification(out, o.packet.integrity);
    put_commands(out, o.script);
    return out;
}

json::object object_of(const closed_command& c) {
    json::object out;
    put_clear(out, c.frame, c.packet.header);
    if (c.ciphered != 0) {
        out["ciphered_octets"] = c.ciphered;
    } else {
        put_secured(out, c.packet);
    }
    put_why(out, c.why);
    return out;
}

json::object object_of(const packet_tool::opened_response& o) {
    const auto& r = o.packet.value;
    json::object out;
    out["tar"] = wire::to_hex(r.tar.octets);
    out["cntr"] = cntr_text(r.cntr);
    out["pcntr"] = r.pcntr;
    out["status"] = static_cast<unsigned>(r.status);
    out["status_text"] = describe(r.status);
    out["data"] = wire::to_hex(r.data);
    put_verification(out, o.packet.integrity);
    put_answer(out, o.script);
    return out;
}

json::object object_of(const closed_response& c) {
    json::object out;
    put_udh(out, c.frame);
    out["rpl"] = c.frame.length;
    out["rhl"] = c.frame.header;
    out["tar"] = wire::to_hex(c.tar.octets);
    out["octets_after_tar"] = c.rest;
    put_why(out, c.why);
    return out;
}

void put_body(json::object& out, const cat_tp::set_up& s) {
    out["max_pdu"] = s.max_pdu;
    out["max_sdu"] = s.max_sdu;
    out["identification"] = wire::to_hex(s.identification);
}

void put_body(json::object& out, const cat_tp::reset& r) { out["reason"] = static_cast<unsigned>(r.reason); }

void put_body(json::object& out, const cat_tp::traffic& t) {
    if (!t.held.empty()) out["eack"] = json::array(t.held.begin(), t.held.end());
    if (!t.data.empty()) out["data"] = wire::to_hex(t.data);
}

json::object object_of(const decoded_pdu& d) {
    const auto* const carried = std::get_if<cat_tp::traffic>(&d.pdu.body);
    json::object out;
    json::array flags;
    for (const auto name : cat_tp::flag_names(d.first_octet)) flags.push_back(json::string(name));
    out["flags"] = std::move(flags);
    out["version"] = d.pdu.version;
    out["header_length"] = cat_tp::header_length(d.pdu);
    out["source_port"] = d.pdu.source_port;
    out["destination_port"] = d.pdu.destination_port;
    out["data_length"] = carried ? carried->data.size() : 0;
    out["sequence"] = d.pdu.sequence;
    if (d.pdu.acknowledgement) out["acknowledgement"] = *d.pdu.acknowledgement;
    out["window"] = d.pdu.window;
    out["checksum_ok"] = d.checksum_ok;
    std::visit([&](const auto& body) { put_body(out, body); }, d.pdu.body);
    return out;
}

}  // namespace

std::variant<packet_call, refusal> parse_call(std::string_view line) {
    boost::system::error_code fault;
    const auto value = json::parse(line, fault);
    if (fault) return refusal{"not a JSON object: " + fault.message(), true};
    const auto* object = value.if_object();
    if (!object) return refusal{"not a JSON object", true};
    packet_call call;
    const auto what = action_of(object->if_contains("do"));
    if (!what) return refusal{"do: must be seal, open, open-response or decode-cat-tp", true};
    call.what = *what;
    for (const auto& [name, member] : *object) {
        if (name == "do") continue;
        const auto complaint = take_member(name, member, call);
        if (!complaint.empty()) return refusal{shown(name) + ": " + complaint, true};
    }
    return call;
}

std::string serialize_outcome(const outcome& o) {
    return json::serialize(std::visit([](const auto& one) { return object_of(one); }, o));
}

}  // namespace ota::packet_tool
