#pragma once

#include "config/settings.hpp"
#include "gateway/profile/card_profile.hpp"

namespace ota {

/// Reads a list of card profiles (`profiles:`) and adds them to `into`. Everything wrong is told through the settings'
/// faults, all at once; a profile with an error is added all the same, so that references to it do not fail too.
/// The shape is described in config/README.md and shown in config/profiles/.
void load_profiles(const config::node& list, profile_set& into);

}  // namespace ota
