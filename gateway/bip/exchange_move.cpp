#include "gateway/bip/exchange_link.hpp"
#include "secure-channel/cat_tp/serial.hpp"

#include <algorithm>

/// NAT rebinding: a carrier forgets a card's UDP path, and the card's next datagram comes from another port. CAT_TP has
/// nothing that would prove who sends, so a link moves only when all of this holds:
///   - the address is the same and only the port is another one. A card that gets another address has lost its channel,
///   and whoever
///     cannot have datagrams sent under this address is out.
///   - the datagram is in the windows of one link, and of no other one
///   - a NUL that was sent to the new port and to the old one is acknowledged from the new one
///   - nothing came from the old port for a time (`grace`), though it was asked: whoever guesses the numbers of a card
///   cannot
///     silence it.
/// Until then nothing that the new port sends gets into the link.
namespace ota::bip {
namespace {

/// In sequence, or held behind something of ours that got lost on the old path.
bool acknowledges(const cat_tp::pdu& p, std::uint16_t number) {
    if (p.acknowledgement && cat_tp::ahead(*p.acknowledgement, number) >= 0) return true;
    const auto* const t = std::get_if<cat_tp::traffic>(&p.body);
    return t != nullptr && std::ranges::find(t->held, number) != t->held.end();
}

}  // namespace

exchange::card_link* exchange::only_candidate(const path& at, const cat_tp::pdu& p, bool& several) const {
    const auto same = by_source_.find(source_of(at.card));
    if (same == by_source_.end()) return nullptr;
    card_link* found = nullptr;
    for (auto* const c : same->second) {
        const bool here = c->open && !c->ended && c->at.card.address == at.card.address;
        if (!here || c->at.card_port != at.card_port || c->at.own_port != at.own_port || !c->machine.plausible(p))
            continue;
        if (found != nullptr) several = true;
        found = c;
    }
    return several ? nullptr : found;
}

void exchange::on_other_port(card_link& c, const path& at, const cat_tp::pdu& p, time_point now, actions& out) {
    constexpr std::chrono::seconds again{1};
    if (now < c.unclaimed_until) return counts_.count(refusal::stray);
    auto& claim = c.claimed;
    if (!claim || (claim->by != at.card && now >= claim->since + 2 * settings_.grace))
        return challenge(c, at.card, false, now, out);
    if (claim->by != at.card || claim->by_syn) return counts_.count(refusal::stray);
    if (acknowledges(p, claim->number)) {
        claim->proved = true;
    } else if (now >= claim->asked + again) {
        claim->asked = now;
        send(claim->by, claim->challenge, out);
    }
    move_if_proved(c, now);
    settle(c, now);
}

/// Asks where the card was, and where it says that it is now, for a sign of life.
void exchange::challenge(card_link& c, const endpoint& by, bool by_syn, time_point now, actions& out) {
    c.machine.probe(now, scratch_);
    const auto* const nul = scratch_.empty() ? nullptr : std::get_if<cat_tp::link::transmit>(&scratch_.front());
    if (nul != nullptr) {
        const auto sent = cat_tp::parse(nul->datagram);
        c.claimed = card_link::claim{
            by, by_syn, now, now, sent ? sent.value().sequence : std::uint16_t{0}, nul->datagram, false};
        if (!by_syn) {
            ++counts_.move_challenges;
            send(by, nul->datagram, out);
        }
    }
    apply(c, now, out);
}

void exchange::dismiss_claim(card_link& c, time_point now) {
    if (!c.claimed) return;
    c.claimed.reset();
    c.unclaimed_until = now + 2 * settings_.grace;
    ++counts_.moves_dismissed;
}

void exchange::move_if_proved(card_link& c, time_point now) {
    if (!c.claimed || !c.claimed->proved || now < c.claimed->since + settings_.grace) return;
    auto moved = c.at;
    moved.card = c.claimed->by;
    c.claimed.reset();
    c.unclaimed_until = now + 2 * settings_.grace;
    if (by_path_.contains(moved)) return;  // somebody with an identification came there meanwhile
    by_path_.erase(c.at);
    by_path_.emplace(moved, &c);
    c.at = moved;  // of the same source
    ++counts_.moved;
}

}  // namespace ota::bip
