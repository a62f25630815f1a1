#include "gateway/campaigns/drive.hpp"
#include "gateway/cards/events.hpp"

#include <algorithm>

/// What became of the changes: learnt from the events' final states in the store, never guessed.
namespace ota::campaigns {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t looks_at_once = 4, cancels_at_once = 100;
constexpr milliseconds first_look = seconds(1), longest_back_off = seconds(60), per_chunk = milliseconds(50);
/// An event that the gateway should have taken in by then is put into the log again, and at twice that age, and so on.
constexpr milliseconds patience = seconds(30);
/// So long after its life an event that nobody has seen is given up.
constexpr milliseconds given_up = std::chrono::hours(1);

outcome outcome_of_state(std::uint8_t state) noexcept {
    switch (static_cast<queue::event_state>(state)) {
        case queue::event_state::open: return outcome::open;
        case queue::event_state::applied: return outcome::applied;
        case queue::event_state::superseded: return outcome::superseded;
        case queue::event_state::rejected: return outcome::rejected;
        case queue::event_state::failed: return outcome::failed;
        case queue::event_state::expired: return outcome::expired;
    }
    return outcome::failed;
}

wire::result<std::vector<std::optional<store::event_row>>> events_of(store::transaction& tx, const std::string& name,
                                                                     const chunk& cards,
                                                                     const std::vector<std::size_t>& open) {
    std::vector<std::string> ids;
    for (const auto i : open) ids.push_back(event_id(name, cards[i].iccid));
    std::vector<store::event_key> keys;
    for (const auto& id : ids) keys.push_back({event_source, id});
    return tx.find_events(keys);
}

}  // namespace

wire::result<bool> drive::look() {
    const auto now = with_->desk.now();
    std::size_t looked = 0;
    for (std::size_t i = 0; i < chunks_.size() && looked < looks_at_once; ++i) {
        const auto number = (next_looked_ + i) % chunks_.size();
        if (chunks_[number].open == 0 || chunks_[number].next_look > now) continue;
        OTA_TRY(look_at(number));
        next_looked_ = number + 1;
        ++looked;
    }
    return looked == looks_at_once;
}

wire::result<void> drive::look_at(std::size_t number) {
    const auto now = with_->desk.now();
    OTA_TRY(auto tx, with_->desk.state.begin());
    OTA_TRY(auto cards, find_chunk(*tx, name_, number));
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < cards.size(); ++i) {
        if (cards[i].is == outcome::open) open.push_back(i);
    }
    OTA_TRY(const auto rows, events_of(*tx, name_, cards, open));
    auto p = at_;
    auto& s = chunks_[number];
    std::vector<std::pair<std::string, wall_time>> missing;
    std::vector<store::event_seq> cancelled;
    std::size_t untaken = 0;
    bool changed = false;
    for (std::size_t i = 0; i < open.size(); ++i) {
        auto& card = cards[open[i]];
        if (!rows[i] && now < expiry(what_, card.at) + given_up) {
            ++untaken;
            if (now >= card.at + std::max(patience, s.resend_at_age)) missing.emplace_back(card.iccid, card.at);
            continue;
        }
        const auto is = rows[i] ? outcome_of_state(rows[i]->state) : outcome::expired;
        if (is == outcome::open) {
            if (p.cancelling && cancelled.size() < cancels_at_once) cancelled.push_back(rows[i]->seq);
            continue;
        }
        remark(p, card, is, rows[i] ? std::string_view(rows[i]->reason) : "not-seen",
               rows[i] ? rows[i]->closed_at : now);
        changed = true;
    }
    if (changed) {
        OTA_TRY(save_chunk(*tx, name_, number, cards));
        p.driver = with_->driver;
        p.driven_at = now;
        OTA_TRY(save(*tx, name_, p));
        OTA_TRY(tx->commit());
        at_ = std::move(p);
        summarise(number, cards);
    }
    tx.reset();
    s.untaken = untaken;
    const auto longest = std::max(longest_back_off, per_chunk * static_cast<int>(chunks_.size()));
    s.back_off = changed || untaken > 0 ? first_look : std::clamp(2 * s.back_off, first_look, longest);
    s.next_look = now + s.back_off;
    s.resend_at_age =
        missing.empty() ? (untaken == 0 ? milliseconds(0) : s.resend_at_age) : 2 * (now - missing.front().second);
    publish(missing);
    for (const auto seq : cancelled) {
        OTA_TRY(cards::cancel_event(with_->desk, seq));
    }
    return success();
}

}  // namespace ota::campaigns
