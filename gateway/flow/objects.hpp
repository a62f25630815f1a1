#pragma once

#include "gateway/flow/intake.hpp"
#include "management-object/control_file.hpp"

/// Management objects in the twin. An object is one node of the twin, with the address of its topmost node; `desired`
/// and `reported` are images of its file. A change event on a node below it keeps its change beside it: the desired
/// image is always the confirmed one with the open changes applied in order, so that an event that ends otherwise takes
/// its change along. Events without a get between them share one image, that of the last of them (twin::version_of).
namespace ota::flow {

/// Takes in an event on a node of the object. Refuses what the description or DM 1.2 does not allow; what only the card
/// can tell waits until its file is known.
[[nodiscard]] verdict take_in_object(twin&, const card_profile&, const management_object_binding&,
                                     const queue::change_event&, open_event, wall_time now, effects&);
/// A deferred change whose time has come (R18).
[[nodiscard]] verdict admit_change(twin&, const card_profile&, open_event, effects&);

/// Makes the images of the node anew: its open events changed, or what is known of the card did. Ends events that
/// cannot be any more.
void refold(twin&, const card_profile&, std::uint16_t node, effects&);

/// The event puts the whole object anew, whatever the card holds.
[[nodiscard]] bool replaces_object(const open_event&);

/// An Exec on a node of an object: no packet, but a session of the card's device runs it. Until then the event is
/// deferred; its attempts tell how far it came.
struct session_exec {
    std::string node, format, type, value;
    wall_time not_before{};
};
inline constexpr std::uint8_t exec_sent = 1;      ///< R17: told to the device, at most once
inline constexpr std::uint8_t exec_accepted = 2;  ///< the device took it, its generic alert will tell the outcome
[[nodiscard]] std::optional<session_exec> exec_of(const twin&, const open_event&);

/// The answer to a get on a node of an object: its value, or why not. An image that is not whole yet is
/// `document_errc`.
[[nodiscard]] wire::result<std::string> value_for(const open_event&, wire::octet_view image);

}  // namespace ota::flow
