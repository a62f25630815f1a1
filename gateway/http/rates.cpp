#include "gateway/http/rates.hpp"

#include <algorithm>

namespace ota::http {

rates::rates(double per_second, double burst, std::size_t names)
    : names_(names), per_second_(per_second), burst_(std::max(1.0, burst)), others_{burst_, {}} {}

void rates::change(double per_second, double burst) {
    const std::lock_guard lock(mutex_);
    per_second_ = per_second;
    burst_ = std::max(1.0, burst);
}

double rates::level(const bucket& of, time_point now) const {
    return std::min(burst_, of.level + per_second_ * std::chrono::duration<double>(now - of.at).count());
}

bool rates::take(std::string_view name, time_point now) {
    const std::lock_guard lock(mutex_);
    if (per_second_ <= 0) return true;
    auto& one = bucket_of(std::string(name), now);
    one = {level(one, now), now};
    if (one.level < 1) return false;
    one.level -= 1;
    return true;
}

rates::bucket& rates::bucket_of(const std::string& name, time_point now) {
    if (const auto known = buckets_.find(name); known != buckets_.end()) return known->second;
    if (buckets_.size() >= names_)
        std::erase_if(buckets_, [&](const auto& each) { return level(each.second, now) >= burst_; });
    if (buckets_.size() >= names_) return others_;
    return buckets_.emplace(name, bucket{burst_, now}).first->second;
}

}  // namespace ota::http
