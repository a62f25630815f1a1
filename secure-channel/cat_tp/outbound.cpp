#include "secure-channel/cat_tp/outbound.hpp"

#include "secure-channel/cat_tp/serial.hpp"

#include <algorithm>

namespace ota::cat_tp {

namespace {

/// PDUs that the peer must hold behind a hole before it counts as lost and not as late. [RFC 5681, 3.2; RFC 5827 for
/// small flights]
std::size_t enough_behind(std::size_t flight) noexcept { return std::clamp<std::size_t>(flight - 1, 1, 3); }

patience::span since(time_point then, time_point now) noexcept {
    return std::chrono::duration_cast<patience::span>(now - then);
}

}  // namespace

void outbound::start(std::size_t octets_per_pdu, std::uint16_t peer_sequence, std::uint16_t window) noexcept {
    octets_per_pdu_ = static_cast<std::uint16_t>(octets_per_pdu);
    told_in_ = peer_sequence;
    told_with_ = moved(next_, -1);
    window_ = window;
}

std::uint64_t outbound::queue(wire::octets sdu) {
    backlog_ += sdu.size();
    sdus_.push_back({std::move(sdu)});
    return first_sdu_ + sdus_.size() - 1;
}

const outbound::waiting* outbound::uncut() const noexcept {
    const auto found = std::ranges::find_if(sdus_, [](const auto& each) { return each.cut < each.octets.size(); });
    return found == sdus_.end() ? nullptr : &*found;
}

bool outbound::beyond_window(std::uint16_t sequence) const noexcept { return ahead(sequence, told_with_) > window_; }

bool outbound::window_open() const noexcept { return !beyond_window(next_); }

bool outbound::blocked() const noexcept { return flight_.empty() && !window_open() && uncut() != nullptr; }

outbound::numbered outbound::picture(const sent& each) const noexcept {
    if (each.length == 0) return {each.sequence, true, false, {}};
    const auto& sdu = sdus_[each.sdu - first_sdu_].octets;
    return {each.sequence, false, each.more, wire::octet_view(sdu).subspan(each.begin, each.length)};
}

outbound::numbered outbound::launch(sent each, time_point now, patience& waits) {
    each.sequence = next_;
    next_ = moved(next_, 1);
    each.at = now;
    each.due = now + waits.wait(0);
    flight_.push_back(each);
    return picture(flight_.back());
}

std::optional<outbound::numbered> outbound::next(time_point now, patience& waits) {
    if (flight_.size() >= most_under_way_ || !window_open()) return std::nullopt;
    const auto* const from = uncut();
    if (from == nullptr) return std::nullopt;
    const auto at = static_cast<std::size_t>(from - sdus_.data());
    auto& sdu = sdus_[at];
    const auto left = static_cast<std::uint32_t>(sdu.octets.size()) - sdu.cut;
    sent piece{.begin = sdu.cut, .length = std::min<std::uint32_t>(left, octets_per_pdu_), .sdu = first_sdu_ + at};
    piece.more = piece.length < left;
    sdu.cut += piece.length;
    return launch(piece, now, waits);
}

outbound::numbered outbound::nul(time_point now, patience& waits) { return launch({}, now, waits); }

std::optional<outbound::numbered> outbound::overdue(time_point now, patience& waits) {
    for (auto& each : flight_) {
        if (!runs(each) || now < each.due) continue;
        const bool refused = beyond_window(each.sequence) && &each != &flight_.front();
        if (!refused) {
            ++each.tries;
            each.repeated = true;
            waits.back_off(each.tries);
        }
        each.due = now + waits.wait(each.tries);
        if (!refused) return picture(each);  // the peer took its window back: the first one asks for all of them
    }
    return std::nullopt;
}

std::optional<outbound::numbered> outbound::hole(time_point now, patience& waits) {
    if (flight_.size() < 2) return std::nullopt;
    const auto enough = enough_behind(flight_.size());
    std::size_t behind = 0;
    for (auto& each : flight_) behind += each.held ? 1u : 0u;
    for (auto& each : flight_) {
        if (behind < enough) break;
        if (each.held) {
            --behind;
            continue;
        }
        if (each.hastened) continue;
        each.hastened = each.repeated = true;
        each.due = now + waits.wait(each.tries);
        return picture(each);
    }
    return std::nullopt;
}

bool outbound::exhausted(time_point now, unsigned retries) const noexcept {
    return std::ranges::any_of(flight_, [&](const auto& each) {
        const bool refused = beyond_window(each.sequence) && &each != &flight_.front();
        return runs(each) && !refused && now >= each.due && each.tries >= retries;
    });
}

bool outbound::was_sent(std::uint16_t acknowledgement) const noexcept { return ahead(acknowledgement, next_) < 0; }

// A later acknowledgement is news in any case; of those with the same one, the PDU with the higher number is.
void outbound::update_window(std::uint16_t acknowledgement, std::uint16_t peer_sequence,
                             std::uint16_t window) noexcept {
    const auto newer = ahead(acknowledgement, told_with_);
    if (newer < 0 || (newer == 0 && ahead(peer_sequence, told_in_) < 0)) return;
    told_with_ = acknowledgement;
    told_in_ = peer_sequence;
    window_ = window;
}

void outbound::pass(const sent& each, std::vector<std::uint64_t>& through) {
    if (each.length == 0 || each.more) return;
    through.push_back(each.sdu);
    backlog_ -= sdus_.front().octets.size();
    sdus_.erase(sdus_.begin());
    ++first_sdu_;
}

bool outbound::on_acknowledgement(std::uint16_t acknowledgement, std::uint16_t peer_sequence, std::uint16_t window,
                                  time_point now, patience& waits, std::vector<std::uint64_t>& through) {
    update_window(acknowledgement, peer_sequence, window);
    bool data = false;
    const sent* sample = nullptr;
    auto end = flight_.begin();
    for (; end != flight_.end() && ahead(acknowledgement, end->sequence) >= 0; ++end) {
        data = data || end->length != 0;
        if (!end->repeated) sample = &*end;
        pass(*end, through);
    }
    if (sample != nullptr) waits.sample(since(sample->at, now));
    const bool moved_on = end != flight_.begin();
    flight_.erase(flight_.begin(), end);
    // An EACK is not believed for the first one: were it held, it would have been acknowledged. It gets its timer back.
    if (moved_on && !flight_.empty() && flight_.front().held) {
        flight_.front().held = false;
        flight_.front().due = now + waits.wait(flight_.front().tries);
    }
    // A peer without room that answers is alive: tries into its closed window are not held against it.
    if (!flight_.empty() && beyond_window(flight_.front().sequence))
        for (auto& each : flight_) each.tries = 0;
    return data;
}

void outbound::on_held(const std::vector<std::uint16_t>& numbers, time_point now, patience& waits) {
    for (const auto number : numbers) {
        if (flight_.empty()) return;
        const auto at = ahead(number, flight_.front().sequence);
        if (at <= 0 || static_cast<std::size_t>(at) >= flight_.size()) continue;  // numbers in flight have no gaps
        auto& each = flight_[static_cast<std::size_t>(at)];
        if (each.held) continue;
        each.held = true;
        if (!each.repeated) waits.sample(since(each.at, now));
        each.repeated = true;  // when the hole before it is filled says nothing of the round trip
    }
}

std::optional<time_point> outbound::due() const noexcept {
    std::optional<time_point> first;
    for (const auto& each : flight_)
        if (runs(each) && (!first || each.due < *first)) first = each.due;
    return first;
}

std::size_t outbound::memory() const noexcept {
    auto octets = flight_.capacity() * sizeof(sent) + sdus_.capacity() * sizeof(waiting);
    for (const auto& each : sdus_) octets += each.octets.capacity();
    return octets;
}

void outbound::release() noexcept {
    flight_ = {};
    sdus_ = {};
    backlog_ = 0;
}

}  // namespace ota::cat_tp
