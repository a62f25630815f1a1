#include "sandbox/device/connection_plan.hpp"

#include <algorithm>

namespace ota::sandbox {

void connection_plan::want(const management_object::uri& account, instant now) {
    auto& plan = plans_[account];
    if (plan.running) {
        plan.again = true;
        return;
    }
    plan = {.due = now};
}

std::optional<management_object::uri> connection_plan::start(instant now) {
    const auto it =
        std::ranges::find_if(plans_, [&](const auto& p) { return !p.second.running && p.second.due <= now; });
    if (it == plans_.end()) return std::nullopt;
    it->second.running = true;
    ++it->second.made;
    return it->first;
}

void connection_plan::succeeded(const management_object::uri& account) {
    const auto it = plans_.find(account);
    if (it == plans_.end()) return;
    if (it->second.again) {
        it->second = {};  // what came meanwhile: at once
    } else {
        plans_.erase(it);
    }
}

bool connection_plan::failed(const management_object::uri& account, instant now) {
    const auto it = plans_.find(account);
    if (it == plans_.end() || !it->second.running) return false;
    auto& plan = it->second;
    plan.running = false;
    if (std::exchange(plan.again, false)) plan.made = 0;
    if (plan.made >= rule_.attempts) {
        plans_.erase(it);
        return true;
    }
    auto wait = rule_.first;
    for (unsigned i = 1; i < plan.made && wait < rule_.longest; ++i) wait *= 2;
    plan.due = now + std::min(wait, rule_.longest);
    return false;
}

void connection_plan::interrupted(const management_object::uri& account) {
    const auto it = plans_.find(account);
    if (it == plans_.end()) return;
    it->second.running = false;
    if (it->second.made >= rule_.attempts) plans_.erase(it);
}

std::optional<instant> connection_plan::next() const {
    std::optional<instant> out;
    for (const auto& [account, plan] : plans_)
        if (!plan.running && (!out || plan.due < *out)) out = plan.due;
    return out;
}

}  // namespace ota::sandbox
