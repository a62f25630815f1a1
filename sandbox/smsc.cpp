#include "sandbox/smsc.hpp"

#include <algorithm>
#include <utility>

namespace ota::sandbox {

namespace {

constexpr std::chrono::milliseconds overtaking_gap{10};
constexpr double burst_seconds = 0.25;  ///< of the rate limit

}  // namespace

smpp::bind_decision smsc::on_bind(smpp::session_id id, const smpp::bind& request) {
    smpp::bind_decision out;
    if (!settings_.system_id.empty() && request.system_id != settings_.system_id)
        out.command_status = smpp::status::invalid_system_id;
    else if (!settings_.password.empty() && request.password != settings_.password)
        out.command_status = smpp::status::invalid_password;
    if (out.command_status != smpp::status::ok) {
        ++counts_.binds_refused;
        return out;
    }
    ++counts_.binds;
    const bool receives = smpp::can_receive(request.kind);
    sessions_[id] = {request.system_id, receives};
    peak_sessions_ = std::max(peak_sessions_, sessions_.size());
    newly_bound_ = newly_bound_ || receives;
    if (receives) accounts_[request.system_id].receivers.push_back(id);
    return out;
}

void smsc::on_closed(smpp::session_id id) {
    const auto at = sessions_.find(id);
    if (at == sessions_.end()) return;
    std::erase(accounts_[at->second.account].receivers, id);
    sessions_.erase(at);
}

std::string smsc::account_of(smpp::session_id id) const {
    const auto at = sessions_.find(id);
    return at == sessions_.end() ? std::string{} : at->second.account;
}

bool smsc::within_rate(account_state& account, instant now) {
    if (settings_.rate_limit == 0) return true;
    const auto most = std::max(1.0, settings_.rate_limit * burst_seconds);
    const std::chrono::duration<double> passed = now - account.refilled;
    account.tokens =
        account.refilled == instant{} ? most : std::min(most, account.tokens + passed.count() * settings_.rate_limit);
    account.refilled = now;
    if (account.tokens < 1) return false;
    account.tokens -= 1;
    return true;
}

/// The command_status of a submit_sm.
std::uint32_t smsc::admit(const std::string& account, instant now) {
    const auto refuse = [](std::uint64_t& count, std::uint32_t status) {
        ++count;
        return status;
    };
    if (!within_rate(accounts_[account], now)) return refuse(counts_.rate_limited, smpp::status::throttled);
    if (dice_.strikes(settings_.throttling)) return refuse(counts_.throttled, smpp::status::throttled);
    if (waiting() >= settings_.queue_limit || dice_.strikes(settings_.queue_full))
        return refuse(counts_.queue_full, smpp::status::message_queue_full);
    if (dice_.strikes(settings_.system_errors)) return refuse(counts_.system_errors, smpp::status::system_error);
    return smpp::status::ok;
}

smsc::output smsc::on_submit(std::vector<smpp::received_submit> batch, instant now) {
    output out;
    out.responses.reserve(batch.size());
    out.deliveries.reserve(batch.size() * 2);
    for (auto& one : batch) take(std::move(one), now, out);
    return out;
}

void smsc::take(smpp::received_submit in, instant now, output& out) {
    ++counts_.submits;
    meter_.count(now);
    const auto account = account_of(in.session);
    if (const auto status = admit(account, now); status != smpp::status::ok)
        return respond(in, status, {}, now, now, out);
    ++counts_.taken;
    if (settings_.stall_every != 0 && counts_.taken % settings_.stall_every == 0) {
        ++counts_.stalls;
        stalled_until_ = now + settings_.stall_for;
    }
    auto ids = write_ids(settings_.ids, next_number_);
    const bool cut = settings_.drop_every != 0 && counts_.taken % settings_.drop_every == 0;
    if (cut) {
        ++counts_.connections_dropped;  // taken, and the connection goes before the answer does
        out.cut_all = true;
    } else if (dice_.strikes(settings_.response_loss)) {
        ++counts_.responses_lost;
    } else {
        respond(in, smpp::status::ok, std::move(ids.in_response), response_time(now), now, out);
    }
    message made;
    made.from = in.session;
    made.account = account;
    made.number = next_number_++;
    made.receipt_id = std::move(ids.in_receipt);
    made.valid_until = end_of_validity(in.message.validity_period, now);
    made.taken = now;
    made.sm = std::move(in.message);
    travel(std::move(made), now, out);
}

/// Now; or so late that the receipt and the proof of receipt overtake it.
instant smsc::response_time(instant now) {
    if (!dice_.strikes(settings_.receipt_early)) return now;
    ++counts_.receipts_early;
    return now + settings_.delay_max + overtaking_gap;
}

void smsc::respond(const smpp::received_submit& to, std::uint32_t status, std::string id, instant at, instant now,
                   output& out) {
    smpp::response made{to.session, to.request, status, std::move(id), {}, status == smpp::status::ok};
    if (stalled(now)) at = std::max(at, stalled_until_);
    if (at > now)
        timed_.emplace(at, std::move(made));
    else
        out.responses.push_back(std::move(made));
}

/// The session that gets it: the one that submitted, else the account's others in turn; 0: none is bound.
smpp::session_id smsc::receiver_for(const outgoing& what) {
    const auto at = sessions_.find(what.preferred);
    if (at != sessions_.end() && at->second.receives) return what.preferred;
    const auto account = accounts_.find(what.account);
    if (account == accounts_.end() || account->second.receivers.empty()) return 0;
    auto& known = account->second;
    return known.receivers[known.turn++ % known.receivers.size()];
}

void smsc::emit(outgoing what, instant now, output& out) {
    if (stalled(now)) {
        timed_.emplace(stalled_until_, std::move(what));
        return;
    }
    const auto to = receiver_for(what);
    if (to == 0) {
        unbound_.push_back(std::move(what));
        return;
    }
    const auto token = next_token_++;
    out.deliveries.push_back({to, token, what.what});
    in_flight_.emplace(token, std::move(what));
}

void smsc::emit_at(outgoing what, instant at, instant now, output& out) {
    if (at > now)
        timed_.emplace(at, std::move(what));
    else
        emit(std::move(what), now, out);
}

smsc::output smsc::on_deliver_answered(std::vector<smpp::delivery_answered> batch, instant now) {
    output out;
    for (const auto& one : batch) {
        const auto at = in_flight_.find(one.token);
        if (at == in_flight_.end()) continue;
        auto what = std::move(at->second);
        in_flight_.erase(at);
        if (one.command_status == smpp::status::ok) continue;
        if (++what.tries > settings_.redeliveries) {
            ++counts_.given_up;
            continue;
        }
        ++counts_.redelivered;
        emit_at(std::move(what), now + settings_.redelivery_delay, now, out);
    }
    return out;
}

smsc::output smsc::on_tick(instant now) {
    output out;
    while (!timed_.empty() && timed_.begin()->first <= now) {
        auto one = std::move(timed_.extract(timed_.begin()).mapped());
        if (auto* m = std::get_if<message>(&one))
            deliver(std::move(*m), now, out);
        else if (auto* o = std::get_if<outgoing>(&one))
            emit(std::move(*o), now, out);
        else
            out.responses.push_back(std::move(std::get<smpp::response>(one)));
    }
    for (auto left = std::exchange(newly_bound_, false) ? unbound_.size() : 0; left > 0; --left) {
        auto one = std::move(unbound_.front());
        unbound_.pop_front();
        emit(std::move(one), now, out);
    }
    return out;
}

std::optional<instant> smsc::next_due(instant now) const noexcept {
    std::optional<instant> out;
    if (!timed_.empty()) out = timed_.begin()->first;
    if (newly_bound_ && !unbound_.empty()) out = now;
    return out;
}

}  // namespace ota::sandbox
