#pragma once

#include "gateway/profile/gateway_settings.hpp"

namespace ota {

/// Reads `routes`; relative file names start at `folder`.
[[nodiscard]] std::vector<route_settings> read_routes(const config::node& list, const std::string& folder);

/// The file as it is opened: absolute as it stands, else below the folder.
[[nodiscard]] std::string below(const std::string& folder, const std::string& file);

}  // namespace ota
