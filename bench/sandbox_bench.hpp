#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// What the simulated cards cost beside the gateway: time per packet (opened, run, answered, written into the journal)
/// with AES and 3DES keys, and octets per card, idle and after one update. Each run takes about `seconds`.
[[nodiscard]] std::vector<figure> sandbox_figures(double seconds);

}  // namespace ota::bench
