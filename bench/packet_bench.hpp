#pragma once

#include "bench/figure.hpp"

#include <string>
#include <vector>

namespace ota::bench {

/// Secured packets of 80 octets of data per second of one core (thread CPU time). seconds: of each measurement. oracle:
/// command line of the Java library's driver (`java -cp ... Driver`), measured in the same run; empty when it is not at
/// hand.
[[nodiscard]] std::vector<figure> packet_figures(double seconds, const std::string& oracle = {});

}  // namespace ota::bench
