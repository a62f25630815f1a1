#pragma once

#include "gateway/store/store.hpp"

namespace ota::store {

/// What `<path>.witness` remembers of the store beside it, one text line `otagw-witness 1 UUID COMMITS`. A store that
/// is behind its witness, or is another store, was restored from a copy: its counters may have been used already (R3).
struct witness {
    std::string uuid;  ///< 32 hexadecimal digits
    std::uint64_t commits = 0;

    /// Nothing when there is none; `corrupt` when the file is not a witness.
    [[nodiscard]] static wire::result<std::optional<witness>> load(const std::string& path);
    /// Atomic and durable: a new file, fsync, rename, fsync of the folder.
    [[nodiscard]] wire::result<void> save(const std::string& path) const;
};

}  // namespace ota::store
