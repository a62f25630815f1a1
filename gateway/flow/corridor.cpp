#include "gateway/flow/corridor.hpp"

#include "gateway/flow/batch.hpp"
#include "gateway/flow/fault_point.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"

#include <algorithm>

namespace ota::flow {

namespace {

constexpr auto due_interval = std::chrono::milliseconds(50);
constexpr auto housekeeping_interval = std::chrono::seconds(1);
constexpr auto retry_interval = std::chrono::seconds(1);
constexpr auto reassembly_life = std::chrono::minutes(10);
constexpr auto longest_answer = std::chrono::minutes(61);  ///< beyond any `bip.answer_timeout`
constexpr std::size_t least_intake = 100;                  ///< events of a batch that brings no answers
constexpr std::int64_t most_unpublished = 100'000;         ///< beyond it nothing is taken in until the sink takes some

/// It failed as a whole: no row of the batch is at fault.
bool store_is_down(std::error_code e) noexcept {
    return e.category() == store::category() && e != store::errc::duplicate && e != store::errc::not_found &&
           e != store::errc::misuse && e != store::errc::conflict;
}

/// A connection lost in the commit: what became of it is asked again before anything is run again. Each call waits.
wire::result<void> commit(store::transaction& tx) {
    auto done = tx.commit();
    for (int again = 0; again < 2 && !done && done.error() == store::errc::unresolved; ++again) done = tx.commit();
    return done;
}

}  // namespace

corridor::corridor(corridor_settings settings, corridor_parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      keys_(parts_.kek, settings_.key_cache),
      ids_(settings_.instance),
      oldest_(parts_.neighbours != nullptr) {
    guard_.seal = [this](wire::octet_view clear, std::string_view purpose) {
        std::array<std::uint8_t, 12> nonce{};
        parts_.random(nonce);
        return parts_.kek.seal(clear, wire::as_octets(purpose), nonce);
    };
    guard_.open = [this](wire::octet_view sealed, std::string_view purpose) -> wire::result<wire::octets> {
        OTA_TRY(auto clear, parts_.kek.open(sealed, wire::as_octets(purpose)));
        return wire::octets(clear.view().begin(), clear.view().end());
    };
}

corridor::~corridor() = default;

wire::result<void> corridor::open(wall_time) {
    take_reassignment();
    OTA_TRY(place_partitions());
    OTA_TRY(auto tx, parts_.state.begin());
    OTA_TRY(const auto newest, tx->newest_id());
    ids_.follow(newest);
    if (parts_.neighbours) return BOOST_OUTCOME_V2_NAMESPACE::success();  // the outbox is read with each batch
    for (std::int64_t after = 0;;) {  // all of it, before anything new is said: statuses of a card stay in order
        OTA_TRY(auto rows, tx->outbox(after, outbox_page));
        if (rows.empty()) break;
        after = rows.back().seq;
        take_outbox(std::move(rows), {});
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

void corridor::on_submitted(std::vector<bearer::submitted> results) {
    fault_point("after-write");
    {
        std::lock_guard lock(mutex_);
        std::move(results.begin(), results.end(), std::back_inserter(inbox_.submitted));
    }
    if (wake_) wake_();
}

void corridor::on_delivered(std::vector<bearer::delivered> deliveries) {
    {
        std::lock_guard lock(mutex_);
        std::move(deliveries.begin(), deliveries.end(), std::back_inserter(inbox_.delivered));
    }
    if (wake_) wake_();
}

void corridor::on_links(std::vector<bearer::link_event> events) {
    {
        std::lock_guard lock(mutex_);
        std::move(events.begin(), events.end(), std::back_inserter(inbox_.links));
    }
    if (wake_) wake_();
}

std::size_t corridor::credit() const noexcept {
    if (!intake_) return 0;  // cards that are due stay so: for other instances, or the next start
    const auto used = outstanding_.load();
    return used >= settings_.submissions_in_flight ? 0 : settings_.submissions_in_flight - used;
}

bool corridor::settled() const {
    std::lock_guard lock(mutex_);
    return at_rest_ && outstanding_ == 0 && inbox_.submitted.empty() && inbox_.delivered.empty() &&
           inbox_.links.empty();
}

corridor_status corridor::status() const {
    std::lock_guard lock(mutex_);
    auto s = status_;
    s.outstanding = outstanding_;
    return s;
}

void corridor::change(corridor_settings settings) {
    const std::lock_guard lock(mutex_);
    changed_ = std::move(settings);
}

void corridor::take_changes() {
    const std::lock_guard lock(mutex_);
    auto next = std::exchange(changed_, std::nullopt);
    if (!next) return;
    next->instance = settings_.instance;
    next->key_cache = settings_.key_cache;
    next->card_states = settings_.card_states;
    settings_ = std::move(*next);
}

/// Moves what is there into one batch; parsing and joining happen here, so that a failed transaction can be run again.
batch_input corridor::collect(wall_time now) {
    batch_input in;
    std::vector<bearer::delivered> deliveries;
    bool all_taken = false;
    const bool waits = intake_ || outstanding_ > 0;
    {
        std::lock_guard lock(mutex_);
        const auto take = [](auto& from, auto& to, std::size_t most) {
            const auto n = std::min(from.size(), most);
            to.assign(std::make_move_iterator(from.begin()),
                      std::make_move_iterator(from.begin() + static_cast<std::ptrdiff_t>(n)));
            from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n));
        };
        take(inbox_.submitted, in.submitted, settings_.batch);
        take(inbox_.delivered, deliveries, 2 * settings_.batch);  // a packet may have a receipt and a proof
        take(inbox_.links, in.links, settings_.batch);
        all_taken = inbox_.submitted.empty() && inbox_.delivered.empty() && inbox_.links.empty();
    }
    for (const auto& each : in.links) {
        if (std::holds_alternative<bearer::link_up>(each.what)) links_[each.link.value] = {each.card, std::nullopt};
        if (std::holds_alternative<bearer::link_down>(each.what)) links_.erase(each.link.value);
    }
    for (const auto& s : in.submitted) {
        if (outstanding_ > 0) --outstanding_;
        if (auto at = outstanding_packets_.find(s.id.packet);
            at != outstanding_packets_.end() && --at->second.segments == 0) {
            in.answered.add(now - at->second.since);
            outstanding_packets_.erase(at);
        }
    }
    const auto now_ms = now.time_since_epoch().count();
    const auto join = [&](const std::string& source, wire::octet_view user_data) {
        auto joined = reassembly_.on_segment(source, user_data, now_ms);
        if (joined && joined.value() && joined.value()->kind == secure_channel::packet_kind::response) {
            in.proofs.push_back({source, std::move(*joined.value())});
        }
    };
    for (auto& d : deliveries) {
        in.tokens.push_back(d.token);
        if (auto* receipt = std::get_if<bearer::receipt>(&d.what)) {
            if (!receipt->user_data.empty() && !receipt->source.empty()) join(receipt->source, receipt->user_data);
            in.receipts.emplace_back(std::move(d.route), std::move(*receipt));
        } else {
            const auto& message = std::get<bearer::inbound_message>(d.what);
            join(message.source, message.user_data);
        }
    }
    in.published.swap(published_);
    // Whoever leaves says what its last inputs bring; others write without end, and somebody says that after it.
    const bool brings = !in.submitted.empty() || !deliveries.empty() || !in.links.empty();
    in.reads_outbox = parts_.neighbours && (waits || brings);
    in.credit = credit();
    // What is under way is finished before more is begun, or answers would queue up behind new packets. And about as
    // much is begun as was answered: an SMSC waits for our answers with a small window, so a commit must not be long
    // when answers are few.
    const auto answers = in.submitted.size() + deliveries.size() + in.links.size();
    const auto most = std::min({std::max(2 * answers, least_intake), settings_.batch, in.credit});
    take_reassignment();
    const auto waiting = parts_.neighbours ? stored_unpublished_ : static_cast<std::int64_t>(unpublished());
    if (intake_ && all_taken && most > 0 && waiting < most_unpublished) pull(in, most, now);
    if (now >= next_due_) {
        in.look_for_due = in.credit > 0 && !parts_.sender.serves_nobody();
        if (in.look_for_due) next_due_ = now + due_interval;
    }
    if (now >= next_outbox_look_) {
        in.look_for_outbox = in.reads_outbox && parts_.neighbours().outbox != 0;
        if (in.look_for_outbox) next_outbox_look_ = now + due_interval;
    }
    return in;
}

bool corridor::step(wall_time now) {
    at_rest_ = false;
    const bool did = now >= retry_at_ && work(now);
    at_rest_ = pending_.empty() && unpublished() == 0;
    return did;
}

bool corridor::work(wall_time now) {
    const bool did = publish(now);
    if (pending_.empty()) {
        take_changes();
        auto in = collect(now);
        if (now >= next_housekeeping_) {
            next_housekeeping_ = now + housekeeping_interval;
            (void)reassembly_.expire((now - reassembly_life).time_since_epoch().count());
            let_go_of_links(now);
            housekeeping(in, now);
        }
        if (in.empty()) {
            if (unpublished() == 0) publishing_ = 0;
            return did;
        }
        pending_.push_back(std::move(in));
    }
    return run(now) || did;
}

bool corridor::run(wall_time now) {
    const auto began = std::chrono::steady_clock::now();
    auto& in = pending_.front();
    look_around(in);  // with each attempt: shares may have changed since the last one
    if (sabotaged(sabotage::answer_before_commit) && !in.tokens.empty()) parts_.sender.answer(in.tokens, true);
    batch work(*this, in, now);
    auto tx = parts_.state.begin();
    if (!tx) {
        failed(tx.error(), "store", now);
        return false;
    }
    auto ran = work.run(*tx.value());
    if (ran) {
        fault_point("after-reserve");
        const lap timed(work.times().of(stage::commit));
        ran = commit(*tx.value());
    }
    if (!ran) {
        tx.value().reset();
        recover_batch(ran.error(), work.take(), now);
        return false;
    }
    {
        std::lock_guard lock(mutex_);
        status_.store_ok = true;
    }
    tx.value().reset();  // others may write while we act
    fault_point("after-commit");
    const auto done = std::move(pending_.front());
    pending_.pop_front();
    auto result = work.take();
    result.report.operations = done.operations() + result.due_found;
    result.report.took = std::chrono::steady_clock::now() - began;
    act(std::move(result), done, now);
    return true;
}

/// What comes after a transaction that did not commit.
void corridor::recover_batch(std::error_code error, batch_result&& result, wall_time now) {
    if (result.fenced) {  // R1: a fenced partition drops its own operations and the rest commits
        return drop_partition(*result.fenced);
    }
    if (error == store::errc::conflict) return;  // somebody changed a card in between: read again (R5)
    if (store_is_down(error)) return failed(error, "store", now);
    isolate(error, now);
}

/// R1: a failing row is isolated and dead-lettered: every input of the batch is run in a transaction of its own, and
/// the one that fails alone is the culprit.
void corridor::isolate(std::error_code error, wall_time now) {
    if (const auto& events = pending_.front().events; events.size() == 1) {  // not even its dead letter can be stored
        const auto* bad = std::get_if<queue::unreadable>(&events.front().event);
        if (bad != nullptr && bad->reason == reason::poison) return failed(error, "store", now);
    }
    auto in = std::move(pending_.front());
    pending_.pop_front();
    const auto inputs =
        in.events.size() + in.submitted.size() + in.receipts.size() + in.proofs.size() + in.links.size();
    std::deque<batch_input> singles;
    const auto single = [&]() -> batch_input& {
        singles.emplace_back();
        singles.back().credit = in.credit;
        return singles.back();
    };
    if (inputs > 1) {
        for (auto& p : in.proofs) single().proofs.push_back(std::move(p));
        for (auto& s : in.submitted) single().submitted.push_back(std::move(s));
        for (auto& r : in.receipts) single().receipts.push_back(std::move(r));
        for (auto& l : in.links) single().links.push_back(std::move(l));
        for (auto& e : in.events) {
            auto& alone = single();
            if (!e.parked) alone.offsets[e.record.partition] = {e.record.next_offset, e.record.mark};
            alone.events.push_back(std::move(e));
        }
    } else if (!in.events.empty()) {
        auto& e = in.events.front();
        queue::unreadable poison{true, std::string(reason::poison), error.message(), {}, {}, {}};
        if (const auto* event = std::get_if<queue::change_event>(&e.event)) {
            poison.source = event->source;
            poison.id = event->id;
            poison.subject = event->subject;
        }
        auto& alone = single();
        if (!e.parked) alone.offsets[e.record.partition] = {e.record.next_offset, e.record.mark};
        e.event = std::move(poison);
        alone.events.push_back(std::move(e));
    } else if (parts_.on_commit) {
        commit_report report;
        report.alerts.push_back(
            {"an input of the bearer cannot be stored and is dropped: " + error.message(), {}, {}, {}});
        parts_.on_commit(report);
    }
    auto& rest = single();
    rest.tokens = std::move(in.tokens);
    rest.published = std::move(in.published);
    rest.reads_outbox = in.reads_outbox;
    std::move(singles.rbegin(), singles.rend(), std::front_inserter(pending_));
}

void corridor::act(batch_result&& result, const batch_input& in, wall_time now) {
    if (parts_.on_commit) parts_.on_commit(result.report);
    for (const auto& [partition, next] : in.offsets) {
        offsets_[partition] = next.offset;
        parts_.source.commit(partition, next.offset);
    }
    for (const auto& s : result.send) {
        auto& at = outstanding_packets_[s.id.packet];
        if (++at.segments == 1) at.since = now;
        ++outstanding_;
    }
    if (!result.send.empty()) parts_.sender.submit(std::move(result.send));
    order_links(std::move(result.links), now);
    if (!in.tokens.empty()) {
        fault_point("before-acknowledge");
        parts_.sender.answer(in.tokens, true);  // R4: after the commit of what it changed
    }
    if (parts_.neighbours) {
        hold_read(std::move(result.to_publish));
    } else {
        for (auto& [seq, message] : result.outbox) hold(seq, seq, std::move(message));
    }
    for (auto& [profile, why] : result.paused) paused_[profile] = why;
    for (auto& [profile, ring] : result.rings) rings_[profile] = std::move(ring);
    if (result.due_found > 0) {
        next_due_ = {};
    } else if (in.look_for_due && !result.more_due) {  // what is left to others is not read, and written, in a circle
        next_due_ = std::max(next_due_, now + others_turn_ / 4);
    }
    if (in.look_for_due)
        others_turn_ =
            result.due_of_others > result.due_found ? std::min(2 * others_turn_, most_others_turn) : least_others_turn;
}

void corridor::order_links(std::vector<link_order>&& orders, wall_time now) {
    if (!parts_.channels) return;
    auto& links = parts_.channels->links;
    for (auto& order : orders) {
        const bool awaits = order.is == link_order::kind::transmit || order.is == link_order::kind::await;
        if (const auto at = links_.find(order.link.value); at != links_.end()) {
            at->second.awaits_since = awaits ? std::optional(now) : std::nullopt;
        }
        switch (order.is) {
            case link_order::kind::transmit: links.transmit(order.link, order.id, std::move(order.packet)); break;
            case link_order::kind::await: links.keep(order.link, true); break;
            case link_order::kind::idle: links.keep(order.link, false); break;
            case link_order::kind::close: links.close(order.link); break;
        }
    }
}

/// What waited for the answer may be gone by another hand (`cards replace`): then nobody would ever say that the link
/// is idle.
void corridor::let_go_of_links(wall_time now) {
    for (auto& [link, open] : links_) {
        if (!open.awaits_since || now - *open.awaits_since < longest_answer) continue;
        open.awaits_since.reset();
        parts_.channels->links.keep({link}, false);
    }
}

/// Nothing is lost: the inputs stay as they are, nothing new is taken in, and readiness says why.
void corridor::failed(std::error_code error, std::string_view where, wall_time now) {
    std::lock_guard lock(mutex_);
    status_.store_ok = false;
    status_.why = std::string(where) + ": " + error.message();
    retry_at_ = now + retry_interval;
}

}  // namespace ota::flow
