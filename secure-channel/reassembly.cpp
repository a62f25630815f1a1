#include "secure-channel/short_message.hpp"

#include <algorithm>

namespace ota::secure_channel {

namespace {

/// The joined packet of a complete group, its parts in order of their sequence numbers.
wire::result<std::optional<reassembly::joined>> join(std::map<std::uint8_t, wire::octets> parts) {
    reassembly::joined out{};
    bool identified = false;
    for (auto& [sequence, user_data] : parts) {
        OTA_TRY(auto segment, parse_short_message(user_data));
        if (segment.kind && !identified) {
            out.kind = *segment.kind;
            identified = true;
        }
        out.packet.insert(out.packet.end(), segment.payload.begin(), segment.payload.end());
        if (sequence == 1) out.first_segment = std::move(user_data);
    }
    if (!identified) return errc::no_packet_identifier;
    return out;
}

}  // namespace

reassembly::group& reassembly::open_group(const key& k, std::uint8_t total, std::int64_t now_ms) {
    if (groups_.size() >= max_groups_ && !groups_.empty()) close_group(groups_.find(by_age_.begin()->second));
    by_age_.emplace(now_ms, k);
    return groups_.emplace(k, group{total, now_ms, {}}).first->second;
}

void reassembly::close_group(groups_by_key::iterator at) {
    by_age_.erase({at->second.since, at->first});
    groups_.erase(at);
}

wire::result<std::optional<reassembly::joined>> reassembly::on_segment(const std::string& sender,
                                                                       wire::octet_view user_data,
                                                                       std::int64_t now_ms) {
    OTA_TRY(auto segment, parse_short_message(user_data));
    wire::octets whole(user_data.begin(), user_data.end());
    if (!segment.part || segment.part->total == 1) {
        if (!segment.kind) return errc::no_packet_identifier;
        return joined{*segment.kind, std::move(whole), std::move(segment.payload)};
    }
    const auto& part = *segment.part;
    const key k{sender, part.reference | (part.wide ? 0x1'0000u : 0u)};
    auto at = groups_.find(k);
    if (at != groups_.end()) {
        const auto& parts = at->second.parts;
        const auto same = parts.find(part.sequence);
        // A reference that is used again: what is there belongs to a message that will never be whole.
        const bool contradicts = at->second.total != part.total || (same != parts.end() && same->second != whole);
        if (contradicts) {
            close_group(at);
            at = groups_.end();
        }
    }
    auto& gathered = at != groups_.end() ? at->second : open_group(k, part.total, now_ms);
    gathered.parts.emplace(part.sequence, std::move(whole));
    if (gathered.parts.size() < gathered.total) return std::optional<joined>{};
    auto parts = std::move(gathered.parts);
    close_group(groups_.find(k));
    return join(std::move(parts));
}

std::size_t reassembly::expire(std::int64_t older_than_ms) {
    std::size_t gone = 0;
    while (!by_age_.empty() && by_age_.begin()->first < older_than_ms) {
        close_group(groups_.find(by_age_.begin()->second));
        ++gone;
    }
    return gone;
}

}  // namespace ota::secure_channel
