#pragma once

#include "gateway/profile/card_profile.hpp"
#include "sandbox/uicc/toolkit.hpp"

#include <optional>

namespace ota::sandbox {

/// What a mirror file of the profile holds for this terminal: the nodes of ./DevInfo or ./DevDetail that a card can
/// know of the device that it is in; the others are not there. Nothing when the object is another one, does not fit its
/// file, or the terminal has not told its IMEI.
///     DevInfo:   DevId IMEI:.., Mod TAC:.., Lang, Ext/TerminalProfile (bin)
///     DevDetail: DevTyp TAC:.., SwV (of the IMEISV)
[[nodiscard]] std::optional<wire::octets> mirror_image(const management_object_binding&, const terminal_facts&);

}  // namespace ota::sandbox
