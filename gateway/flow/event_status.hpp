#pragma once

#include "gateway/store/store.hpp"
#include "queue/event.hpp"

namespace ota::flow {

/// The status of an event as its row says.
[[nodiscard]] queue::status_event status_of(const store::event_row&, store::wall_time at);

}  // namespace ota::flow
