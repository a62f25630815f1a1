#include "gateway/bip/exchange_link.hpp"

#include <algorithm>

namespace ota::bip {

using cat_tp::reset_reason;
using verdict = cat_tp::first_look_result::verdict;

/// A card comes. Nothing is kept of it before its identification has proven that we asked for it.
void exchange::on_syn(const path& at, const cat_tp::pdu& p, time_point now, actions& out) {
    const bool ours = std::ranges::find(settings_.ports, at.own_port) != settings_.ports.end();
    auto look = cat_tp::first_look(p, ours ? at.own_port : static_cast<std::uint16_t>(at.own_port + 1), true);
    if (look.is != verdict::set_up) {
        const auto why = p.version != 0 ? refusal::version : !ours ? refusal::port : refusal::parameters;
        return answer_as_stranger(why, at, std::move(look.answer), now, out);
    }
    const auto push = tokens_.verify(std::get<cat_tp::set_up>(p.body).identification);
    if (!push) return refuse(refusal::foreign, at, p, reset_reason::set_up_failed, now, out);
    if (const auto older = by_push_.find(*push); older != by_push_.end())
        return on_claim(*older->second, at, p, now, out);
    if (used_.has(*push, now)) return refuse(refusal::used, at, p, reset_reason::set_up_failed, now, out);
    if (const auto why = no_room(at)) return refuse(*why, at, p, reset_reason::temporarily_unable, now, out);
    set_up(at, *push, p, now, out);
}

/// The identification of a connection that we have, from another address. Either the card opened its channel anew, or
/// somebody heard the identification and plays it again. An older connection that was never open has proven nothing, so
/// the newer one takes its place: what it costs a listener to disturb a set-up it costs him without this rule too. One
/// that is open is asked for a sign of life, and gives way only when it gave none while the SYN was repeated: a card
/// that sits elsewhere cannot answer there, and whoever only heard the identification cannot silence the card.
void exchange::on_claim(card_link& older, const path& at, const cat_tp::pdu& p, time_point now, actions& out) {
    const auto push = older.push;
    if (draining_) return refuse(refusal::draining, at, p, reset_reason::temporarily_unable, now, out);
    const auto& claim = older.claimed;
    const bool silent = claim && claim->by_syn && claim->by == at.card && now >= claim->since + settings_.grace;
    if (!older.open || silent) {
        older.why = bearer::link_down::cause::timed_out;
        replace(older, out);
        if (const auto why = no_room(at)) return refuse(*why, at, p, reset_reason::temporarily_unable, now, out);
        return set_up(at, push, p, now, out);
    }
    if (now < older.unclaimed_until) return refuse(refusal::contested, at, p, reset_reason::set_up_failed, now, out);
    counts_.count(refusal::contested);
    if (!claim || now >= claim->since + 2 * settings_.grace) challenge(older, at.card, true, now, out);
}

std::optional<refusal> exchange::no_room(const path& at) const {
    if (draining_) return refusal::draining;
    if (links_.size() >= settings_.max_links) return refusal::links;
    if (half_open_ >= settings_.half_open) return refusal::half_open;
    const auto same = by_source_.find(source_of(at.card));
    const auto links_there = same == by_source_.end() ? 0 : same->second.size();
    if (links_there >= settings_.per_source) return refusal::source;
    return std::nullopt;
}

void exchange::set_up(const path& at, const bearer::push_id& push, const cat_tp::pdu& p, time_point now, actions& out) {
    if (const auto stood = by_path_.find(at); stood != by_path_.end()) replace(*stood->second, out);
    const bearer::link_id id{last_link_ += 2};
    const auto first_sequence = static_cast<std::uint16_t>(throw_dice());
    cat_tp::link started(settings_.link, p, first_sequence, throw_dice(), now, scratch_);
    auto made = std::make_unique<card_link>(id, push, at, std::move(started));
    auto& c = *made;
    links_.emplace(id.value, std::move(made));
    by_path_.emplace(at, &c);
    by_push_.emplace(push, &c);
    by_source_[source_of(at.card)].insert(&c);
    ++half_open_;
    apply(c, now, out);
}

void exchange::refuse(refusal why, const path& at, const cat_tp::pdu& p, reset_reason reason, time_point now,
                      actions& out) {
    const cat_tp::pdu reset{.source_port = at.own_port,
                            .destination_port = at.card_port,
                            .acknowledgement = p.sequence,  // tells which of its SYNs is meant
                            .body = cat_tp::reset{reason}};
    auto octets = cat_tp::serialize(reset);
    answer_as_stranger(why, at, octets ? std::move(octets).value() : wire::octets(), now, out);
}

/// An RST is no longer than the shortest SYN, and there are few of them: nobody can be flooded by way of us.
void exchange::answer_as_stranger(refusal why, const path& at, wire::octets answer, time_point now, actions& out) {
    counts_.count(why);
    if (answer.empty()) return;
    if (!answers_.take(source_of(at.card), now)) {
        ++counts_.unanswered;
        return;
    }
    ++counts_.answered;
    send(at.card, std::move(answer), out);
}

void exchange::on_stray(const path& at, const cat_tp::pdu& p, time_point now, actions& out) {
    if (std::holds_alternative<cat_tp::reset>(p.body)) return counts_.count(refusal::stray_reset);
    const bool neighbours = by_source_.contains(source_of(at.card));
    if (neighbours && !searches_.take(source_of(at.card), now)) {
        // Not looked at: it may be a card whose port has changed, which an RST would end.
        counts_.count(refusal::stray);
        ++counts_.unanswered;
        return;
    }
    if (neighbours) {
        bool several = false;
        if (auto* const c = only_candidate(at, p, several)) return on_other_port(*c, at, p, now, out);
        if (several) return counts_.count(refusal::stray);
    }
    auto look = cat_tp::first_look(p, at.own_port, true);
    answer_as_stranger(refusal::stray, at, std::move(look.answer), now, out);
}

}  // namespace ota::bip
