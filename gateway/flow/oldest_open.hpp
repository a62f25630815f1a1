#pragma once

#include "gateway/store/store.hpp"

namespace ota::flow {

using store::wall_time;

/// Follows the oldest event that has no final state yet. Events end about in the order in which they came, so a mark
/// moves over those that are final, a bounded number of rows at each look; no index has to be kept for it.
class oldest_open {
public:
    /// `others`: other instances insert events too, by clocks that may be a little behind ours.
    explicit oldest_open(bool others) : others_(others) {}

    [[nodiscard]] wire::result<void> look(store::transaction&, wall_time now);

    /// When it was accepted; nothing: no event is open. While the mark has a long way to go, the time up to which all
    /// is final.
    [[nodiscard]] std::optional<wall_time> accepted_at() const noexcept { return accepted_at_; }

    /// Once a minute, when the mark has moved: what is to be stored with the next commit, so that a restart goes on
    /// from there.
    [[nodiscard]] std::optional<store::event_seq> mark_to_keep(wall_time now) noexcept;

    static constexpr const char* mark_name = "mark/oldest-open";  ///< of the store: before this event all are final

private:
    bool others_;
    bool begun_ = false;
    store::event_seq from_ = 0, kept_ = 0;
    wall_time keep_at_{};
    std::optional<wall_time> accepted_at_;
};

}  // namespace ota::flow
