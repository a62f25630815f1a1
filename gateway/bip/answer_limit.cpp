#include "gateway/bip/answer_limit.hpp"

namespace ota::bip {
namespace {

constexpr std::size_t buckets = 4096;

}  // namespace

answer_limit::answer_limit(unsigned in_all_per_s, unsigned per_source_per_s, wire::sip_key key)
    : in_all_(in_all_per_s), per_source_(per_source_per_s), key_(key), sources_(buckets) {}

bool answer_limit::take(const ip_address& source, time_point now) {
    const std::string_view octets(reinterpret_cast<const char*>(source.data()), source.size());
    auto& own = sources_[wire::sip_hash(key_, octets) % buckets];
    fill(all_, in_all_, now);
    fill(own, per_source_, now);
    if (all_.left < 1 || own.left < 1) return false;
    --all_.left;
    --own.left;
    return true;
}

/// Holds what a second gives at most.
void answer_limit::fill(bucket& b, double per_s, time_point now) noexcept {
    const auto passed = std::chrono::duration<double>(now - b.at).count();
    b.left = b.begun ? std::min(per_s, b.left + std::max(0.0, passed) * per_s) : per_s;
    b.at = now;
    b.begun = true;
}

}  // namespace ota::bip
