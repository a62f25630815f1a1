#pragma once

#include "gateway/cards/json.hpp"
#include "gateway/smpp/route_status.hpp"
#include "gateway/store/store.hpp"

namespace ota::api {

/// A route as an operator sees it, as one JSON object.
void put_route(cards::json_writer&, const smpp::route_status&, store::wall_time now);

}  // namespace ota::api
