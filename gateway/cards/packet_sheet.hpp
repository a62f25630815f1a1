#pragma once

#include "gateway/cards/desk.hpp"
#include "gateway/flow/keyring.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What is recorded of the packets of a card (R2) while nobody knows for certain how they ended.
namespace ota::cards {

struct packet_sheet {
    std::string_view place;                          ///< "in-flight", "unknown" or "reserved"
    flow::packet packet;                             ///< with its octets
    std::vector<std::string> carries;                ///< of each flow::carried the node's URI
    std::vector<store::submission_row> submissions;  ///< of its segments
};

/// `errc::unknown_card`, `errc::unreadable_card`, or the store's error.
[[nodiscard]] wire::result<std::vector<packet_sheet>> packets_of(const desk&, const std::string& iccid);
/// One JSON object, without the octets.
[[nodiscard]] std::string serialize_packet(const packet_sheet&);
/// The card's keys, ready to use. `errc::unknown_card`, `errc::unreadable_card`, or the store's error.
[[nodiscard]] wire::result<flow::card_keys> keys_of(const desk&, const std::string& iccid);

}  // namespace ota::cards
