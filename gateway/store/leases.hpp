#pragma once

#include "gateway/store/store.hpp"

/// What the processes on one store share out among them.
namespace ota::store {

/// A name that one process holds for a while.
struct lease {
    std::string name, holder;
    std::chrono::milliseconds left{};  ///< by the store's clock; negative: it ran out so long ago and nobody has taken it since
    bool operator==(const lease&) const = default;
};

/// Leases on the store's own clock (R5). One call changes them at a time, over all processes.
class lease_table {
public:
    virtual ~lease_table() = default;

    /// `choose` sees the leases of all others, those that ran out in the last minute too, and names what `holder` holds from now on
    /// for `life`. What it named before and does not name now is free. A name that another one still holds is not given. The names that
    /// were given; after an error what was held runs on to its end.
    [[nodiscard]] virtual wire::result<std::vector<std::string>> hold(
        std::string_view holder, std::chrono::milliseconds life,
        const std::function<std::vector<std::string>(std::span<const lease> others)>& choose) = 0;

    /// From now on a transaction of this store commits only while `holder` has `name`, else it is `fenced`: a process that was
    /// paused beyond its lease changes nothing.
    virtual void require(std::string_view name, std::string_view holder) = 0;
};

}  // namespace ota::store
