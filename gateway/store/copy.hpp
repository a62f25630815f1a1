#pragma once

#include "gateway/store/store.hpp"

namespace ota::store {

struct copied {
    std::size_t cards = 0, numbers = 0, events = 0, submissions = 0, history = 0, outbox = 0, other = 0;
    [[nodiscard]] std::size_t rows() const noexcept {
        return cards + numbers + events + submissions + history + outbox + other;
    }
};

/// Copies everything of a store into an empty one, in transactions of some thousand rows, then reads both side by side
/// and compares them row by row; versions of cards begin anew. Nobody may write to either meanwhile. `tell` hears of
/// the progress, in sentences. `misuse`: the target is not empty, or one of the two cannot be read as a whole;
/// `corrupt`: they differ afterwards. After an error the target is thrown away, and the source is as it was.
[[nodiscard]] wire::result<copied> copy(store& from, store& to, const std::function<void(const std::string&)>& tell);

}  // namespace ota::store
