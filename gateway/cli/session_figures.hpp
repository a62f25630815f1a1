#pragma once

#include "gateway/http/dm_sessions.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/sessions/device_sessions.hpp"

namespace ota::cli {

/// Brings the counts of DM sessions up to date at each scrape; both outlive the last one.
void refresh_from(ops::metrics&, const sessions::device_sessions&, http::dm_sessions&);
/// A line without names, values or nonces (R24).
void tell(ops::log&, const sessions::note&);

}  // namespace ota::cli
