#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/api/json_list.hpp"
#include "gateway/api/query.hpp"
#include "gateway/cards/packet_sheet.hpp"
#include "gateway/packet/packet_json.hpp"
#include "secure-channel/short_message.hpp"

#include <algorithm>

namespace ota::api {

namespace {

http::response list(const cards::desk& d, const call& c) {
    const auto found = cards::packets_of(d, c.parameter(0));
    if (!found) return failure(found.error());
    json_list out;
    for (const auto& p : found.value()) out.item().raw(cards::serialize_packet(p));
    return out.answer({});
}

/// The packet as it goes to the bearer: the user data of each short message, or the one SDU.
void put_octets(cards::json_writer& j, const flow::packet& p) {
    j.name("user_data").open('[');
    if (p.by == flow::carriage::channel) {
        j.text(wire::to_hex(p.sealed));
    } else if (const auto parts =
                   secure_channel::split_packet(p.sealed, secure_channel::packet_kind::command, p.reference, p.wide)) {
        for (const auto& part : parts.value()) j.text(wire::to_hex(part));
    }
    j.close(']');
}

http::response one(const cards::desk& d, const call& c) {
    const auto id = number_of(c.parameter(1));
    const auto found = cards::packets_of(d, c.parameter(0));
    if (!found) return failure(found.error());
    const auto at =
        std::ranges::find_if(found.value(), [&](const auto& sheet) { return id && sheet.packet.id == *id; });
    if (at == found.value().end())
        return http::problem(
            404,
            "no packet with this id is in flight, unknown or reserved: the octets of a packet are kept "
            "until its outcome is known; the timeline tells of those before");
    const auto& p = at->packet;
    const auto keys = cards::keys_of(d, c.parameter(0));
    if (!keys) return failure(keys.error());
    const auto* set = keys.value().find(p.kic.octet >> 4);
    if (set == nullptr)
        return http::problem(409, "the card has no keys any more of the version that the packet was sealed with");
    const auto how =
        p.by == flow::carriage::channel ? secure_channel::framing::data : secure_channel::framing::short_message;
    cards::json_writer j;
    j.open('{').name("packet").raw(cards::serialize_packet(*at));
    j.name("opened").raw(packet_tool::serialize_outcome(packet_tool::open_command_under(*set, {p.sealed, {}}, how)));
    put_octets(j, p);
    return json(j.close('}').str());
}

}  // namespace

void add_packets(book& to, const cards::desk& d) {
    to.add("GET", "/api/v1/cards/{iccid}/packets", http::role::read, [&d](const call& c) { return list(d, c); });
    to.add("GET", "/api/v1/cards/{iccid}/packets/{id}", http::role::keys, [&d](const call& c) { return one(d, c); });
}

}  // namespace ota::api
