#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// CAT_TP per second of one core (thread CPU time). seconds: of each measurement.
[[nodiscard]] std::vector<figure> cat_tp_figures(double seconds);

}  // namespace ota::bench
