#include "gateway/api/body.hpp"
#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/cards/import_row.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/cards/packet_sheet.hpp"
#include "gateway/packet/packet_json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

/// The packet inspector: what `otagw packet` opens, and under the keys of a card.
namespace ota::api {

namespace {

namespace sc = secure_channel;
using packet_tool::action;
using packet_tool::outcome;
using packet_tool::refusal;

/// What is to be opened. `parts`: as they were given.
struct inspection {
    packet_tool::packet_call call;
    std::string kind = "auto", card;
    std::vector<wire::octets> parts;
};

std::string_view verdict_of(const outcome& o) {
    const auto name = [](sc::verification v) -> std::string_view {
        switch (v) {
            case sc::verification::verified: return "verified";
            case sc::verification::mismatch: return "mismatch";
            case sc::verification::unsecured: return "unsecured";
            case sc::verification::not_asked: break;
        }
        return "not-asked";
    };
    if (const auto* command = std::get_if<packet_tool::opened_command>(&o)) return name(command->packet.integrity);
    if (const auto* response = std::get_if<packet_tool::opened_response>(&o)) return name(response->packet.integrity);
    const auto* command = std::get_if<packet_tool::closed_command>(&o);
    if (command != nullptr && !command->why.keys_needed) return "not-offered";
    if (command != nullptr || std::holds_alternative<packet_tool::closed_response>(o)) return "keys-needed";
    const auto* pdu = std::get_if<packet_tool::decoded_pdu>(&o);
    return pdu != nullptr && pdu->checksum_ok ? "checksum-holds" : "checksum-mismatch";
}

http::response answer(std::string_view kind, const outcome& o) {
    if (const auto* refused = std::get_if<refusal>(&o)) return http::problem(refused->usage ? 400 : 422, refused->text);
    cards::json_writer j;
    j.open('{').text("kind", kind).text("verdict", verdict_of(o)).name("fields").raw(packet_tool::serialize_outcome(o));
    return json(j.close('}').str());
}

/// The call, or what is wrong with it.
std::variant<inspection, refusal> read(const boost::json::object& body) {
    inspection out;
    auto rest = body;
    if (body.contains("kind")) out.kind = text_member(body, "kind").value_or("");
    if (out.kind != "auto" && out.kind != "command" && out.kind != "response" && out.kind != "cat-tp")
        return refusal{"kind: must be command, response, cat-tp or auto", true};
    if (body.contains("card")) {
        const auto card = text_member(body, "card");
        const auto iccid = card ? cards::iccid_of(*card) : std::nullopt;
        if (!iccid) return refusal{"card: must be an ICCID of 18 to 20 digits", true};
        out.card = *iccid;
    }
    for (const auto* ours : {"kind", "card", "do"}) rest.erase(ours);
    rest["do"] = "open";
    auto call = packet_tool::parse_call(boost::json::serialize(rest));
    if (auto* refused = std::get_if<refusal>(&call)) return std::move(*refused);
    out.call = std::get<packet_tool::packet_call>(std::move(call));
    if (out.call.hex.empty()) return refusal{"hex: missing", true};
    for (const auto& text : out.call.hex) {
        auto octets = wire::from_hex(text);
        if (!octets) return refusal{"hex: " + octets.error().message(), true};
        out.parts.push_back(std::move(octets.value()));
    }
    return out;
}

/// What it is, as far as identifiers, lengths and checksums tell; `auto`: none of them does.
std::string_view kind_of(const inspection& it) {
    const auto how = it.call.framing;
    const auto joined = packet_tool::join_command(it.parts, how);
    const auto* command = std::get_if<packet_tool::command_seen>(&joined);
    if (command != nullptr && !command->udh.empty()) return "command";
    const bool short_message = how == sc::framing::short_message;
    if (short_message && std::holds_alternative<packet_tool::response_seen>(packet_tool::join_response(it.parts, how)))
        return "response";
    auto pdu = it.call;
    pdu.what = action::decode_cat_tp;
    if (packet_tool::is_good(packet_tool::perform(pdu))) return "cat-tp";
    if (command != nullptr && sc::peek_command(command->packet, how)) return "command";
    return !short_message && sc::peek_response_sdu_tar(it.parts.front()) ? "response" : "auto";
}

/// Under the keys of the version that the packet names.
outcome open_command(const inspection& it, const flow::card_keys& keys) {
    const auto joined = packet_tool::join_command(it.parts, it.call.framing);
    if (const auto* refused = std::get_if<refusal>(&joined)) return *refused;
    const auto& seen = std::get<packet_tool::command_seen>(joined);
    const auto header = sc::peek_command(seen.packet, it.call.framing);
    if (!header) return refusal{header.error().message()};
    const auto kic = header.value().kic.key_version(), kid = header.value().kid.key_version();
    const auto* set = keys.find(kic != 0 ? kic : kid);
    if (set == nullptr) return refusal{"the card has no keys of the version that the packet names"};
    return packet_tool::open_command_under(*set, seen, it.call.framing);
}

/// As the answer to a packet that is recorded, else under each of the card's keys.
outcome open_response(const inspection& it, const flow::card_keys& keys,
                      const std::vector<cards::packet_sheet>& recorded) {
    const auto seen = packet_tool::join_response(it.parts, it.call.framing);
    if (const auto* refused = std::get_if<refusal>(&seen)) return *refused;
    const auto& response = std::get<packet_tool::response_seen>(seen);
    outcome last = refusal{
        "no packet to this card is recorded that it could answer; give the keys, spi2, kic and kid in place of the "
        "card"};
    for (const auto& sheet : recorded) {
        const auto& p = sheet.packet;
        const auto* set = keys.find(p.kic.octet >> 4);
        if (set == nullptr) continue;
        last = packet_tool::open_response_under(*set, response, {p.spi, p.kic, p.kid});
        if (packet_tool::is_good(last)) return last;
    }
    return last;
}

http::response open_for_card(const cards::desk& d, const inspection& it) {
    const auto keys = cards::keys_of(d, it.card);
    if (!keys) return failure(keys.error());
    if (it.kind == "command") return answer(it.kind, open_command(it, keys.value()));
    const auto recorded = cards::packets_of(d, it.card);
    if (!recorded) return failure(recorded.error());
    return answer(it.kind, open_response(it, keys.value(), recorded.value()));
}

http::response inspect(const cards::desk& d, const call& c) {
    const auto body = object_of(c.asked.body);
    if (!body) return not_an_object();
    auto asked = read(*body);
    if (const auto* refused = std::get_if<refusal>(&asked)) return http::problem(400, refused->text);
    auto& it = std::get<inspection>(asked);
    const bool secret = !it.card.empty() || it.call.kic_key || it.call.kid_key;
    if (secret && c.who.may < http::role::keys)
        return http::problem(403, "card and keys need a token with the role keys");
    if (it.kind == "auto") it.kind = kind_of(it);
    if (it.kind == "auto")
        return http::problem(
            422,
            "this is neither a secured packet nor a CAT_TP PDU, as far as its lengths tell; say what it is with kind");
    if (!it.card.empty() && it.kind != "cat-tp") return open_for_card(d, it);
    it.call.what = it.kind == "command"    ? action::open
                   : it.kind == "response" ? action::open_response
                                           : action::decode_cat_tp;
    return answer(it.kind, packet_tool::perform(it.call));
}

}  // namespace

void add_inspector(book& to, const cards::desk& d) {
    to.add("POST", "/api/v1/packets/inspect", http::role::read, [&d](const call& c) { return inspect(d, c); });
}

}  // namespace ota::api
