#pragma once

#include "gateway/profile/gateway_settings.hpp"

namespace ota {

/// What a reload finds when it compares the settings that run with those of the file.
struct settings_difference {
    std::vector<std::string> fixed;    ///< by name: what no running gateway takes over
    std::vector<std::string> changed;  ///< a phrase each, never a value: "route a: rate, window", "profile p: added"
};
[[nodiscard]] settings_difference difference_between(const gateway_settings& running, const gateway_settings& fresh);

/// CAT_TP ports that profiles ask their cards to come to: the server of data channels knows them from its start.
[[nodiscard]] std::vector<std::uint16_t> cat_tp_ports(const profile_set&);

}  // namespace ota
