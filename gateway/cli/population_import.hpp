#pragma once

#include "gateway/profile/gateway_settings.hpp"
#include "sandbox/population.hpp"

#include <functional>
#include <string>

namespace ota::cli {

/// Imports simulated cards into the store of these settings, as `otagw cards import` would. Makes store and
/// key-encryption key when there are none. The keys pass through memory only.
[[nodiscard]] bool import_population(const gateway_settings&, const sandbox::population&, std::string& why,
                                     const std::function<bool()>& stopped = {});

}  // namespace ota::cli
