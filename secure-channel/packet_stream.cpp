#include "secure-channel/packet_stream.hpp"

#include "secure-channel/wire/ber_tlv.hpp"

namespace ota::secure_channel {

namespace {

/// Octets of tag and length together, as the first of the length tells; nothing for a coding that no packet has.
std::optional<std::size_t> octets_before_value(std::uint8_t first_of_length) noexcept {
    if (first_of_length < 0x80) return 2;
    if (first_of_length == 0x80 || first_of_length > 0x83) return std::nullopt;
    return 2 + (first_of_length & 0x0F);
}

}  // namespace

std::optional<packet_stream::kind> packet_stream::kind_of(std::uint8_t tag) const noexcept {
    if (tags_.identification && tag == *tags_.identification) return kind::identification;
    if (tag == tags_.command) return kind::command;
    if (tag == tags_.response) return kind::response;
    return std::nullopt;
}

wire::result<std::optional<packet_stream::packet>> packet_stream::next() {
    const auto rest = wire::octet_view(held_).subspan(taken_);
    if (rest.empty()) return std::optional<packet>();
    const auto is = kind_of(rest[0]);
    if (!is) return errc::unknown_stream_packet;
    if (rest.size() < 2) return std::optional<packet>();
    const auto before = octets_before_value(rest[1]);
    if (!before) return errc::bad_length;
    if (rest.size() < *before) return std::optional<packet>();
    wire::reader in(rest.subspan(1));
    const auto whole = *before + wire::read_ber_length(in);
    if (whole > longest_) return errc::too_long;
    if (rest.size() < whole) return std::optional<packet>();
    std::optional<packet> out(
        packet{*is, wire::octets(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(whole))});
    taken_ += whole;
    // Moved to the front only when half is waste: a burst of small packets costs no more than its octets.
    if (taken_ >= held_.size() - taken_) {
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;
    }
    return out;
}

}  // namespace ota::secure_channel
