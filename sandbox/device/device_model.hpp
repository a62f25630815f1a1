#pragma once

#include "secure-channel/wire/octets.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace ota::sandbox {

/// What all devices of one model share, and what makes one of them: the IMEI.
struct device_model {
    std::string imei;  ///< 15 digits
    std::string maker, model;
    std::string language = "en";          ///< ISO 639, two letters
    std::string software_version = "01";  ///< of the IMEISV, two digits
    /// TERMINAL PROFILE: profile download and SMS-PP download; SEND SHORT MESSAGE, REFRESH, PROVIDE LOCAL INFORMATION.
    wire::octets profile = {0x03, 0x00, 0x82, 0x40};
    /// Identifiers of the management objects that it makes use of; others stay on the card.
    std::vector<std::string> objects = {"urn:oma:mo:oma-dm-dmacc:1.0", "urn:oma:mo:oma-imps:1.0"};

    [[nodiscard]] bool knows(std::string_view id) const { return std::ranges::find(objects, id) != objects.end(); }
};

}  // namespace ota::sandbox
