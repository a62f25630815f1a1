#include "gateway/campaigns/drive.hpp"

#include "gateway/campaigns/errc.hpp"
#include "gateway/store/card_filter.hpp"

#include <algorithm>

namespace ota::campaigns {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t collected_page = 5000;  ///< cards looked through in one transaction
constexpr std::size_t chunks_loaded_at_once = 100;
constexpr std::size_t chunks_per_issue = 20;
constexpr milliseconds log_pause = seconds(5), keep_fresh = seconds(5);

template <typename Time>
void earliest(std::optional<Time>& into, const std::optional<Time>& other) {
    if (other && (!into || *other < *into)) into = other;
}

/// Adds cards behind those that were collected before; the last chunk may not be full.
wire::result<void> append_cards(store::transaction& tx, const std::string& name, progress& p,
                                const std::vector<std::string>& iccids) {
    chunk last;
    if (p.cards % chunk_size != 0) {
        OTA_TRY(last, find_chunk(tx, name, --p.chunks));
    }
    for (const auto& iccid : iccids) {
        last.push_back({iccid, outcome::waiting, {}, {}});
        if (last.size() < chunk_size) continue;
        OTA_TRY(save_chunk(tx, name, p.chunks++, last));
        last.clear();
    }
    if (!last.empty()) {
        OTA_TRY(save_chunk(tx, name, p.chunks++, last));
    }
    p.cards += iccids.size();
    p.by_outcome[static_cast<std::size_t>(outcome::waiting)] += iccids.size();
    return success();
}

}  // namespace

wire::result<drive> drive::take_up(const drive_parts& with, const std::string& name) {
    drive out(with, name);
    OTA_TRY(out.load());
    return out;
}

wire::result<void> drive::load() {
    auto tx = with_->desk.state.begin();
    if (!tx) return tx.error();
    OTA_TRY(at_, find_progress(*tx.value(), name_));
    OTA_TRY(what_, find_campaign(*tx.value(), name_, with_->desk.guard()));
    chunks_.assign(at_.chunks, {});
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
        if (i % chunks_loaded_at_once == 0) {
            tx.value().reset();
            tx = with_->desk.state.begin();
            if (!tx) return tx.error();
        }
        OTA_TRY(const auto cards, find_chunk(*tx.value(), name_, i));
        summarise(i, cards);
        chunks_[i].untaken = chunks_[i].open;  // until it is looked at
    }
    return success();
}

bool drive::may_go(std::size_t number, std::size_t index) const {
    return at_.is != phase::canary || is_canary(number * chunk_size + index, at_.cards, canaries_of(what_, at_.cards));
}

void drive::summarise(std::size_t number, const chunk& cards) {
    auto& s = chunks_[number];
    s.open = count(cards)[static_cast<std::size_t>(outcome::open)];
    s.due.reset();
    s.canary_due.reset();
    const auto canaries = canaries_of(what_, at_.cards);
    for (std::size_t i = 0; i < cards.size(); ++i) {
        if (cards[i].is != outcome::waiting) continue;
        earliest(s.due, std::optional(cards[i].at));
        if (is_canary(number * chunk_size + i, at_.cards, canaries)) earliest(s.canary_due, std::optional(cards[i].at));
    }
}

std::optional<wall_time> drive::due_of(const chunk_state& s) const {
    return at_.is == phase::canary ? s.canary_due : s.due;
}

scene drive::look_around() const {
    scene out;
    for (const auto& s : chunks_) {
        out.untaken += s.untaken;
        out.canaries_waiting |= s.canary_due.has_value();
        earliest(out.next_due, due_of(s));
    }
    return out;
}

wire::result<void> drive::change_record(
    const std::function<wire::result<void>(store::transaction&, campaigns::progress&)>& work) {
    auto p = at_;
    OTA_TRY(auto tx, with_->desk.state.begin());
    OTA_TRY(work(*tx, p));
    p.driver = with_->driver;
    p.driven_at = with_->desk.now();
    OTA_TRY(save(*tx, name_, p));
    OTA_TRY(tx->commit());
    at_ = std::move(p);
    return success();
}

wire::result<bool> drive::go_on() {
    const auto now = with_->desk.now();
    if (auto moved = at_; advance(what_, moved, look_around(), now)) {
        OTA_TRY(change_record([&](store::transaction&, campaigns::progress& p) -> wire::result<void> {
            p = moved;
            return success();
        }));
        return true;
    }
    OTA_TRY(const auto looked, look());
    if (with_->shared && now >= at_.driven_at + keep_fresh) {
        OTA_TRY(
            change_record([](store::transaction&, campaigns::progress&) -> wire::result<void> { return success(); }));
    }
    const auto todo = next_step(what_, at_, look_around(), now);
    if (todo.is == step::kind::collect) {
        OTA_TRY(collect());
        return true;
    }
    if (todo.is == step::kind::rest || now < log_away_until_) return looked;
    OTA_TRY(issue(todo.cards));
    return looked || todo.cards == most_per_step;
}

wire::result<void> drive::collect() {
    bool done = false;
    OTA_TRY(change_record([&](store::transaction& tx, campaigns::progress& p) -> wire::result<void> {
        store::card_filter every, wanted;
        every.after_iccid = p.after_iccid;
        every.iccid_prefix = what_.cards.iccid_prefix;
        every.limit = collected_page;
        wanted.profile = what_.cards.profile;
        wanted.label = what_.cards.label;
        OTA_TRY(const auto page, tx.list_cards(every));
        std::vector<std::string> chosen;
        for (const auto& card : page) {
            if (card.is != store::standing::replaced && store::passes(card, wanted)) chosen.push_back(card.iccid);
        }
        OTA_TRY(append_cards(tx, name_, p, chosen));
        if (!page.empty()) p.after_iccid = page.back().iccid;
        done = page.size() < collected_page;
        if (done) p.is = what_.canary ? phase::canary : phase::running;
        return success();
    }));
    return done ? load() : success();
}

wire::result<std::size_t> drive::issue_from(store::transaction& tx, campaigns::progress& p, std::size_t number,
                                            std::size_t most, std::vector<std::string>& chosen,
                                            std::vector<std::pair<std::size_t, chunk>>& changed) {
    const auto now = with_->desk.now();
    OTA_TRY(auto cards, find_chunk(tx, name_, number));
    std::vector<std::size_t> due;
    std::vector<std::string> iccids;
    for (std::size_t i = 0; i < cards.size() && due.size() < most; ++i) {
        if (cards[i].is != outcome::waiting || cards[i].at > now || !may_go(number, i)) continue;
        due.push_back(i);
        iccids.push_back(cards[i].iccid);
    }
    OTA_TRY(const auto rows, tx.cards_by_iccid(iccids));
    for (std::size_t i = 0; i < due.size(); ++i) {
        const auto* row = rows[i] ? &*rows[i] : nullptr;
        OTA_TRY(const auto said, admit(
                                     what_, row,
                                     [&](wall_time since) {
                                         return account_of(tx, what_, *row, *with_->desk.profiles.all(),
                                                           with_->desk.guard(), since, now);
                                     },
                                     now));
        if (said.is == outcome::open) chosen.push_back(iccids[i]);
        remark(p, cards[due[i]], said.is, said.reason, said.at);
    }
    OTA_TRY(save_chunk(tx, name_, number, cards));
    changed.emplace_back(number, std::move(cards));
    return due.size();
}

wire::result<void> drive::issue(std::size_t most) {
    const auto now = with_->desk.now();
    std::vector<std::string> chosen;
    std::vector<std::pair<std::size_t, chunk>> changed;
    OTA_TRY(change_record([&](store::transaction& tx, campaigns::progress& p) -> wire::result<void> {
        std::size_t decided = 0;
        for (std::size_t i = 0; i < chunks_.size() && decided < most && changed.size() < chunks_per_issue; ++i) {
            const auto due = due_of(chunks_[i]);
            if (!due || *due > now) continue;
            OTA_TRY(const auto n, issue_from(tx, p, i, most - decided, chosen, changed));
            decided += n;
        }
        if (p.started_at == wall_time()) p.started_at = now;
        if (!chosen.empty()) spend(what_, p, chosen.size(), now);
        return success();
    }));
    for (const auto& [number, cards] : changed) {
        auto& s = chunks_[number];
        const auto before = s.open;
        summarise(number, cards);
        s.untaken += s.open - before;
        // A chunk that gives out changes without a pause is looked at all the same.
        s.next_look = before == 0 ? now + seconds(1) : std::min(s.next_look, now + seconds(1));
        s.back_off = {};
    }
    std::vector<std::pair<std::string, wall_time>> events;
    for (auto& iccid : chosen) events.emplace_back(std::move(iccid), now);
    publish(events);
    return success();
}

void drive::publish(const std::vector<std::pair<std::string, wall_time>>& cards) {
    std::vector<queue::message> batch;
    for (const auto& [iccid, at] : cards) {
        auto event = event_for(what_, iccid, at);
        if (auto* json = std::get_if<std::string>(&event))
            batch.push_back({queue::topic_changes, iccid, std::move(*json), {}});
    }
    if (batch.empty()) return;
    const auto did = with_->publish(batch);
    log_fault_ = did ? "" : did.error().message();
    if (!did) log_away_until_ = with_->desk.now() + log_pause;
}

}  // namespace ota::campaigns
