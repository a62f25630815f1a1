#pragma once

#include "sandbox/uicc/apdu.hpp"
#include "sandbox/uicc/channel_objects.hpp"
#include "sandbox/uicc/file_session.hpp"
#include "secure-channel/cat_tp/link.hpp"

#include <deque>

namespace ota::sandbox {

/// What a card can do with a data channel. A card keeps one.
struct bearer_settings {
    std::uint16_t buffer_size = 1400;  ///< asked of the terminal when the server does not say
    std::uint16_t largest_sdu = 8192;  ///< announced; the server may ask for less
    std::uint8_t window = 10;
    std::chrono::milliseconds patience{60'000};  ///< for a link to be asked for on an open channel, and for work on a link
};

/// A PUSH [TS 102 226, 9] on its way through a card: what it asks the terminal for, and the link over the channel. A machine:
/// PUSH, responses, events and time come in; commands for the terminal and SDUs go out.
class data_bearer {
public:
    using time_point = cat_tp::time_point;

    /// iccid: the image of EF(ICCID), which identifies the card unless the server says otherwise.
    data_bearer(const bearer_settings&, wire::octets iccid) : settings_(settings), iccid_(std::move(iccid)) {}
    data_bearer(const bearer_settings&&, wire::octets) = delete;

    /// 80 EC: 9000 when it is taken. able: the terminal can open channels. chance: whatever is drawn by lot follows from it.
    [[nodiscard]] apdu_answer on_push(const apdu&, bool able, std::uint64_t chance, time_point now);
};

}  // namespace ota::sandbox
