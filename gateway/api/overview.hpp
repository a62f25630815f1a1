#pragma once

#include "gateway/api/activity.hpp"
#include "gateway/cards/commands.hpp"
#include "gateway/cards/desk.hpp"
#include "gateway/smpp/route_status.hpp"

#include <functional>
#include <string>

namespace ota::api {

/// Of data channels.
struct channel_figures {
    std::size_t links = 0;  ///< open now
    std::uint64_t opened = 0, set_up_failed = 0, packets_in = 0, packets_out = 0, refused = 0;
};

/// What the overview is made of. It outlives the book.
struct overview_parts {
    std::uint16_t instance = 0;
    std::string version;
    store::wall_time started_at{};
    const cards::desk& desk;
    const activity& did;
    std::function<cards::gateway_voice()> voice;  ///< what /readyz says
    std::function<flow::corridor_status()> flow;
    std::function<std::vector<smpp::route_status>()> routes;
    std::function<channel_figures()> channels;  ///< empty: there are no data channels
    std::function<std::optional<std::int64_t>()> oldest_unreconciled_s;  ///< age of the oldest open event; may be empty
};

}  // namespace ota::api
