#pragma once

#include "gateway/flow/plan.hpp"
#include "management-object/elementary_file.hpp"

#include <functional>
#include <optional>
#include <vector>

/// What planned packets write, and the short messages that they take.
namespace ota::object_tool {

/// What one command, or a chain of them, writes.
struct written_range {
    std::uint16_t file = 0;
    std::size_t offset = 0;            ///< of a transparent file
    std::size_t length = 0;            ///< octets of content
    std::optional<std::uint16_t> tag;  ///< of an object of a BER-TLV file, in place of the offset
    bool deleted = false;              ///< the object goes
    bool operator==(const written_range&) const = default;
};

struct script_packet {
    std::vector<wire::octets> commands;
    wire::octets script;       ///< secured data of the packet
    std::size_t messages = 0;  ///< short messages
};

struct script_cost {
    std::vector<written_range> ranges;  ///< in the order in which they are written; none when nothing is to do
    std::vector<script_packet> packets;
    [[nodiscard]] std::size_t octets() const noexcept;
    [[nodiscard]] std::size_t messages() const noexcept;
};

/// Octets of script that a packet in so many short messages carries.
[[nodiscard]] std::size_t capacity_of(const card_profile&, std::size_t messages, std::uint8_t mac_length) noexcept;
/// Messages that one packet with a script of this length takes; 0: it would not fit the profile's longest packet.
[[nodiscard]] std::size_t messages_of(const card_profile&, std::size_t length, std::uint8_t mac_length) noexcept;

/// mac_length: octets of the cryptographic checksum. The errors of secure_channel::serialize_script.
[[nodiscard]] wire::result<script_cost> cost_of(const card_profile&, std::vector<flow::planned_packet>,
                                                std::uint8_t mac_length = 8);

}  // namespace ota::object_tool
