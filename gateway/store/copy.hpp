#pragma once

#include "gateway/store/store.hpp"

namespace ota::store {

/// Named value of a store that is being copied into: as long as it is there, opening the store says `unfinished`.
inline constexpr const char* unfinished_copy = "store/unfinished-copy";

struct copied {
    std::size_t cards = 0, numbers = 0, events = 0, submissions = 0, history = 0, outbox = 0, other = 0;
    [[nodiscard]] std::size_t rows() const noexcept {
        return cards + numbers + events + submissions + history + outbox + other;
    }
};

/// Copies everything of a store into an empty one, in transactions of some thousand rows, then reads both side by side
/// and compares them row by row; versions of cards begin anew. Nobody may write to either meanwhile. `tell` hears of
/// the progress, in sentences. `misuse`: the target is not empty and stays as it is, or one of the two cannot be read
/// as a whole; `corrupt`: they differ afterwards. After any other error the target is half a store, and marked so that
/// nothing opens it; the source is always as it was. The outbox keeps its order: where ids do not follow it (several
/// instances wrote), it gets ids that do.
[[nodiscard]] wire::result<copied> copy(store& from, store& to, const std::function<void(const std::string&)>& tell);

}  // namespace ota::store
