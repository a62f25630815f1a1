#include "gateway/sessions/notifier.hpp"

#include "gateway/dm/wap_push.hpp"
#include "gateway/sessions/accounts.hpp"

#include <algorithm>

namespace ota::sessions {

namespace {

using bearer::submit_outcome;
using phase = notify_order::phase;

constexpr std::size_t at_once = 200;             // the store is held meanwhile
constexpr std::chrono::seconds others_turn{60};  // for the answers to what they have sent
constexpr std::chrono::seconds shortest_pause{5}, longest_pause{300};

bool is_final(submit_outcome o) noexcept {
    return o == submit_outcome::accepted || o == submit_outcome::permanent || o == submit_outcome::no_route;
}

notify_order in_phase(notify_order order, phase is, wall_time now, std::string detail) {
    order.is = is;
    order.at = now;
    order.detail = std::move(detail);
    return order;
}

}  // namespace

notifier::notifier(surroundings with, bearer::sender& sender, bearer::observer& rest, bool shared)
    : with_(std::move(with)), sender_(sender), rest_(rest), shared_(shared) {}

void notifier::on_submitted(std::vector<bearer::submitted> all) {
    const auto ours = std::ranges::stable_partition(all, [](const bearer::submitted& s) { return s.id.packet >= 0; });
    if (!ours.empty()) {
        const std::lock_guard lock(mutex_);
        std::ranges::move(ours, std::back_inserter(inbox_));
        all.erase(ours.begin(), ours.end());
    }
    if (!all.empty()) rest_.on_submitted(std::move(all));
}

notifier::counts notifier::tally() const {
    const std::lock_guard lock(mutex_);
    return tally_;
}

bool notifier::waits(const std::string& iccid) const {
    const auto paused = pauses_.find(iccid);
    if (paused != pauses_.end() && paused->second.until > with_.now()) return true;
    const auto of_card = [&](const flight& f) { return f.iccid == iccid; };
    return std::ranges::any_of(answered_, of_card) ||
           std::ranges::any_of(flights_, [&](const auto& each) { return of_card(each.second); });
}

/// What the bearer said of single messages becomes what came of a notification: of its parts the worst counts.
void notifier::settle_answers() {
    std::vector<bearer::submitted> came;
    {
        const std::lock_guard lock(mutex_);
        came.swap(inbox_);
    }
    for (auto& each : came) {
        const auto at = flights_.find(each.id.packet);
        if (at == flights_.end()) continue;
        if (at->second.worst.outcome == submit_outcome::accepted) at->second.worst = std::move(each);
        if (--at->second.open > 0) continue;
        answered_.push_back(std::move(at->second));
        flights_.erase(at);
    }
}

wire::result<bool> notifier::put_down(store::transaction& tx, const flight& f, counts& news) {
    OTA_TRY(const auto order, find_notify_order(tx, f.iccid));
    // A newer order took its place, or the device was faster than the SMSC's answer.
    if (!order || order->session_id != f.session_id || order->is != phase::sending) return false;
    const auto now = with_.now();
    const auto& told = f.worst;
    if (told.outcome == submit_outcome::accepted) {
        ++news.sent;
        OTA_TRY(save_notify_order(
            tx, f.iccid, in_phase(*order, phase::sent, now, "route " + told.route + ", message " + told.message_id)));
        return true;
    }
    if (is_final(told.outcome)) {
        ++news.failed;
        auto why = told.outcome == submit_outcome::no_route
                       ? std::string("no route serves the card's number")
                       : "the SMSC refused it with status " + std::to_string(told.command_status);
        OTA_TRY(save_notify_order(tx, f.iccid, in_phase(*order, phase::failed, now, std::move(why))));
        return true;
    }
    ++news.repeated;
    OTA_TRY(save_notify_order(tx, f.iccid,
                              in_phase(*order, phase::asked, now, "the route did not take it, it is sent again")));
    return true;
}

wire::result<bool> notifier::prepare(store::transaction& tx, const std::string& iccid,
                                     std::vector<bearer::submission>& out, counts& news) {
    OTA_TRY(auto order, find_notify_order(tx, iccid));
    if (!order) return false;
    const auto now = with_.now();
    const auto give_up = [&](std::string why) -> wire::result<bool> {
        ++news.failed;
        OTA_TRY(save_notify_order(tx, iccid, in_phase(*order, phase::failed, now, std::move(why))));
        return true;
    };
    if (shared_ && order->is == phase::sending && now - order->at < others_turn) return false;
    if (order->until <= now) return give_up("it could not be sent in time");
    const std::string iccids[] = {iccid};
    OTA_TRY(const auto cards, tx.cards_by_iccid(iccids));
    if (!cards.front() || store::is_gone(cards.front()->is)) return give_up("there is no such card");
    const auto& card = *cards.front();
    if (card.is == store::standing::suspended) return false;  // until it is resumed
    if (card.msisdn.empty()) return give_up("the card has no number");
    if (!sender_.serves(card.msisdn)) return false;  // another instance does
    OTA_TRY(const auto account, account_of(tx, with_, card.id));
    if (!account) return give_up("the card is not attested to hold an account of a DM server");
    const dm::notification what{
        .ui = order->ui, .by = order->by, .session_id = order->session_id, .server_id = account->server.name};
    const auto octets = dm::serialize_notification(what, account->server, account->server_nonce);
    if (!octets) return give_up(octets.error().message());
    // The same order gives the same octets, as long as the nonce is the same: a device that gets them twice obeys once.
    const auto number = static_cast<std::uint8_t>(order->session_id);
    const auto messages = dm::serialize_push_messages(dm::serialize_push(number, octets.value()), number);
    if (!messages) return give_up(messages.error().message());
    const auto packet = --last_;
    for (std::size_t i = 0; i < messages.value().size(); ++i) {
        out.push_back({{packet, card.id, static_cast<std::uint8_t>(i)},
                       card.msisdn,
                       messages.value()[i],
                       order->until,
                       0,
                       bearer::addressee::terminal});
    }
    flights_[packet] = {iccid, order->session_id, messages.value().size(), {}};
    OTA_TRY(save_notify_order(tx, iccid, in_phase(*order, phase::sending, now, {})));
    return true;
}

void notifier::tick() {
    settle_answers();
    const auto flying = flights_;
    std::vector<bearer::submission> out;
    counts news;
    const auto stored = in_transaction(with_.state, [&](store::transaction& tx) -> wire::result<bool> {
        flights_ = flying;
        out.clear();
        news = {};
        bool wrote = false;
        for (const auto& f : answered_) {
            OTA_TRY(const bool one, put_down(tx, f, news));
            wrote |= one;
        }
        OTA_TRY(const auto due, due_notify_orders(tx));
        std::size_t prepared = 0;
        for (const auto& iccid : due) {
            if (waits(iccid)) continue;
            if (++prepared > at_once) break;
            OTA_TRY(const bool one, prepare(tx, iccid, out, news));
            wrote |= one;
        }
        return wrote;
    });
    if (!stored) {  // the next time; nothing was sent
        flights_ = flying;
        return;
    }
    for (const auto& f : std::exchange(answered_, {})) {
        if (is_final(f.worst.outcome)) {
            pauses_.erase(f.iccid);
            continue;
        }
        auto& p = pauses_[f.iccid];
        p.length = std::clamp(p.length * 2, shortest_pause, longest_pause);
        p.until = with_.now() + p.length;
    }
    {
        const std::lock_guard lock(mutex_);
        tally_.sent += news.sent;
        tally_.failed += news.failed;
        tally_.repeated += news.repeated;
    }
    if (!out.empty()) sender_.submit(std::move(out));  // R1: after the commit
}

}  // namespace ota::sessions
