#pragma once

#include "gateway/cluster/member.hpp"

#include <map>

namespace ota::cluster {

/// Leases in memory, on a virtual clock.
class virtual_table final : public store::lease_table {
public:
    explicit virtual_table(const time_point& now) : now_(now) {}

    wire::result<std::vector<std::string>> hold(std::string_view holder, std::chrono::milliseconds life,
                                                const chooser& choose) override {
        if (away) return store::errc::unreachable;
        std::vector<store::lease> others;
        std::vector<std::string> own;
        bool lapsed = false;
        for (const auto& [name, held] : rows_) {
            if (held.holder == holder) {
                own.push_back(name);
                lapsed |= held.until <= now_ + ahead;
                continue;
            }
            others.push_back({name, held.holder,
                              std::chrono::duration_cast<std::chrono::milliseconds>(held.until - (now_ + ahead))});
        }
        auto names = choose({others, own, lapsed || own.empty(), mark});
        std::erase_if(names, [&](const std::string& name) {
            const auto at = rows_.find(name);
            return at != rows_.end() && at->second.holder != holder && at->second.until > now_ + ahead;
        });
        std::erase_if(rows_, [&](const auto& each) {
            return each.second.holder == holder || each.second.until < now_ + ahead - std::chrono::minutes(1);
        });
        for (const auto& name : names) rows_[name] = {std::string(holder), now_ + ahead + life};
        return names;
    }
    void require(std::string_view, std::string_view) override {}

    bool away = false;
    std::string mark;
    std::chrono::milliseconds ahead{};  ///< of the clocks of those that ask

private:
    struct row {
        std::string holder;
        time_point until;
    };
    const time_point& now_;
    std::map<std::string, row> rows_;
};

}  // namespace ota::cluster
