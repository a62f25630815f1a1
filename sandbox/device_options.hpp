#pragma once

#include "sandbox/device/connection_plan.hpp"

namespace ota::sandbox {

/// The devices that the cards are in, and the people who hold them.
struct device_options {
    double share = 0;                                   ///< of the cards; the others answer the network by themselves
    double refusals = 0;                                ///< users who refuse whatever they are asked
    double late_answers = 0;                            ///< users who answer later
    std::chrono::milliseconds answer_delay{500};        ///< how much later
    unsigned connections = 32;                          ///< to DM servers, of all devices together
    std::chrono::milliseconds server_patience{10'000};  ///< for one message of a session
    retry_rule retry;
};

}  // namespace ota::sandbox
