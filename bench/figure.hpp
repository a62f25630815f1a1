#pragma once

#include <string>

namespace ota::bench {

/// One measured figure, and the limit or peer that stands beside it.
struct figure {
    std::string name;  ///< stable, such as `packets-sealed-aes`
    double value = 0;
    std::string unit;   ///< such as `packets/s`
    std::string limit;  ///< such as `>= 1200000`, or empty
};

}  // namespace ota::bench
