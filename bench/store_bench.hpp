#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// The store alone (gateway/store/life_cycles.hpp) at 10 thousand and 1 million cards, `seconds` each. The database
/// lies in $OTAGW_BENCH_DIR, or in build/bench.
[[nodiscard]] std::vector<figure> store_figures(double seconds);
/// The same on PostgreSQL, over one connection, with a server of its own on the same cores; `fsync` is on.
[[nodiscard]] std::vector<figure> postgres_figures(double seconds);

}  // namespace ota::bench
