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
    /// TERMINAL PROFILE [TS 102 223, 5.2]: profile download, SMS-PP download; REFRESH, SEND SHORT MESSAGE, PROVIDE
    /// LOCAL INFORMATION, in octet 9 of the language, in octet 18 of the IMEISV.
    wire::octets profile = {0x03, 0x00, 0x80, 0x42, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0x40};
    /// Identifiers of the management objects that it makes use of; others stay on the card.
    std::vector<std::string> objects = {"urn:oma:mo:oma-dm-dmacc:1.0", "urn:oma:mo:oma-imps:1.0"};

    [[nodiscard]] bool knows(std::string_view id) const { return std::ranges::find(objects, id) != objects.end(); }
};

}  // namespace ota::sandbox
