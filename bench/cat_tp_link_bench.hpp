#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// The connection machine of CAT_TP: PDUs per second of one core (thread CPU time), octets per link held, and goodput
/// over a line with a round trip of 100 ms on a virtual clock. seconds: of each measurement in real time.
[[nodiscard]] std::vector<figure> cat_tp_link_figures(double seconds);

}  // namespace ota::bench
