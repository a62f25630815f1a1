#include "secure-channel/cat_tp/inbound.hpp"

#include "secure-channel/cat_tp/serial.hpp"

#include <algorithm>

namespace ota::cat_tp {

bool inbound::fits(std::uint16_t sequence, bool data) const noexcept {
    const auto distance = ahead(sequence, current_);
    return distance > 0 && distance <= window_ + (data ? 0 : 1);
}

bool inbound::take(std::uint16_t sequence, const traffic& t, std::vector<wire::octets>& sdus) {
    if (ahead(sequence, current_) != 1) {
        hold(sequence, t);
        return true;
    }
    current_ = sequence;
    if (!join(t.data, t.more, sdus)) return false;
    auto first = held_.begin();
    for (; first != held_.end() && ahead(first->sequence, current_) == 1; ++first) {
        current_ = first->sequence;
        if (!join(first->data, first->more, sdus)) return false;
    }
    held_.erase(held_.begin(), first);
    if (held_.empty()) held_.shrink_to_fit();  // thousands of quiet links shall not keep the worst moment of each
    return true;
}

bool inbound::join(const wire::octets& data, bool more, std::vector<wire::octets>& sdus) {
    if (data.empty()) return true;  // NUL takes a number and says nothing
    if (partial_.size() + data.size() > max_sdu_) return false;
    partial_.insert(partial_.end(), data.begin(), data.end());
    if (!more) sdus.push_back(std::exchange(partial_, {}));
    return true;
}

void inbound::hold(std::uint16_t sequence, const traffic& t) {
    const auto at = std::ranges::find_if(held_, [&](const auto& each) { return ahead(each.sequence, sequence) >= 0; });
    if (at != held_.end() && at->sequence == sequence) return;
    held_.insert(at, {sequence, t.more, t.data});
}

std::vector<std::uint16_t> inbound::out_of_order(std::size_t most) const {
    std::vector<std::uint16_t> numbers;
    numbers.reserve(std::min(held_.size(), most));
    for (const auto& each : held_) {
        if (numbers.size() == most) break;
        numbers.push_back(each.sequence);
    }
    return numbers;
}

std::size_t inbound::memory() const noexcept {
    auto octets = held_.capacity() * sizeof(waiting) + partial_.capacity();
    for (const auto& each : held_) octets += each.data.capacity();
    return octets;
}

void inbound::release() noexcept {
    held_ = {};
    partial_ = {};
}

}  // namespace ota::cat_tp
