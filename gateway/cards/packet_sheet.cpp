#include "gateway/cards/packet_sheet.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/cards/submission_text.hpp"
#include "queue/timestamp.hpp"

#include <array>
#include <cstdio>

namespace ota::cards {

namespace {

std::string octet(std::uint8_t value) { return wire::to_hex({&value, 1}); }

void put_time(json_writer& j, std::string_view name, store::wall_time at) {
    if (at != store::wall_time{}) j.text(name, queue::serialize_timestamp(at));
}

void put_carried(json_writer& j, const flow::carried& c, const std::string& uri) {
    j.open('{')
        .text("what", flow::name_of(c.is))
        .text("node", uri)
        .number("first_command", c.first)
        .number("last_command", c.last);
    if (c.length > 0) j.number("offset", c.offset).number("length", c.length);
    j.close('}');
}

wire::result<void> add(store::transaction& tx, const flow::twin& t, std::string_view place,
                       const std::optional<flow::packet>& p, std::vector<packet_sheet>& into) {
    if (p) {
        packet_sheet sheet{place, *p, {}, {}};
        for (const auto& c : p->carries)
            sheet.carries.push_back(c.node < t.nodes.size() ? t.nodes[c.node].uri : std::string());
        OTA_TRY(sheet.submissions, tx.submissions_of(p->id));
        into.push_back(std::move(sheet));
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

}  // namespace

wire::result<std::vector<packet_sheet>> packets_of(const desk& d, const std::string& iccid) {
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(const auto card, take_card(*tx, d, iccid));
    std::vector<packet_sheet> out;
    OTA_TRY(add(*tx, card.state, "in-flight", card.state.in_flight, out));
    OTA_TRY(add(*tx, card.state, "unknown", card.state.unknown, out));
    OTA_TRY(add(*tx, card.state, "reserved", card.state.reserved, out));
    return out;
}

std::string serialize_packet(const packet_sheet& s) {
    const auto& p = s.packet;
    char cntr[16];
    std::snprintf(cntr, sizeof cntr, "%010llx", static_cast<unsigned long long>(p.cntr));
    json_writer j;
    j.open('{').number("id", p.id).text("place", s.place).text("cntr", cntr).text("tar", wire::to_hex(p.tar.octets));
    j.text("spi", octet(p.spi.spi1) + octet(p.spi.spi2))
        .text("kic", octet(p.kic.octet))
        .text("kid", octet(p.kid.octet));
    j.text("format", p.format == secure_channel::script_format::compact ? "compact" : "expanded")
        .text("by", flow::name_of(p.by));
    j.number("octets", static_cast<std::int64_t>(p.sealed.size()))
        .number("segments", p.segments)
        .number("reference", p.reference);
    j.number("sendings", p.sendings).text("destination", p.destination).flag("idle", p.idle);
    put_time(j, "sent_at", p.sent_at);
    put_time(j, "next_check_at", p.check_at);
    put_time(j, "closes_at", p.closes_at);
    j.name("carries").open('[');
    for (std::size_t i = 0; i < p.carries.size(); ++i) put_carried(j, p.carries[i], s.carries[i]);
    put_submissions(j.close(']').name("submissions"), s.submissions);
    return j.close('}').str();
}

wire::result<flow::card_keys> keys_of(const desk& d, const std::string& iccid) {
    OTA_TRY(auto tx, d.state.begin());
    const std::string iccids[] = {iccid};
    OTA_TRY(const auto rows, tx->cards_by_iccid(iccids));
    tx.reset();
    if (!rows.front()) return errc::unknown_card;
    flow::key_cache opened(d.kek, 1);
    auto keys = opened.keys_of(rows.front()->id, iccid, rows.front()->sealed_keys);
    if (!keys) return errc::unreadable_card;
    return std::move(*keys.value());
}

}  // namespace ota::cards
