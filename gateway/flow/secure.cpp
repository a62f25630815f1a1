#include "gateway/flow/secure.hpp"

#include "gateway/flow/channel.hpp"
#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/short_message.hpp"

#include <algorithm>

namespace ota::flow {

using secure_channel::counter_mode;

namespace {

constexpr auto first_check = std::chrono::seconds(30);

/// R3: never used for two packets, never lowered.
void reserve(twin& t, std::uint32_t key, std::uint64_t cntr) {
    t.pending_leap = 0;
    if (!sabotaged(sabotage::counter_not_stored)) counter_of(t, key).last = cntr;
}

/// Reference 0 is swallowed by cards (facts of the field); 8 bits unless the profile is wide.
std::uint16_t next_reference(twin& t, bool wide) noexcept {
    const std::uint16_t highest = wide ? 0xFFFF : 0xFF;
    if (t.next_reference == 0 || t.next_reference > highest) t.next_reference = 1;
    return t.next_reference++;
}

wall_time validity_end(const twin& t, const card_profile& profile, wall_time now) {
    const auto longest = now + profile.validity;
    const auto end = end_of_life(t, *t.in_flight);  // R18: never beyond the life of what the packet carries
    return end && *end > now ? std::min(longest, *end) : longest;
}

}  // namespace

std::uint32_t counter_key_of(const card_profile& profile, std::uint8_t key_version,
                             secure_channel::toolkit_reference tar) noexcept {
    if (profile.scope == counter_scope::key_version) return key_version;
    return 1u << 24 | std::uint32_t{tar.octets[0]} << 16 | std::uint32_t{tar.octets[1]} << 8 | tar.octets[2];
}

counter_state& counter_of(twin& t, std::uint32_t key) {
    for (auto& c : t.counters) {
        if (c.key == key) return c;
    }
    t.counters.push_back({key, 0});
    return t.counters.back();
}

void send_segments(twin& t, const card_profile& profile, const card_identity& card, std::uint32_t mask, wall_time now,
                   effects& out) {
    auto& p = *t.in_flight;
    if (sabotaged(sabotage::fresh_counter_on_repeat) && p.sendings > 0) p.sealed.back() ^= 1;
    auto parts = secure_channel::split_packet(p.sealed, secure_channel::packet_kind::command, p.reference, p.wide);
    if (!parts) return;  // it was split before it was recorded
    const auto end = validity_end(t, profile, now);
    for (std::size_t i = 0; i < parts.value().size(); ++i) {
        if ((mask >> i & 1) == 0) continue;
        bearer::submission s;
        s.id = {p.id, card.id, static_cast<std::uint8_t>(i), p.sendings};
        s.destination = p.destination;
        s.user_data = std::move(parts.value()[i]);
        s.expires = end;
        s.priority = p.priority;
        out.send.push_back(std::move(s));
    }
    if (p.sendings < 255) ++p.sendings;
    p.retry &= ~mask;
    p.sent_at = now;
    p.check_at = now + std::min<std::chrono::milliseconds>(first_check, profile.answer_timeout);
    p.closes_at = std::max(p.closes_at, end + profile.validity_margin);  // R6
}

bool secure(twin& t, const card_profile& profile, const card_keys& keys, const card_identity& card, planned_packet plan,
            std::int64_t packet_id, wall_time now, effects& out) {
    if (keys.sets.empty()) {
        quarantine(t, reason::no_keys, out);
        return false;
    }
    const auto& key = keys.sets.front();
    const auto& application = profile.applications[plan.application];
    const auto kvn = static_cast<std::uint8_t>(key.version << 4);
    secure_channel::command_header header;
    header.spi = profile.spi;
    header.kic.octet = kvn | profile.kic_algorithm;
    header.kid.octet = kvn | profile.kid_algorithm;
    header.tar = application.tar;
    const auto counter_key = counter_key_of(profile, key.version, application.tar);
    const auto cntr = counter_of(t, counter_key).last + 1 + t.pending_leap;
    if (cntr > secure_channel::replay_counter::highest) {
        quarantine(t, reason::counter_exhausted, out);
        return false;
    }
    header.cntr.value = cntr;

    packet p;
    p.id = packet_id;
    p.cntr = cntr;
    p.counter_key = counter_key;
    p.wide = profile.wide_reference;
    p.reference = next_reference(t, p.wide);
    p.spi = header.spi;
    p.kic = header.kic;
    p.kid = header.kid;
    p.tar = header.tar;
    p.format = application.format;
    p.profile_hash = profile.hash;
    p.destination = card.msisdn;
    p.priority = plan.priority;
    p.carries = std::move(plan.carries);
    p.by = plan.by;
    const bool over_channel = p.by == carriage::channel;
    if (over_channel) p.link = t.channel->link;

    const auto frame = over_channel ? secure_channel::framing::data : secure_channel::framing::short_message;
    auto script = secure_channel::serialize_script(plan.commands, application.format);
    auto sealed = script ? secure_channel::seal_command(header, script.value(), key.keys, frame)
                         : wire::result<wire::octets>(script.error());
    if (!sealed) {
        quarantine(t, reason::keys_unreadable, out);
        return false;
    }
    reserve(t, counter_key, cntr);  // only now: mode "exactly +1" forgives no gap (R10)
    p.sealed = std::move(sealed.value());
    p.segments = over_channel ? std::uint8_t{1}
                              : static_cast<std::uint8_t>(secure_channel::segments_needed(p.sealed.size(), p.wide));

    for (const auto& c : p.carries) put_in_flight(t, c);
    if (plan.read_back) t.read_back_due = false;
    t.in_flight = std::move(p);
    if (over_channel) {
        transmit(t, profile, card.id, now, out);
        return true;
    }
    if (t.in_flight->by == carriage::push) ++out.channels.pushes;
    send_segments(t, profile, card, all_segments(*t.in_flight), now, out);
    return true;
}

void wake_idle(twin& t, const card_profile& profile, const card_identity& card, wall_time now, effects& out) {
    if (!t.in_flight || !t.in_flight->idle || !t.hold.empty() || t.not_before > now || !t.has_work()) return;
    auto& p = *t.in_flight;
    send_again(p);
    for (const auto& c : p.carries) put_in_flight(t, c);  // R16: what it carries is decided by its own proof again
    send_segments(t, profile, card, all_segments(p), now, out);
}

}  // namespace ota::flow
