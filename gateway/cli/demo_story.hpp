#pragma once

#include "queue/event.hpp"
#include "sandbox/population.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ota {
struct card_profile;
}

namespace ota::cli {

/// Change events, some of which are published only when another one is final.
struct demo_story {
    std::vector<queue::change_event> at_once;
    std::unordered_map<std::string, std::vector<queue::change_event>> after;  ///< by the id of the event before

    [[nodiscard]] std::size_t size() const;
    /// Of all events, in the order in which those of one card are published.
    void for_each(const std::function<void(const queue::change_event&)>&) const;
};

struct service_settings {
    double accounts = 0.25;                           ///< share of the cards that get an account of the DM server
    std::string dm_address;                           ///< http://127.0.0.1:8080/dm; empty: no card gets one
    std::string server_id;                            ///< of the DM server
    std::function<wire::octets(std::size_t)> random;  ///< octets, for secrets
    std::string run;                                  ///< makes the events' ids unique
};

/// What the demo changes on a card that has management objects: new servers for mail and instant messaging. A share of
/// the cards gets an account first, with secrets of its own; there each change waits for the one before, so that the
/// device tells of each. Adds to the story; objects that the profile does not have are left out.
void add_services(demo_story&, const sandbox::population&, const card_profile&, const service_settings&);

/// The profile as the demo's cards have it: they come without an account, and a device that took a service over tells
/// it.
void prepare_for_demo(card_profile&);

}  // namespace ota::cli
