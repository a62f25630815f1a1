#include "gateway/sessions/device_sessions.hpp"

#include "gateway/sessions/device_word.hpp"
#include "gateway/sessions/live_session.hpp"
#include "gateway/sessions/notify_order.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>

namespace ota::sessions {

device_sessions::device_sessions(surroundings with, std::function<void(const note&)> tell)
    : with_(std::move(with)), tell_(std::move(tell)) {}

device_sessions::~device_sessions() = default;

dm::owner device_sessions::owner() {
    return {.find_account = [this](const dm::caller& who) { return find(who); },
            .next_nonce =
                [this] {
                    std::array<std::uint8_t, 16> octets{};
                    with_.random(octets);
                    return std::string(wire::as_text(octets));
                },
            .on_event = [this](dm::session& whose, const dm::event& what) { on_event(whose, what); },
            .keep = [this](dm::session& whose) { return keep(whose); }};
}

void device_sessions::replace(const std::string& iccid, replacement what) {
    const std::lock_guard lock(mutex_);
    waiting_[iccid].push_back(std::move(what));
}

void device_sessions::finish_all() {
    for (auto& [whose, l] : live_) {
        {
            const std::lock_guard lock(mutex_);
            on_end(*l, dm::ending::aborted_by_owner);
        }
        if (!store_news(*l)) leave_over(std::move(l), nullptr);
    }
    live_.clear();
    (void)store_left_over(nullptr);
}

counts device_sessions::tally() const {
    const std::lock_guard lock(mutex_);
    return tally_;
}

void device_sessions::note_that(std::string_view what, const live& l, std::string node) {
    if (tell_) tell_({what, l.iccid, l.device, std::move(node)});
}

void device_sessions::failed(const live* l, std::error_code) {
    {
        const std::lock_guard lock(mutex_);
        ++tally_.store_failures;
    }
    if (l != nullptr) note_that("a DM session could not be stored", *l);
}

/// A store that does not answer says nothing of the caller: the device is to come again.
wire::result<std::optional<dm::account>> device_sessions::find(const dm::caller& who) {
    auto tx = with_.state.begin();
    auto found = tx ? find_account(*tx.value(), with_, who) : wire::result<found_account>(tx.error());
    if (!found) {
        failed(nullptr, found.error());
        return found.error();
    }
    const std::lock_guard lock(mutex_);
    if (found.value().why == account_fault::unknown) ++tally_.unknown_clients;
    if (found.value().why == account_fault::ambiguous) ++tally_.ambiguous_clients;
    return std::move(found.value().account);
}

void device_sessions::on_event(dm::session& whose, const dm::event& what) {
    if (const auto* proven = std::get_if<dm::authenticated>(&what)) return begin(whose, *proven);
    const auto at = live_.find(&whose);
    if (at == live_.end()) return;  // of a session that nobody proved to be a device's
    auto& l = *at->second;
    if (const auto* n = std::get_if<dm::nonces>(&what)) {
        if (n->client_nonce) l.nonces.client_nonce = n->client_nonce;
        if (n->server_nonce) l.nonces.server_nonce = n->server_nonce;
    }
    if (std::holds_alternative<dm::started>(what)) start(whose, l);
    if (l.broken) return;
    const std::lock_guard lock(mutex_);
    if (const auto* a = std::get_if<dm::answered>(&what)) on_answer(whose, l, a->what);
    if (const auto* a = std::get_if<dm::alerted>(&what)) on_alert(l, *a);
    if (const auto* e = std::get_if<dm::ended>(&what)) on_end(l, e->why);
}

void device_sessions::begin(const dm::session& whose, const dm::authenticated& proven) {
    auto fresh = std::make_unique<live>();
    fresh->key = parse_account_key(proven.key);
    fresh->device = proven.device;
    live_[&whose] = std::move(fresh);
    const std::lock_guard lock(mutex_);
    ++tally_.sessions;
    for (auto& l : left_over_) {
        if (l->whose == &whose) l->whose = nullptr;  // another session at the same place
    }
}

/// Another session still has the Exec in hand, or one that ended has and is not stored yet: it says what became of it.
bool device_sessions::is_in_hand(const live& except, store::event_seq exec) const {
    const auto holds = [&](const live& l) {
        return &l != &except && l.key.card == except.key.card && l.has_exec(exec);
    };
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(live_, [&](const auto& each) { return holds(*each.second); }) ||
           std::ranges::any_of(left_over_, [&](const auto& each) { return holds(*each); });
}

/// What the device is asked for, and what it is told to do. Execs are marked as sent before they go out (R17).
void device_sessions::start(dm::session& whose, live& l) {
    std::vector<due_exec> execs;
    const auto now = with_.now();
    const std::lock_guard alone(storing_);
    const auto read = in_transaction(with_.state, [&](store::transaction& tx) -> wire::result<bool> {
        l.objects.clear();
        execs.clear();
        OTA_TRY(auto card, take_card(tx, with_, l.key.card));
        if (!card || card->profile == nullptr) return false;
        l.iccid = card->row.iccid;
        l.profile = card->profile;
        OTA_TRY(const auto accounts, tx.accounts_of(l.key.card));
        const auto own = std::ranges::find(accounts, l.key.object, &store::device_account::object);
        const bool other_device = own == accounts.end() || own->device != l.device;
        for (const auto& node : card->state.nodes) {
            const auto* object = l.profile->object(node.uri);
            if (object == nullptr || object->mirror) continue;
            asked_object asked{.uri = node.uri};
            const auto content = [&](wire::octet_view image) -> std::optional<asked_object::content> {
                auto tree = tellable(*object, image);
                if (!tree) return std::nullopt;
                return asked_object::content{wire::crc32(image), std::move(*tree)};
            };
            if (is_unconfirmed(node, other_device)) asked.on_card = content(node.reported);
            if (is_moving(card->state, node)) asked.to_come = content(node.desired);
            if (asked.on_card || asked.to_come) l.objects.push_back(std::move(asked));
        }
        l.unanswered = unanswered_execs(*card);
        std::erase_if(l.unanswered, [&](store::event_seq seq) { return is_in_hand(l, seq); });
        execs = take_due_execs(*card, now);
        if (!execs.empty()) {
            OTA_TRY(put_card(tx, with_, *card, ids_));
        }
        // Nonces are stored before the reply tells them [DM Security 1.2, 5.3.4].
        auto news = l.nonces;
        if (other_device) news.device = l.device;
        OTA_TRY(const bool kept, keep_news(tx, with_, l.key, news));
        OTA_TRY(const bool called, on_called(tx, l.iccid, whose.id(), now));
        return !execs.empty() || kept || called;
    });
    if (!read) {
        l.broken = true;
        return failed(&l, read.error());
    }
    l.nonces = {};
    l.started = true;
    ask(whose, l);
    const std::lock_guard lock(mutex_);
    for (auto& e : execs) {
        l.jobs[++l.last_order] = live::exec{e.seq};
        whose.queue({.id = l.last_order, .steps = {std::move(e.step)}});
        ++tally_.execs_sent;
    }
    auto orders = waiting_.extract(l.iccid);
    if (orders.empty()) return;
    for (auto& r : orders.mapped()) {
        dm::step step{.what = management_object::dm::verb::replace,
                      .target = r.node,
                      .format = r.format,
                      .type = r.type,
                      .value = r.value};
        l.jobs[++l.last_order] = std::move(r);
        whose.queue({.id = l.last_order, .steps = {std::move(step)}});
    }
}

void device_sessions::ask(dm::session& whose, live& l) {
    for (std::size_t i = 0; i < l.objects.size(); ++i) {
        l.jobs[++l.last_order] = live::whole{i};
        whose.queue({.id = l.last_order, .steps = {{.target = l.objects[i].uri + "?list=TNDS"}}});
    }
}

void device_sessions::on_end(live& l, dm::ending why) {
    l.ended = why;
    ++tally_.ended[static_cast<std::size_t>(why)];
    for (auto& [id, job] : l.jobs) {  // what never went out waits for the next session
        if (auto* r = std::get_if<replacement>(&job)) waiting_[l.iccid].push_back(std::move(*r));
    }
    note_that("a DM session ended: " + std::string(dm::to_string(why)), l);
}

void device_sessions::take_early_words(live& l) {
    constexpr std::size_t most_ahead = 100'000;
    std::erase_if(ahead_, [&](const ahead& word) {
        return word.card == l.key.card && std::ranges::find(l.overruled, word.object) != l.overruled.end();
    });
    for (auto& word : std::exchange(l.early, {})) {
        std::erase_if(ahead_,
                      [&](const ahead& before) { return before.card == word.card && before.object == word.object; });
        if (ahead_.size() < most_ahead) ahead_.push_back(std::move(word));
    }
    l.overruled.clear();
}

}  // namespace ota::sessions
