#pragma once

#include "queue/event.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ota::queue {

/// Where one node of one card stands, type `dm.card.state.v1` on the compacted topic `dm.card.state`. No values:
/// versions, and hashes of images. Schema: docs/schemas/dm.card.state.v1.json.
struct card_state {
    struct image {
        std::int64_t version = 0;  ///< grows with each change event that the gateway takes in
        std::string hash;          ///< SHA-256 in hexadecimal digits; empty when the node holds secrets
    };
    std::int64_t number = 0;  ///< of this message: grows
    std::string iccid;
    std::string node;
    std::string state;   ///< in-sync, pending, blocked or unmanaged
    std::string reason;  ///< reason code of a blocked node
    std::optional<image> desired, reported;
    std::optional<std::int64_t> revision;  ///< of the newest change that had one
    std::string device;                    ///< incorporated, declined, purged; empty: no word yet
    std::optional<wall_time> device_at;
    wall_time at{};
};
[[nodiscard]] std::string serialize_card_state(const card_state&);

/// The record's key: ICCID/URI of the node without the leading "./".
[[nodiscard]] std::string key_of(const card_state&);

}  // namespace ota::queue
