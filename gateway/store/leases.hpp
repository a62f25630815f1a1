#pragma once

#include "gateway/store/store.hpp"

/// What the processes on one store share out among them.
namespace ota::store {

/// A name that one process holds for a while.
struct lease {
    std::string name, holder;
    std::chrono::milliseconds
        left{};  ///< by the store's clock; negative: it ran out so long ago and nobody has taken it since
    bool operator==(const lease&) const = default;
};

/// Named value that a tool leaves which had the store for itself and changed it, never the same twice.
inline constexpr std::string_view tool_mark = "alone";

/// The table as one that holds leases finds it.
struct lease_scene {
    std::span<const lease> others;     ///< those that ran out in the last minute too
    std::span<const std::string> own;  ///< what the store has as ours, run out or not
    bool lapsed = true;  ///< nothing is ours, or some of it had run out: others may have had it since the last call
    std::string mark;    ///< tool_mark; empty: none
};

/// Leases on the store's own clock (R5). One call changes them at a time, over all processes.
class lease_table {
public:
    virtual ~lease_table() = default;

    using chooser = std::function<std::vector<std::string>(const lease_scene&)>;

    /// `choose` sees the table, and names what `holder` holds from now on for `life`. What it named before and does not
    /// name now is free. A name that another one still holds is not given. The names that were given; after an error
    /// what was held runs on to its end.
    [[nodiscard]] virtual wire::result<std::vector<std::string>> hold(std::string_view holder,
                                                                      std::chrono::milliseconds life,
                                                                      const chooser& choose) = 0;

    /// From now on a transaction of this store commits only while `holder` has `name`, else it is `fenced`: a process
    /// that was paused beyond its lease changes nothing.
    virtual void require(std::string_view name, std::string_view holder) = 0;
};

}  // namespace ota::store
