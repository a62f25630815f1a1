#pragma once

#include "secure-channel/packet_frame.hpp"

#include <optional>

namespace ota::secure_channel {

/// What packets of a TCP stream begin with. The identification packet's tag is left open by what is public, and so has
/// no default: without one, such a packet ends the stream like any other unknown one.
struct stream_tags {
    std::uint8_t command = command_identifier;
    std::uint8_t response = response_identifier;
    std::optional<std::uint8_t> identification;
};

/// Cuts a TCP stream of packets, each `| tag 1 | length in BER | octets |`, into whole ones.
class packet_stream {
public:
    enum class kind : std::uint8_t { command, response, identification };
    struct packet {
        kind is = kind::command;
        wire::octets octets;  ///< the whole packet, tag and length included
    };

    /// longest: octets of a whole packet; one that announces more is refused before its octets are kept.
    packet_stream(const stream_tags& tags, std::size_t longest) : tags_(tags), longest_(longest) {}

    void on_octets(wire::octet_view received) { held_.insert(held_.end(), received.begin(), received.end()); }

    /// The next whole packet; nothing while its end has not come. An error is for good: the stream cannot be followed
    /// past it.
    [[nodiscard]] wire::result<std::optional<packet>> next();
    /// Octets have come that were not given away: after `next` gave nothing, the beginning of a packet.
    [[nodiscard]] bool holds_part() const noexcept { return held_.size() > taken_; }

private:
    [[nodiscard]] std::optional<kind> kind_of(std::uint8_t tag) const noexcept;

    stream_tags tags_;
    std::size_t longest_;
    wire::octets held_;
    std::size_t taken_ = 0;  ///< octets at the front of held_ that were given away
};

}  // namespace ota::secure_channel
