#pragma once

#include "secure-channel/cat_tp/link.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace ota::bip {

struct exchange_settings {
    cat_tp::link_settings link;
    std::vector<std::uint16_t> ports;  ///< CAT_TP ports that cards are sent to
    std::size_t max_links = 10'000;    ///< records of connections, those that end included
    std::size_t half_open = 1000;      ///< of these, being set up
    std::size_t per_source = 2000;     ///< of one address
    unsigned answers = 200;            ///< a second, to who shows no identification of ours
    unsigned answers_per_source = 10;
    /// How long the old address of a link has for a sign of life when another one claims the link.
    std::chrono::milliseconds grace{3000};
    unsigned unasked_packets = 16;  ///< packets from a card beyond two for each of ours: more is a flood
};

}  // namespace ota::bip
