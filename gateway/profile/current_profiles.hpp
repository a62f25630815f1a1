#pragma once

#include "gateway/profile/card_profile.hpp"

#include <mutex>

namespace ota {

/// The profiles in force. A reload replaces the whole set, which itself never changes: who works with it takes it once
/// for each piece of work, and keeps it that long. Any thread.
class current_profiles {
public:
    explicit current_profiles(profile_set set) : set_(std::make_shared<const profile_set>(std::move(set))) {}

    [[nodiscard]] std::shared_ptr<const profile_set> all() const {
        const std::lock_guard lock(mutex_);
        return set_;
    }
    void replace(profile_set set) {
        auto next = std::make_shared<const profile_set>(std::move(set));
        const std::lock_guard lock(mutex_);
        set_.swap(next);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const profile_set> set_;
};

/// Where a room takes its profiles from: those in force, or a set that stays as it is. Either outlives it.
class profile_source {
public:
    profile_source(const current_profiles& in_force) : in_force_(&in_force) {}
    profile_source(const profile_set& fixed) : fixed_(&fixed) {}

    [[nodiscard]] std::shared_ptr<const profile_set> all() const {
        return in_force_ != nullptr ? in_force_->all()
                                    : std::shared_ptr<const profile_set>(std::shared_ptr<void>(), fixed_);
    }
    /// Nothing when it is not configured.
    [[nodiscard]] std::shared_ptr<const card_profile> find(std::string_view name) const {
        const auto set = all();
        const auto at = set->find(name);
        return at == set->end() ? nullptr : at->second;
    }

private:
    const current_profiles* in_force_ = nullptr;
    const profile_set* fixed_ = nullptr;
};

}  // namespace ota
