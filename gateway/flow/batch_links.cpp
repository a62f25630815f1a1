#include "gateway/flow/batch.hpp"
#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/sabotage.hpp"

namespace ota::flow {

using secure_channel::verification;

namespace {

std::string_view why_of(bearer::link_down::cause why) noexcept {
    using cause = bearer::link_down::cause;
    switch (why) {
        case cause::by_us: return "channel-closed";
        case cause::by_card: return "channel-closed-by-card";
        case cause::timed_out: return "channel-timed-out";
        case cause::idle: return "channel-idle";
        case cause::protocol: return "channel-broken";
        case cause::shutdown: return "channel-shut-down";
    }
    return "channel-closed";
}

}  // namespace

/// Whether anybody can still use this link of the card, which that instance had at that time. A process counts its
/// links from the beginning: the same number may be another card's by now.
bool batch::has_link(std::uint64_t link, store::card_id card, std::uint16_t instance, wall_time since) const {
    if (instance != c_.settings_.instance) return lives(instance, since);
    const auto at = c_.links_.find(link);
    return at != c_.links_.end() && at->second.card == card;
}

void batch::forget_dead_channel(working_card& w) const {
    const auto& c = w.state.channel;
    if (c && !has_link(c->link, w.row.id, c->instance, c->opened_at)) w.state.channel.reset();
}

void batch::take_links() {
    for (const auto& each : in_.links) {
        auto* w = card(each.card);
        if (w == nullptr || w->profile == nullptr) {
            if (std::holds_alternative<bearer::link_up>(each.what)) {
                result_.links.push_back({link_order::kind::close, each.link, {}, {}});
            }
            continue;
        }
        if (const auto* up = std::get_if<bearer::link_up>(&each.what)) {
            const auto* keys = keys_of(*w);
            const auto mac_length =
                keys == nullptr || keys->sets.empty() ? std::uint8_t{8} : keys->sets.front().keys.mac_length();
            on_link_up(w->state, *w->profile, each.link, *up, c_.settings_.instance, mac_length, now_, w->fx);
        } else if (const auto* packet = std::get_if<bearer::link_packet>(&each.what)) {
            take_link_packet(*w, *packet);
        } else if (const auto* down = std::get_if<bearer::link_down>(&each.what)) {
            on_link_down(w->state, *w->profile, each.link.value, why_of(down->why), now_, w->fx);
        } else if (sabotaged(sabotage::acknowledged_is_proven) && w->state.in_flight &&
                   !w->state.in_flight->carries.empty()) {
            const auto& p = *w->state.in_flight;
            secure_channel::opened_response done;
            done.integrity = verification::verified;
            done.value.tar = p.tar;
            done.value.cntr.value = p.cntr;
            done.value.data = {p.carries.back().last, 0x90, 0x00};
            on_response(w->state, *w->profile, done, now_, w->fx);
        } else {
            continue;  // R8: acknowledged by the transport
        }
        w->touched = true;
    }
}

/// A response packet over a link. Which link does not matter: the keys say whose it is.
void batch::take_link_packet(working_card& w, const bearer::link_packet& in) {
    const auto tar = secure_channel::peek_response_sdu_tar(in.packet);
    auto* keys = keys_of(w);
    auto& t = w.state;
    std::optional<secure_channel::opened_response> hint;
    for (const auto* p : {t.in_flight ? &*t.in_flight : nullptr, t.unknown ? &*t.unknown : nullptr}) {
        if (p == nullptr || !tar || keys == nullptr || p->tar != tar.value()) continue;
        const auto* set = keys->find(p->kic.key_version());
        if (set == nullptr) continue;
        auto opened = secure_channel::open_response_sdu(in.packet, {p->spi, p->kic, p->kid, true}, *set);
        if (!opened) continue;
        const auto checked = opened.value().integrity;
        if (checked == verification::verified || checked == verification::not_asked) {
            times().of(wait::proof).add(now_ - p->sent_at);
            on_response(t, *w.profile, opened.value(), now_, w.fx);
            ++result_.report.proofs;
            return;
        }
        if (!hint) hint = std::move(opened.value());
    }
    if (!hint) {
        ++result_.report.unmatched;
        return;
    }
    ++result_.report.hints;
    on_hint(t, *w.profile, hint->value, now_, w.fx);
}

/// The proof of a PUSH that its link has closed meanwhile: only logged (R6). Nothing is kept of the PUSH, but the keys
/// tell the card.
bool batch::take_late_proof(working_card& w, const card_keys& keys, const incoming_proof& proof) {
    const auto& profile = *w.profile;
    if (!profile.bip || keys.sets.empty()) return false;
    const auto& key = keys.sets.front();
    const auto version = static_cast<std::uint8_t>(key.version << 4);
    const secure_channel::key_identifier kic{static_cast<std::uint8_t>(version | profile.kic_algorithm)};
    const secure_channel::key_identifier kid{static_cast<std::uint8_t>(version | profile.kid_algorithm)};
    const auto opened = secure_channel::open_response(proof.packet.packet, proof.packet.first_segment,
                                                      {profile.spi, kic, kid, true}, key.keys);
    if (!opened || opened.value().integrity != verification::verified) return false;
    on_response(w.state, profile, opened.value(), now_, w.fx);
    w.touched = true;
    return true;
}

/// The next packet, by the bearer that it takes: over the channel that is open, a PUSH that asks for one, or by short
/// message.
std::optional<planned_packet> batch::plan_next(working_card& w, std::uint8_t mac_length, std::int64_t packet_id) {
    auto& t = w.state;
    if (t.channel && !w.profile->bip) {  // taken out of the profile meanwhile
        w.fx.links.push_back({link_order::kind::close, {t.channel->link}, {}, {}});
        t.channel.reset();
    }
    if (t.channel) {
        auto next = plan_within(t, *w.profile, channel_capacity(t, *w.profile, mac_length), now_, w.fx);
        if (next) next->by = carriage::channel;
        return next;
    }
    if (c_.parts_.channels && asks_for_channel(t, *w.profile, mac_length, now_)) {
        const auto& channels = *c_.parts_.channels;
        if (auto push = plan_push(*w.profile, channels.target, channels.tokens.make({w.row.id, packet_id})))
            return push;
    }
    return plan(t, *w.profile, mac_length, now_, w.fx);
}

}  // namespace ota::flow
