#include "sandbox/uicc/segment_buffer.hpp"

#include <utility>

namespace ota::sandbox {

std::optional<segment_buffer::joined> segment_buffer::on_segment(const secure_channel::short_message& segment,
                                                                 std::size_t max_segments) {
    const auto& part = *segment.part;
    if (part.reference == 0 || part.sequence == 0 || part.sequence > part.total || part.total > max_segments)
        return std::nullopt;
    const auto reference = static_cast<std::uint32_t>(part.reference) | (part.wide ? 0x1'0000U : 0U);
    if (parts_.empty() || reference != reference_ || part.total != total_) {
        parts_.clear();
        kind_.reset();
        reference_ = reference;
        total_ = part.total;
    }
    if (part.sequence == 1) kind_ = segment.kind;
    parts_[part.sequence] = segment.payload;
    if (parts_.size() < total_) return std::nullopt;
    joined out{kind_, {}};
    for (const auto& [sequence, octets] : std::exchange(parts_, {}))
        out.packet.insert(out.packet.end(), octets.begin(), octets.end());
    return out;
}

}  // namespace ota::sandbox
