#pragma once

#include "gateway/profile/gateway_settings.hpp"
#include "gateway/smpp/client_settings.hpp"

namespace ota::cli {

/// The routes as the SMPP client wants them.
[[nodiscard]] smpp::client_settings client_settings_of(const std::vector<route_settings>&);

}  // namespace ota::cli
