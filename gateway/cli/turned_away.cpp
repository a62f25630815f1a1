#include "gateway/cli/turned_away.hpp"

namespace ota::cli {

void turned_away::add(std::string_view address, std::string_view reason) {
    const std::lock_guard lock(mutex_);
    const bool full = by_address_.size() >= addresses_ && !by_address_.contains(address);
    auto& counts = by_address_[full ? "others" : std::string(address)].by_reason;
    const auto known = counts.find(reason);
    ++(known != counts.end() ? known->second : counts[std::string(reason)]);
}

std::vector<turned_away::line> turned_away::due(time_point now) {
    std::vector<line> out;
    const std::lock_guard lock(mutex_);
    for (auto& [address, since] : by_address_) {
        if (since.by_reason.empty() || now < since.next) continue;
        line told{address, {}, 0};
        for (const auto& [reason, n] : since.by_reason) {
            told.reasons += (told.reasons.empty() ? "" : ", ") + reason + ' ' + std::to_string(n);
            told.refusals += n;
        }
        out.push_back(std::move(told));
        since = {{}, now + std::chrono::minutes(1)};
    }
    std::erase_if(by_address_,
                  [now](const auto& each) { return each.second.by_reason.empty() && now >= each.second.next; });
    return out;
}

}  // namespace ota::cli
