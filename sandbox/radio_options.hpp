#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace ota::sandbox {

/// The data channels of terminals, and what befalls them. Shares are probabilities, 0 to 1.
struct radio_options {
    double share = 1;     ///< of the cards: their terminal opens channels
    double refusals = 0;  ///< of OPEN CHANNEL
    double cuts = 0;      ///< datagrams, in either direction, at which the link is cut
    double loss = 0;      ///< of datagrams, in either direction, as the next two
    double duplicates = 0;
    double reordering = 0;  ///< held back, so that later ones overtake them
    std::chrono::milliseconds reordering_delay{200};
    std::chrono::milliseconds delay_min{0}, delay_max{0};  ///< one way
};

struct radio_counts {
    std::uint64_t opened = 0;    ///< channels
    std::uint64_t refused = 0;   ///< by chance
    std::uint64_t beyond = 0;    ///< refused: they led to another machine
    std::uint64_t cut = 0;       ///< by chance
    std::uint64_t failed = 0;    ///< there was no socket, or the server closed a connection
    std::uint64_t sent = 0;      ///< datagrams, or pieces of a stream, handed to sockets
    std::uint64_t received = 0;  ///< handed to terminals
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;

    using entry = std::pair<std::string_view, std::uint64_t radio_counts::*>;
    static const std::array<entry, 10> names;  ///< in the order above
};

inline constexpr std::array<radio_counts::entry, 10> radio_counts::names{{
    {"opened", &radio_counts::opened},
    {"refused", &radio_counts::refused},
    {"beyond", &radio_counts::beyond},
    {"cut", &radio_counts::cut},
    {"failed", &radio_counts::failed},
    {"sent", &radio_counts::sent},
    {"received", &radio_counts::received},
    {"lost", &radio_counts::lost},
    {"duplicated", &radio_counts::duplicated},
    {"reordered", &radio_counts::reordered},
}};

}  // namespace ota::sandbox
