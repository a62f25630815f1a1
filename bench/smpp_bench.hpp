#pragma once

#include "bench/figure.hpp"

#include <vector>

namespace ota::bench {

/// The SMPP client: submits a second to our own SMSC at window 100, and its CPU per submit beside the npm `smpp`
/// client's, both against the same npm server, at windows 1, 10 and 100. Each run takes about `seconds`. Needs node and
/// npm; when they are missing the figures compared with them say so in their limit.
[[nodiscard]] std::vector<figure> smpp_figures(double seconds);

}  // namespace ota::bench
