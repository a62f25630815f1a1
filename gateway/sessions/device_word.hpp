#pragma once

#include "gateway/sessions/card_in_session.hpp"

/// What a device said of the card's objects, put down on the card; what was applied gets its later statuses.
namespace ota::sessions {

/// Types of the generic alerts by which a device tells of objects that its card brought; Source is the object or the
/// node.
inline constexpr std::string_view alert_declined = "org.example.dmsc.declined",
                                  alert_purged = "org.example.dmsc.purged", alert_drift = "org.example.dmsc.drift";

[[nodiscard]] std::string_view name_of(flow::device_word) noexcept;  ///< as the status says it: "incorporated", ...

/// The object, as the card was attested to hold it, is at the device (incorporated), the user refused it (declined), or
/// the device gave it up (purged). Every event of the object that is applied and for which this is new gets a later
/// status.
[[nodiscard]] wire::result<void> put_down(store::transaction&, card_in_session&, const management_object_binding&,
                                          flow::device_word, wall_time now);

/// Somebody edited a node at the device: counted and kept in the card's history. Nothing is written for it.
void put_down_drift(card_in_session&, const management_object_binding&, const std::string& node,
                    const std::string& device);

/// CRC-32 of the image that the card was attested to hold.
[[nodiscard]] std::uint32_t crc_of(const flow::node_state&);
/// A packet that may have written the object is under way: a device may have the desired content before the proof is
/// here.
[[nodiscard]] bool is_moving(const flow::twin&, const flow::node_state&) noexcept;
/// Is the device to be asked for the object: it is attested, and this device has not confirmed this image.
[[nodiscard]] bool is_unconfirmed(const flow::node_state&, bool other_device);

}  // namespace ota::sessions
