#include "gateway/smpp/route_queue.hpp"

#include <algorithm>

namespace ota::smpp {

void route_queue::note(const queued& q) {
    ++size_;
    earliest_ = std::min(earliest_, q.message.expires);
}

void route_queue::push(queued q) {
    note(q);
    auto& lane = lanes_[q.message.priority];
    // Messages that change route arrive out of turn; all others belong at the end.
    auto place = lane.end();
    while (place != lane.begin() && std::prev(place)->order > q.order) --place;
    lane.insert(place, std::move(q));
}

void route_queue::put_back(queued q) {
    note(q);
    auto& lane = lanes_[q.message.priority];
    auto place = lane.begin();
    while (place != lane.end() && place->order < q.order) ++place;
    lane.insert(place, std::move(q));
}

queued route_queue::pop() {
    auto lane = lanes_.begin();
    queued out = std::move(lane->second.front());
    lane->second.pop_front();
    --size_;
    if (lane->second.empty()) lanes_.erase(lane);
    if (size_ == 0) earliest_ = bearer::wall_time::max();
    return out;
}

std::vector<queued> route_queue::take_expired(bearer::wall_time now) {
    std::vector<queued> out;
    if (now < earliest_) return out;
    earliest_ = bearer::wall_time::max();
    for (auto lane = lanes_.begin(); lane != lanes_.end();) {
        auto& messages = lane->second;
        auto kept = std::stable_partition(messages.begin(), messages.end(),
                                          [&](const queued& q) { return q.message.expires > now; });
        out.insert(out.end(), std::move_iterator(kept), std::move_iterator(messages.end()));
        messages.erase(kept, messages.end());
        for (const auto& q : messages) earliest_ = std::min(earliest_, q.message.expires);
        lane = messages.empty() ? lanes_.erase(lane) : std::next(lane);
    }
    size_ -= out.size();
    return out;
}

std::vector<queued> route_queue::take_all() {
    std::vector<queued> out;
    out.reserve(size_);
    for (auto& [priority, lane] : lanes_)
        out.insert(out.end(), std::move_iterator(lane.begin()), std::move_iterator(lane.end()));
    lanes_.clear();
    size_ = 0;
    earliest_ = bearer::wall_time::max();
    return out;
}

}  // namespace ota::smpp
