#pragma once

#include "gateway/cluster/member.hpp"
#include "gateway/dm/session_table.hpp"
#include "gateway/flow/corridor.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/profile/gateway_settings.hpp"

/// The settings as the rooms want them. Those of the routes: routes.hpp.
namespace ota::cli {

[[nodiscard]] ops::level level_of(log_level);
/// Events are copied for the log only as far as the log takes them.
[[nodiscard]] flow::corridor_settings corridor_settings_of(const gateway_settings&, std::uint16_t instance);
[[nodiscard]] dm::table_settings table_settings_of(const dm_settings&);
[[nodiscard]] std::vector<cluster::route_quota> quotas_of(const std::vector<route_settings>&);

}  // namespace ota::cli
