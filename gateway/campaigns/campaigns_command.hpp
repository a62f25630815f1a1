#pragma once

#include "gateway/cards/commands.hpp"

/// `otagw campaigns create|list|show|report|cards|pause|resume|cancel|forget`: works on the store, beside a running
/// gateway, which drives the campaigns.
namespace ota::campaigns {

[[nodiscard]] int run_campaigns(const cards::arguments&, cards::streams, const cards::surroundings&);

}  // namespace ota::campaigns
