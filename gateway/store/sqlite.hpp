#pragma once

#include "gateway/store/store.hpp"

namespace ota::store {

/// Sizes that were chosen by measurement (README.md); tests take small ones so that every path is walked.
struct sqlite_tuning {
    int page_size = 8192;                      ///< octets; of a new store only
    int checkpoint_pages = 4000;               ///< length of the write-ahead log that starts a checkpoint
    std::size_t held_back_entries = 1 << 16;   ///< an index in random order is written this many entries late
    std::int64_t in_place_cards = 1 << 18;     ///< a card in flight among the last this many is changed where it lies
    std::int64_t left_behind_cards = 1 << 16;  ///< rows left behind by cards that moved, beyond one per card
};

struct sqlite_options {
    std::string path;  ///< ":memory:" for tests and simulations
    std::size_t cache_bytes = 256u << 20;
    std::chrono::milliseconds busy_timeout{5000};
    bool exclusive = false;  ///< the running gateway: takes the lock file; a second one gets `locked`
    bool recover = false;    ///< accept a store older than its witness (only `otagw store recover`)
    sqlite_tuning tuning{};
};

/// Opens (and makes, or migrates) the store. Tools open it beside a running gateway (exclusive = false).
[[nodiscard]] wire::result<std::unique_ptr<store>> open_sqlite(const sqlite_options&);

}  // namespace ota::store
