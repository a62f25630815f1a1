#include "gateway/smpp/switchboard.hpp"

#include <algorithm>
#include <utility>

namespace ota::smpp {
namespace {

using bearer::submit_outcome;

/// A busy window is refilled in lumps: one write of many PDUs costs little more than one of a single PDU.
constexpr std::size_t largest_lump = 50;
constexpr std::chrono::microseconds gather_for{200};

constexpr std::chrono::seconds longest_goodbye{10};

constexpr std::size_t longest_destination = 20;
constexpr std::size_t longest_user_data = 254;

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= longest_destination &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t seed_of(std::uint64_t given) {
    if (given != 0) return given;
    std::random_device source;
    return static_cast<std::uint64_t>(source()) << 32 | source();
}

}  // namespace

void turn::clear() {
    connect.clear();
    write.clear();
    close.clear();
    submitted.clear();
    delivered.clear();
}

switchboard::switchboard(client_settings settings) : random_(seed_of(settings.seed)) {
    for (auto& each : settings.routes) named_.push_back(admit(std::move(each), {}));
}

void switchboard::start(const moment& at, turn& out) {
    started_ = true;
    for (auto& l : links_) l.next_attempt = at.now;
    settle(at, out);
}

void switchboard::submit(std::vector<bearer::submission>&& messages, const moment& at, turn& out) {
    for (auto& m : messages) place({std::move(m), ++order_}, at, out);
    settle(at, out);
}

void switchboard::answer(const std::vector<std::uint64_t>& tokens, bool accepted, const moment& at, turn& out) {
    for (auto token : tokens) {
        const auto id = static_cast<link_id>(token >> 32);
        if (id >= links_.size()) continue;
        links_[id].machine.answer(static_cast<std::uint32_t>(token),
                                  accepted ? status::ok : status::temporary_application_error, {}, true,
                                  links_[id].out);
    }
    settle(at, out);
}

void switchboard::set_shares(const std::vector<route_share>& shares, const moment& at, turn& out) {
    shared_ = true;
    for (std::size_t i = 0; i < named_.size() && i < shares.size(); ++i) {
        auto& r = routes_[named_[i]];
        r.share = shares[i];
        // Without a bind its pace stays as it was: what an SMSC could not take then, it cannot take from others now.
        if (shares[i].binds > 0) r.pace.set_rate(shares[i].rate_in_segments_per_s);
    }
    settle(at, out);
}

bool switchboard::ours(const link& l, time_point now) const noexcept {
    const auto& share = routes_[l.route].share;
    return l.bind < share.binds && share.ours(now);
}

bool switchboard::up(const route& r, time_point now) const noexcept {
    return std::ranges::any_of(r.links,
                               [&](link_id id) { return links_[id].machine.can_submit() && ours(links_[id], now); });
}

/// The longest prefix, then the priority, whoever has the route.
const route* switchboard::first_for(std::string_view destination) const {
    const route* best = nullptr;
    for (const auto i : named_) {
        const auto& r = routes_[i];
        const int length = r.match(destination);
        if (length < 0) continue;
        const int best_length = best == nullptr ? -1 : best->match(destination);
        if (length > best_length || (length == best_length && r.settings().priority < best->settings().priority))
            best = &r;
    }
    return best;
}

bool switchboard::serves(std::string_view destination, const moment& at) const {
    const auto* const first = first_for(destination);
    return first == nullptr || first->share.ours(at.now);  // without any route it is ours to say so
}

/// Of our routes the longest prefix, then the priority; of these the first that is up. When none is up, the first waits
/// for it.
route* switchboard::choose(std::string_view destination, time_point now) {
    route* best = nullptr;
    bool best_up = false;
    int best_length = -1;
    for (const auto i : named_) {
        auto& r = routes_[i];
        const int length = r.match(destination);
        if (length < 0 || !r.share.ours(now)) continue;
        const bool is_up = up(r, now);
        const bool better =
            best == nullptr || (is_up && !best_up) ||
            (is_up == best_up &&
             (length > best_length || (length == best_length && r.settings().priority < best->settings().priority)));
        if (!better) continue;
        best = &r;
        best_up = is_up;
        best_length = length;
    }
    return best;
}

void switchboard::place(queued q, const moment& at, turn& out) {
    const auto refuse = [&](submit_outcome outcome, std::uint32_t why) {
        out.submitted.push_back({q.message.id, outcome, {}, {}, why});
    };
    if (stopping_) return refuse(submit_outcome::not_sent, 0);
    if (!is_number(q.message.destination)) return refuse(submit_outcome::permanent, status::invalid_destination);
    if (q.message.user_data.size() > longest_user_data)
        return refuse(submit_outcome::permanent, status::invalid_message_length);
    // Who has the first route decides on fail-over; without it we do not know whether it is down.
    const auto* const first = first_for(q.message.destination);
    if (first == nullptr) return refuse(submit_outcome::no_route, 0);
    if (!first->share.ours(at.now)) return refuse(submit_outcome::elsewhere, 0);
    choose(q.message.destination, at.now)->queue.push(std::move(q));
}

void switchboard::hand_over(route& r, turn& out) {
    for (auto& q : r.queue.take_all()) report(r, std::move(q), submit_outcome::elsewhere, 0, {}, out);
}

/// A route that went down hands its queue to those that are up; what nobody else serves comes back.
void switchboard::rehome(route& r, const moment& at, turn& out) {
    if (r.queue.empty() || up(r, at.now)) return;
    for (auto& q : r.queue.take_all()) place(std::move(q), at, out);
}

/// A message waits for its lump no longer than `gather_for`, and only while more than half of the window is on its way.
bool switchboard::gathers(const route& r, link& l, time_point now) const {
    const auto lump = std::min<std::size_t>(r.settings().window / 2, largest_lump);
    if (l.machine.room() >= lump || l.machine.in_flight() == 0) {
        l.gathers_until.reset();
        return false;
    }
    if (!l.gathers_until) l.gathers_until = now + gather_for;
    return now < *l.gathers_until;
}

link* switchboard::free_link(route& r, time_point now) {
    for (std::size_t i = 0; i < r.links.size(); ++i) {
        auto& l = links_[r.links[(r.next_link + i) % r.links.size()]];
        if (l.writing || !l.machine.can_submit() || l.machine.room() == 0 || !ours(l, now)) continue;
        if (l.out.write.size() == 0 && gathers(r, l, now)) continue;
        r.next_link = (r.next_link + i + 1) % r.links.size();
        return &l;
    }
    return nullptr;
}

/// Writes what window, pace and socket let through. A link whose octets are still on their way to the socket gets no
/// submit: so the lease is checked right before the write (R5).
void switchboard::pump(route& r, const moment& at, turn& out) {
    if (r.at != route::stage::works) return;
    if (!r.share.ours(at.now)) return hand_over(r, out);
    while (!r.queue.empty() && r.pace.may_send(at.now)) {
        auto* l = free_link(r, at.now);
        if (l == nullptr) return;
        auto q = r.queue.pop();
        if (q.message.expires <= at.wall) {
            report(r, std::move(q), submit_outcome::not_sent, 0, {}, out);
            continue;
        }
        const auto& message = r.draft(q.message, at.wall);
        const auto slot = r.hold(std::move(q));
        if (!l->machine.submit(message, slot, at.now, l->out)) {
            r.queue.put_back(r.release(slot));
            return;
        }
        l->gathers_until.reset();
        r.pace.on_sent(at.now);
        ++r.counters.submits;
    }
}

void switchboard::settle(const moment& at, turn& out) {
    for (auto& l : links_) {
        if (ours(l, at.now)) {
            l.retiring_since.reset();
        } else if (!stopping_ && l.at != link::stage::waiting) {
            retire(l, at, out);
        }
        if (!stopping_ && at.now >= l.next_attempt && may_connect(l, at.now)) {
            l.at = link::stage::connecting;
            l.close_asked = false;
            out.connect.push_back(l.id);
        }
    }
    if (!stopping_)
        for (auto& r : routes_) pump(r, at, out);
    for (auto& l : links_) flush(l, out);
    for (auto& r : routes_)
        if (r.at == route::stage::leaves) bury(r);
}

/// A bind that is given back takes its last answers, gives ours, and unbinds. One whose lease is over may be another's
/// by now: it is closed behind its unbind.
void switchboard::retire(link& l, const moment& at, turn& out) {
    if (l.at == link::stage::connecting && !std::exchange(l.close_asked, true)) out.close.push_back(l.id);
    if (l.at != link::stage::connected) return;
    if (at.now >= routes_[l.route].share.until) {
        l.machine.unbind(at.now, l.out);
        l.at = link::stage::closing;
        if (l.writing && !std::exchange(l.close_asked, true))
            out.close.push_back(l.id);  // behind a peer that reads nothing: no last words
        return;
    }
    if (!l.machine.is_bound()) return;
    if (!l.retiring_since) l.retiring_since = at.now;
    const bool idle = l.machine.in_flight() == 0 && l.machine.open_requests() == 0;
    if (idle || at.now - *l.retiring_since >= longest_goodbye) l.machine.unbind(at.now, l.out);
}

void switchboard::flush(link& l, turn& out) {
    const bool connected = l.at == link::stage::connected || l.at == link::stage::closing;
    if (!connected) return l.out.write.buffer().clear();
    const bool waiting = l.out.write.size() != 0;
    if (l.writing && waiting) return;
    if (waiting) {
        l.writing = true;
        out.write.push_back(l.id);
    }
    // Pitfall 15: the connection is closed behind our last words, unbind_resp among them.
    if (l.at == link::stage::closing && !std::exchange(l.close_asked, true)) out.close.push_back(l.id);
}

/// Acts on what a session said, then goes on.
void switchboard::settle(link& l, const moment& at, turn& out) {
    while (!l.out.events.empty()) {
        happened_.swap(l.out.events);  // an answer to one event may bring another
        for (auto& each : happened_) std::visit([&](auto& e) { on_event(l, e, at, out); }, each);
        happened_.clear();
    }
    const bool idle = l.machine.in_flight() == 0 && l.machine.open_requests() == 0;
    if (stopping_ && l.at == link::stage::connected && idle && l.machine.is_bound()) l.machine.unbind(at.now, l.out);
}

void switchboard::on_connected(link_id id, const moment& at, turn& out) {
    auto& l = links_[id];
    l.at = link::stage::connected;
    l.writing = false;
    l.close_asked = false;
    l.refused_with = 0;
    l.out.write.buffer().clear();
    ++routes_[l.route].counters.connects;
    l.machine.on_connected(at.now, l.out);
    if (stopping_) l.machine.unbind(at.now, l.out);
    settle(l, at, out);
    settle(at, out);
}

void switchboard::on_octets(link_id id, wire::octet_view octets, const moment& at, turn& out) {
    auto& l = links_[id];
    l.machine.on_octets(octets, at.now, l.out);
    settle(l, at, out);
    settle(at, out);
}

void switchboard::on_written(link_id id, const moment& at, turn& out) {
    links_[id].writing = false;
    settle(at, out);
}

void switchboard::on_disconnected(link_id id, std::string_view why, const moment& at, turn& out) {
    auto& l = links_[id];
    l.machine.on_disconnected(l.out);
    const bool told = l.at == link::stage::closing;
    settle(l, at, out);
    if (!told) routes_[l.route].last_fault = why;
    after_end(l, at, out);
    settle(at, out);
}

void switchboard::after_end(link& l, const moment& at, turn& out) {
    auto& r = routes_[l.route];
    if (l.bound_at != time_point{}) {
        ++r.counters.disconnects;
        if (at.now - l.bound_at >= std::chrono::seconds(10)) l.reconnect.on_success();
    }
    l.bound_at = {};
    l.retiring_since.reset();
    l.writing = false;
    l.out.write.buffer().clear();
    l.at = stopping_ || r.at != route::stage::works ? link::stage::stopped : link::stage::waiting;
    l.next_attempt = at.now + l.reconnect.next(jitter(), std::exchange(l.refused_with, 0));
    rehome(r, at, out);
}

void switchboard::on_tick(const moment& at, turn& out) {
    for (auto& l : links_) {
        if (l.at != link::stage::connected) continue;
        l.machine.on_tick(at.now, l.out);
        settle(l, at, out);
    }
    for (auto& r : routes_) expire(r, at, out);
    settle(at, out);
}

void switchboard::expire(route& r, const moment& at, turn& out) {
    for (auto& q : r.queue.take_expired(at.wall)) report(r, std::move(q), submit_outcome::not_sent, 0, {}, out);
}

void switchboard::shut_down(const moment& at, turn& out) {
    stopping_ = true;
    for (auto& r : routes_)
        for (auto& q : r.queue.take_all()) report(r, std::move(q), submit_outcome::not_sent, 0, {}, out);
    for (auto& l : links_) {
        if (l.at == link::stage::waiting) l.at = link::stage::stopped;
        if (l.at == link::stage::connecting) out.close.push_back(l.id);
        if (l.at == link::stage::connected) {
            if (!l.machine.is_bound()) l.machine.unbind(at.now, l.out);
            settle(l, at, out);
        }
    }
    settle(at, out);
}

void switchboard::give_up(const moment& at, turn& out) {
    for (auto& l : links_) {
        if (l.at != link::stage::connected) continue;
        l.machine.unbind(at.now, l.out);
        settle(l, at, out);
    }
    settle(at, out);
}

bool switchboard::finished() const noexcept {
    return std::ranges::all_of(links_, [](const link& l) { return l.at == link::stage::stopped; });
}

void switchboard::take_output(link_id id, wire::octets& buffer) {
    buffer.clear();
    buffer.swap(links_[id].out.write.buffer());
}

bool switchboard::gathering(link_id id, time_point now) const {
    const auto& l = links_[id];
    return l.gathers_until && now < *l.gathers_until && !routes_[l.route].queue.empty();
}

std::size_t switchboard::output_waiting(link_id id) const { return links_[id].out.write.size(); }

const route_settings& switchboard::settings_of(link_id id) const { return routes_[links_[id].route].settings(); }

time_point switchboard::wake_at(time_point now) const {
    auto wake = now + milliseconds(100);
    for (const auto& r : routes_) {
        const auto next = r.pace.next(now);
        if (!r.queue.empty() && next > now) wake = std::min(wake, next);
    }
    for (const auto& l : links_) {
        if (may_connect(l, now)) wake = std::min(wake, std::max(now, l.next_attempt));
        if (l.gathers_until && *l.gathers_until > now) wake = std::min(wake, *l.gathers_until);
    }
    return wake;
}

}  // namespace ota::smpp
