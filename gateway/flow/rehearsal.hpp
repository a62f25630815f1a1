#pragma once

#include "gateway/flow/plan.hpp"
#include "management-object/control_file.hpp"

/// What the corridor would send: its own plan, on a twin made for the purpose. For tools, benchmarks and tests; nothing
/// is reserved, sealed or sent.
namespace ota::flow {

/// What is known of a card's object.
struct known_object {
    wire::octets image;  ///< attested by the control file
    wire::octets spare;  ///< of the other file of a pair; empty: nobody knows
    management_object::control_file control;
};

class rehearsal {
public:
    /// `command_not_allowed` for a mirror, `not_found` when the control file does not have the object.
    [[nodiscard]] static wire::result<rehearsal> of(const card_profile&, const management_object_binding&, known_object,
                                                    std::uint8_t mac_length);

    /// From now on the object is written anew, as if its octets were not known.
    void forget(const wire::octets& next);
    /// The packets that bring the object to this image, each answered 9000 before the next one is planned. None:
    /// nothing is to do. `size_mismatch` when the image is not as large as the file, `not_executed` when something has
    /// to be read before, `too_long` (secure-channel) when a part that has to stay together fits no packet.
    [[nodiscard]] wire::result<std::vector<planned_packet>> to(const wire::octets& next);

private:
    rehearsal(const card_profile& p, const management_object_binding& o, std::uint8_t m)
        : profile_(&p), object_(&o), mac_length_(m) {}
    [[nodiscard]] node_state& node() { return twin_.nodes[twin_.node_index(object_->uri, false)]; }

    const card_profile* profile_;
    const management_object_binding* object_;
    std::uint8_t mac_length_;
    twin twin_;
};

/// What a change event would do to a card.
struct rehearsed_event {
    verdict said;                         ///< at intake
    std::vector<planned_packet> packets;  ///< until it is applied; none when it needs none
    bool reads_first = false;  ///< the card has to be asked what it holds: more packets follow than are listed
};
/// What is under way on the card is left out of account.
[[nodiscard]] rehearsed_event rehearse(twin, const card_profile&, const queue::change_event&, std::uint8_t mac_length,
                                       wall_time now);

}  // namespace ota::flow
