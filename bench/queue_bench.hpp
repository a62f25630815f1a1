#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// Events read and written, and the durable local log in batches of 1000. seconds: of each measurement.
[[nodiscard]] std::vector<figure> queue_figures(double seconds);

}  // namespace ota::bench
