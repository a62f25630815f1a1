#pragma once

#include "gateway/profile/card_profile.hpp"

#include <memory>

namespace ota::sandbox {

/// A USIM with AES keys, for a start without any file.
[[nodiscard]] std::shared_ptr<const card_profile> demo_profile();

}  // namespace ota::sandbox
