#pragma once

#include "gateway/profile/gateway_settings.hpp"

#include <chrono>
#include <iosfwd>

namespace ota::cli {

struct accept_call {
    bool force = false;  ///< also where records were not taken in, or the store is behind its group
    std::chrono::milliseconds patience{15'000};
};

/// `otagw topics accept`: the store goes on with dm.mo.changes as it is now. A topic with more partitions keeps its
/// positions; one that was made anew is read from its start. Refused while something would be lost or come out of
/// order, with what and why, unless forced; and while the group has members. Tells what it did; the exit code.
[[nodiscard]] int accept_topic(const gateway_settings&, const accept_call&, std::ostream& out, std::ostream& err);

}  // namespace ota::cli
