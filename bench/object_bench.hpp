#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// Changes of nodes of management objects as patches, per second of one core (thread CPU time), and short messages per
/// change: of a slotted file, of the shortest file rewritten, of a BER-TLV file, and of a pair of slotted files.
/// seconds: of the measurement.
[[nodiscard]] std::vector<figure> object_figures(double seconds);

}  // namespace ota::bench
