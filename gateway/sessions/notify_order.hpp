#pragma once

#include "gateway/dm/notification.hpp"
#include "gateway/store/store.hpp"

/// An operator's order that a card's device shall call: package 0 by short message. It lies in the store under the
/// card's ICCID: the tools give it, the running gateway sends it and says what came of it.
namespace ota::sessions {

using store::wall_time;

struct notify_order {
    enum class phase : std::uint8_t {
        asked,    ///< to be sent
        sending,  ///< given to a route; sent again, octet for octet, when nobody says what came of it
        sent,     ///< the SMSC took it
        called,   ///< the device began the session
        failed,
    };
    phase is = phase::asked;
    std::uint16_t session_id = 0;
    dm::ui_mode ui = dm::ui_mode::not_specified;
    dm::initiator by = dm::initiator::server;
    wall_time until{};   ///< it is of no use any more; the end of the message's validity too
    wall_time at{};      ///< since when it is so
    std::string detail;  ///< route and message id, or why it failed
    bool operator==(const notify_order&) const = default;
};

[[nodiscard]] std::string_view name_of(notify_order::phase) noexcept;  ///< "asked", "sending", ...

/// As the store keeps it: phase session ui initiator until at detail. Nothing: not of this form.
[[nodiscard]] std::string serialize(const notify_order&);
[[nodiscard]] std::optional<notify_order> parse_notify_order(std::string_view);

/// The last order of the card. Errors: the store's.
[[nodiscard]] wire::result<std::optional<notify_order>> find_notify_order(store::transaction&,
                                                                          const std::string& iccid);
/// One that is asked or sending is due: `due_notify_orders` lists its card. An earlier order of the card gives way.
[[nodiscard]] wire::result<void> save_notify_order(store::transaction&, const std::string& iccid, const notify_order&);
/// The card is forgotten.
[[nodiscard]] wire::result<void> forget_notify_order(store::transaction&, const std::string& iccid);
/// ICCIDs.
[[nodiscard]] wire::result<std::vector<std::string>> due_notify_orders(store::transaction&);

/// The device began a session that it was asked for, with this SessionID. true: it was the order's, which is written.
[[nodiscard]] wire::result<bool> on_called(store::transaction&, const std::string& iccid, std::string_view session_id,
                                           wall_time now);

}  // namespace ota::sessions
