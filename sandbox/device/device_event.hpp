#pragma once

#include "management-object/uri.hpp"

#include <cstdint>
#include <string>

namespace ota::sandbox {

/// What befell a device, for a journal and a verdict.
struct device_event {
    enum class kind : std::uint8_t {
        incorporated,      ///< the device's tree holds this generation of the object
        declined,          ///< the user said no; told once for a content
        deferred,          ///< the user has not answered yet
        purged,            ///< detail: card-removed, card-changed, inactive, left, moved, unsupported
        kept_old_copy,     ///< the card's object is torn; what was taken over stays
        absent,            ///< the card's object is torn and there is no copy
        unsupported,       ///< no object of a kind that the device knows
        place_taken,       ///< the tree holds something of another origin there
        unreadable,        ///< whole, but no management object
        drift,             ///< a node of the card's was edited at the device
        session_started,   ///< detail: the server's address
        session_finished,  ///< detail: how
        session_failed,    ///< detail: how
        given_up,          ///< it failed as often as the device tries
        card_silent,       ///< the card does not answer: it was switched off and on
    };
    kind what{};
    std::string card;           ///< ICCID
    management_object::uri at;  ///< the object or node; of an account for sessions; the root when it is not known
    std::string label;          ///< of the object in the card's directory
    std::uint16_t generation = 0;
    std::string detail;
};

/// Types of the generic alerts (1226) by which the device tells the server; Source is the object or node, Data its
/// generation.
namespace alert_type {
inline constexpr std::string_view drift = "org.example.dmsc.drift", declined = "org.example.dmsc.declined",
                                  purged = "org.example.dmsc.purged";
}

}  // namespace ota::sandbox
