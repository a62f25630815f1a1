#pragma once

#include "secure-channel/errc.hpp"
#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// User data of a short message: header elements in any order, concatenation split and join [TS 23.040, 9.2.3.24].
namespace ota::secure_channel {

inline constexpr std::size_t user_data_limit = 140;  ///< octets of user data in one SMS, header included

enum class packet_kind : std::uint8_t { command = 0x70, response = 0x71 };

struct concatenation {
    std::uint16_t reference = 0;
    bool wide = false;  ///< 16-bit reference (IEI 08) instead of 8-bit (IEI 00)
    std::uint8_t total = 1;
    std::uint8_t sequence = 1;  ///< from 1
};

/// One short message's user data, taken apart. Of an element that comes twice the last counts; a concatenation element
/// whose numbers cannot be is ignored, as TS 23.040 asks.
struct short_message {
    std::optional<packet_kind> kind;  ///< the packet identifier element, which only the first segment carries
    std::optional<concatenation> part;
    wire::octets header;   ///< the UDH as received, UDHL included
    wire::octets payload;  ///< after the UDH
};

/// Refuses empty user data (some gateways deliver it with the UDH indicator set) and headers that go beyond the octets.
[[nodiscard]] wire::result<short_message> parse_short_message(wire::octet_view user_data);

/// Cuts a packet (from CPL or RPL on) into user data, each at most 140 octets. One piece carries no concatenation
/// element. `reference` 0 is refused (cards swallow it), and one above 255 unless `wide` selects the 16-bit element:
/// `errc::bad_reference`. `too_long` beyond 255 segments.
[[nodiscard]] wire::result<std::vector<wire::octets>> split_packet(wire::octet_view packet, packet_kind,
                                                                   std::uint16_t reference, bool wide = false);
/// Octets of packet that n segments carry: 137, 266, 400, 534, ... (8-bit reference).
[[nodiscard]] std::size_t segments_capacity(std::size_t segments, bool wide = false) noexcept;
[[nodiscard]] std::size_t segments_needed(std::size_t packet_length, bool wide = false) noexcept;

/// Joins segments of one sender. A machine: no clock. Duplicates and any order are accepted; a segment that contradicts
/// its group (another total, other octets under the same number) starts the group anew.
class reassembly {
public:
    struct joined {
        packet_kind kind;
        wire::octets first_segment;  ///< user data of segment 1, or of the whole message
        wire::octets packet;
    };
    /// max_groups: unfinished groups kept over all senders; the oldest is dropped beyond it.
    explicit reassembly(std::size_t max_groups = 10'000) : max_groups_(max_groups) {}

    /// The whole packet once its last missing segment arrives; nothing before. `errc::no_packet_identifier` when
    /// neither the message nor segment 1 of its group says what it carries.
    [[nodiscard]] wire::result<std::optional<joined>> on_segment(const std::string& sender, wire::octet_view user_data,
                                                                 std::int64_t now_ms);
    /// Forgets groups whose first segment is older. Returns how many.
    std::size_t expire(std::int64_t older_than_ms);
    [[nodiscard]] std::size_t groups() const noexcept { return groups_.size(); }

private:
    struct group {
        std::uint8_t total = 0;
        std::int64_t since = 0;
        std::map<std::uint8_t, wire::octets> parts;  ///< user data by sequence number
    };
    struct key {
        std::string sender;
        std::uint32_t reference;  ///< with bit 16 set for wide ones
        auto operator<=>(const key&) const = default;
    };
    using groups_by_key = std::map<key, group>;
    group& open_group(const key&, std::uint8_t total, std::int64_t now_ms);
    void close_group(groups_by_key::iterator);

    std::size_t max_groups_;
    groups_by_key groups_;
    std::set<std::pair<std::int64_t, key>> by_age_;
};

}  // namespace ota::secure_channel
