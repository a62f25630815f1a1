#pragma once

#include "secure-channel/short_message.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace ota::sandbox {

/// The card's one buffer for a concatenated message: a segment of another message takes its place. Segments may come in
/// any order and more than once; reference 0 is swallowed without a word, as some cards do.
class segment_buffer {
public:
    struct joined {
        std::optional<secure_channel::packet_kind> kind;  ///< from segment 1, the only one that says it
        wire::octets packet;
    };
    [[nodiscard]] std::optional<joined> on_segment(const secure_channel::short_message&, std::size_t max_segments);
    [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }

private:
    std::uint32_t reference_ = 0;  ///< bit 16 set for a 16-bit one
    std::uint8_t total_ = 0;
    std::optional<secure_channel::packet_kind> kind_;
    std::map<std::uint8_t, wire::octets> parts_;
};

}  // namespace ota::sandbox
