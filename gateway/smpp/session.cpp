#include "gateway/smpp/session.hpp"

#include <algorithm>

namespace ota::smpp {

std::string_view sentence(end_reason reason) noexcept {
    switch (reason) {
        case end_reason::disconnected: return "the connection was lost";
        case end_reason::bind_refused: return "the bind was refused";
        case end_reason::bind_timeout: return "the bind was not concluded in time";
        case end_reason::peer_unbound: return "the peer unbound";
        case end_reason::unbound: return "unbound";
        case end_reason::enquire_unanswered: return "enquire_link stayed unanswered";
        case end_reason::unreadable: return "the peer sent a command_length that cannot be right";
    }
    return "";
}

session::session(session_settings settings) : settings_(std::move(settings)) {}

session session::successor(session_settings settings) const {
    session next(std::move(settings));
    next.request_ = request_;
    return next;
}

std::size_t session::room() const noexcept {
    return pending_.size() >= settings_.window ? 0 : settings_.window - pending_.size();
}

void session::on_connected(time_point now, actions& out) {
    tail_.clear();
    pending_.clear();
    requests_.clear();
    enquired_.reset();
    missed_ = 0;
    sequence_ = settings_.first_sequence - 1;
    since_ = last_heard_ = last_tick_ = now;
    state_ = state::open;
    if (settings_.side == role::smsc) return;
    state_ = state::binding;
    control_sequence_ = next_sequence();
    write(settings_.credentials, status::ok, control_sequence_, out);
}

void session::on_disconnected(actions& out) {
    if (state_ != state::ended) finish(end_reason::disconnected, out);
}

bool session::submit(const submit_sm& message, std::uint64_t token, time_point now, actions& out) {
    if (settings_.side != role::esme || !can_submit() || room() == 0) return false;
    const auto sequence_number = next_sequence();
    serialize(message, sequence_number, out.write);
    pending_.insert(sequence_number, {token, now});
    return true;
}

bool session::deliver(const std::variant<deliver_sm, data_sm>& message, std::uint64_t token, time_point now,
                      actions& out) {
    if (settings_.side != role::smsc || !can_receive() || room() == 0) return false;
    const auto sequence_number = next_sequence();
    std::visit([&](const auto& m) { write(m, status::ok, sequence_number, out); }, message);
    pending_.insert(sequence_number, {token, now});
    return true;
}

bool session::answer(std::uint32_t request, std::uint32_t command_status, const message_resp& what, bool with_body,
                     actions& out) {
    const auto* found = requests_.find(request);
    if (found == nullptr) return false;
    serialize_response(found->answer, command_status, found->sequence_number, what, with_body, out.write);
    requests_.erase(request);
    return true;
}

void session::answer_bind(std::uint32_t command_status, std::string system_id, actions& out) {
    if (settings_.side != role::smsc || state_ != state::binding) return;
    bind_resp answer{kind_, std::move(system_id), {}};
    if (command_status == status::ok) answer.tlvs = {{tag::sc_interface_version, {0x34}}};
    write(answer, command_status, control_sequence_, out);
    if (command_status != status::ok) return finish(end_reason::bind_refused, out);
    state_ = state::bound;
}

void session::unbind(time_point now, actions& out) {
    if (state_ == state::ended || state_ == state::unbinding) return;
    if (state_ != state::bound) return finish(end_reason::unbound, out);
    requests_.each([&](std::uint32_t, const open_request& r) {
        serialize_response(r.answer, status::temporary_application_error, r.sequence_number, {}, true, out.write);
    });
    requests_.clear();
    write(smpp::unbind{}, status::ok, next_sequence(), out);
    state_ = state::unbinding;
    since_ = now;
}

std::uint32_t session::next_sequence() {
    do {
        sequence_ = sequence_ >= 0x7FFFFFFF ? 1 : sequence_ + 1;
    } while (pending_.find(sequence_) != nullptr);  // pitfall 10: one counter for all PDUs, none given out twice
    return sequence_;
}

/// R6 is not ours to judge: what has no answer is reported as such, oldest first.
void session::finish(end_reason reason, actions& out) {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> open;
    pending_.each([&](std::uint32_t number, const waiting& w) { open.emplace_back(number, w.token); });
    std::ranges::sort(open);
    for (const auto& [number, token] : open) out.events.emplace_back(unanswered{token, false});
    pending_.clear();
    requests_.clear();
    tail_.clear();
    state_ = state::ended;
    out.events.emplace_back(ended{reason});
}

void session::on_tick(time_point now, actions& out) {
    const bool overslept = now - last_tick_ > std::chrono::seconds(1);
    last_tick_ = now;
    // Pitfall 12: a response that waits in the socket while this thread was busy has not timed out.
    if (state_ == state::ended || overslept) return;
    const auto in_state = now - since_;
    if ((state_ == state::open || state_ == state::binding) && in_state >= settings_.bind_timeout)
        return finish(end_reason::bind_timeout, out);
    if (state_ == state::unbinding && in_state >= settings_.response_timeout) return finish(end_reason::unbound, out);
    expire_pending(now, out);
    expire_requests(now, out);
    if (state_ == state::bound) enquire(now, out);
}

void session::expire_pending(time_point now, actions& out) {
    std::vector<std::uint32_t> late;
    pending_.each([&](std::uint32_t number, const waiting& w) {
        if (now - w.sent >= settings_.response_timeout) late.push_back(number);
    });
    std::ranges::sort(late);
    for (auto number : late) {
        out.events.emplace_back(unanswered{pending_.find(number)->token, true});
        pending_.erase(number);
    }
}

void session::expire_requests(time_point now, actions& out) {
    if (settings_.answer_within.count() == 0) return;
    std::vector<std::uint32_t> late;
    requests_.each([&](std::uint32_t number, const open_request& r) {
        if (now - r.arrived >= settings_.answer_within) late.push_back(number);
    });
    std::ranges::sort(late);
    for (auto number : late) {
        answer(number, status::temporary_application_error, {}, true, out);
        out.events.emplace_back(answered_late{number});
    }
}

// Pitfall 11: ask only a silent peer, only when bound, and give it time to answer.
void session::enquire(time_point now, actions& out) {
    if (settings_.enquire_interval.count() == 0) return;
    const bool due =
        enquired_ ? now - *enquired_ >= settings_.enquire_timeout : now - last_heard_ >= settings_.enquire_interval;
    if (!due) return;
    if (enquired_ && ++missed_ >= settings_.enquire_misses) return finish(end_reason::enquire_unanswered, out);
    enquired_ = now;
    write(enquire_link{}, status::ok, next_sequence(), out);
}

}  // namespace ota::smpp
