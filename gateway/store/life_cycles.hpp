#pragma once

#include <cstddef>
#include <filesystem>

namespace ota::store {

class store;

/// What the store alone can do: the ceiling of the gateway.
struct life_cycle_figures {
    double per_second = 0;      ///< events
    double cpu_us = 0;          ///< per event: user and system
    double import_seconds = 0;  ///< of all cards
    double resident = 0;        ///< MiB
};

/// Whole life cycles of events (look up, take in, submit, receipt, proof, status out, removed from the outbox) on
/// random distinct cards, with synchronous=FULL and the production schema, in a fresh store in `folder` that is removed
/// afterwards. Throws std::runtime_error when the store fails.
[[nodiscard]] life_cycle_figures run_life_cycles(std::size_t cards, double seconds,
                                                 const std::filesystem::path& folder);

/// The same in a store that is empty and stays the caller's.
[[nodiscard]] life_cycle_figures run_life_cycles(store&, std::size_t cards, double seconds);

}  // namespace ota::store
