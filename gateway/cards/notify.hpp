#pragma once

#include "gateway/cards/commands.hpp"
#include "gateway/cards/desk.hpp"
#include "gateway/sessions/notify_order.hpp"

/// `otagw cards notify`: has the device of a card call the DM server, by package 0 in a short message
/// (gateway/sessions/notifier).
namespace ota::cards {

/// Leaves the order in the store; a running gateway sends it within a second or two. An earlier one of the card gives
/// way. `errc::no_number`, `errc::no_account`, `errc::card_is_replaced`, `errc::unknown_card`.
[[nodiscard]] wire::result<void> ask_to_notify(const desk&, const std::string& iccid, const sessions::notify_order&);
/// The card's last order and what came of it.
[[nodiscard]] wire::result<std::optional<sessions::notify_order>> look_at_notification(const desk&,
                                                                                       const std::string& iccid);

struct notify_call {
    std::uint32_t session_id = 0;  ///< 0: a random one
    std::string ui = "none";       ///< none, background, informative, user
    std::string by = "server";     ///< server, user
    bool last = false, json = false;
    unsigned wait = 60;         ///< seconds
    unsigned life = 24 * 3600;  ///< seconds
};

/// Exit code: 0 the device called (or, with --wait 0, the order was given), 1 it did not, or nothing could be sent.
[[nodiscard]] int perform_notify(const notify_call&, const std::string& iccid, streams, const desk&);

}  // namespace ota::cards
