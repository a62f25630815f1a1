#include "gateway/flow/channel.hpp"

#include "gateway/flow/in_flight.hpp"
#include "gateway/flow/outcome.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/sabotage.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/push.hpp"
#include "secure-channel/short_message.hpp"

#include <algorithm>
#include <cstdio>

namespace ota::flow {

using queue::bearer_wish;
using std::chrono::milliseconds;

namespace {

constexpr auto owner_check = std::chrono::seconds(30);
constexpr std::size_t everything =
    60'000;  // octets of a script that a card's whole work surely fits, or that is long enough

std::size_t capacity_of(const card_profile& profile, std::size_t octets, std::uint8_t mac_length,
                        secure_channel::framing frame) noexcept {
    const secure_channel::key_identifier kic{profile.kic_algorithm}, kid{profile.kid_algorithm};
    return secure_channel::data_capacity(octets, profile.spi, kic, kid, mac_length, frame);
}

bool is_refused_for_now(std::uint16_t sw) noexcept { return sw == 0x9300 || sw == 0x9240 || sw == 0x6F00; }

/// Too many came to nothing: by short message, for a time.
void give_up_channels(twin& t, const card_profile& profile, wall_time now) noexcept {
    t.channel_failures = 0;
    t.short_messages_until = now + profile.bip->rest;
}

void count_failure(twin& t, const card_profile& profile, wall_time now, effects& out) {
    ++out.channels.failed;
    if (!profile.bip) return;
    if (t.channel_failures < 255) ++t.channel_failures;
    if (t.channel_failures > profile.bip->retries) give_up_channels(t, profile, now);
}

}  // namespace

std::size_t channel_capacity(const twin& t, const card_profile& profile, std::uint8_t mac_length) noexcept {
    if (!t.channel || !profile.bip) return 0;
    const auto largest = std::min<std::size_t>(t.channel->max_sdu, profile.bip->max_packet);
    return capacity_of(profile, largest, mac_length, secure_channel::framing::data);
}

std::size_t short_messages_needed(const twin& t, const card_profile& profile, std::uint8_t mac_length, wall_time now) {
    twin seen = t;  // a plan may change what it looks at
    effects nobody;
    const auto all = plan_within(seen, profile, everything, now, nobody);
    if (!all) return 0;
    std::size_t left = 0;
    for (const auto& command : all->commands) left += command.size();
    const auto largest = short_message_capacity(profile, mac_length);
    if (largest == 0) return 0;
    std::size_t needed = left / largest * profile.max_segments;
    left %= largest;
    for (std::size_t segments = 1; left > 0 && segments <= profile.max_segments; ++segments) {
        const auto octets = secure_channel::segments_capacity(segments, profile.wide_reference);
        if (left <= capacity_of(profile, octets, mac_length, secure_channel::framing::short_message))
            return needed + segments;
    }
    return needed;
}

bool asks_for_channel(const twin& t, const card_profile& profile, std::uint8_t mac_length, wall_time now) {
    if (!profile.bip || t.channel || t.unknown || t.in_flight || t.short_messages_until > now) return false;
    bool any = false, all_by_sms = true;
    for (const auto& e : t.events) {
        if (e.is != open_event::phase::waiting) continue;
        if (e.bearer == bearer_wish::bip) return t.hold.empty() && t.not_before <= now;
        any = true;
        all_by_sms = all_by_sms && e.bearer == bearer_wish::sms;
    }
    if (any && all_by_sms) return false;
    return short_messages_needed(t, profile, mac_length, now) >= profile.bip->threshold;
}

std::optional<planned_packet> plan_push(const card_profile& profile, const push_target& to,
                                        wire::octets identification) {
    namespace push = secure_channel::push;
    const auto& bip = *profile.bip;
    const bool tcp = bip.protocol == bip_protocol::tcp;
    push::open_channel channel;
    channel.tcp = tcp;
    if (!bip.bearer.empty()) channel.bearer = bip.bearer;
    channel.buffer_size = bip.buffer_size;
    channel.access_name = bip.access_name;
    channel.login = bip.login;
    channel.password = bip.password;
    if (const auto port = tcp ? to.tcp_port : to.port; port != 0) channel.port = port;
    if (!to.address.empty()) channel.address = to.address;
    const auto open = push::serialize(tcp ? push::command(push::tcp_connection{std::move(channel)})
                                          : push::command(std::move(channel)));
    const auto next = push::serialize(
        tcp ? push::command(push::identification_packet{std::move(identification), {}})
            : push::command(push::link_request{bip.cat_tp_port, std::nullopt, std::move(identification), {}}));
    if (!open || !next) return std::nullopt;  // settings that `check` refuses
    planned_packet plan;
    plan.by = carriage::push;
    plan.application = bip.push_application;
    plan.commands.push_back(open.value());
    plan.commands.push_back(next.value());
    return plan;
}

void push_failed(twin& t, const card_profile& profile, std::string_view why, wall_time now, effects& out) {
    note(out, t, *t.in_flight, why);
    close_in_flight(t);
    count_failure(t, profile, now, out);
    if (!profile.bip || t.channel_failures == 0) return;  // at once, by short message
    t.not_before =
        std::max(t.not_before, now + profile.bip->back_off * (1 << std::min<int>(t.channel_failures - 1, 4)));
}

void on_push_answer(twin& t, const card_profile& profile, const secure_channel::response& r, wall_time now,
                    effects& out) {
    auto& p = *t.in_flight;
    const auto answer = secure_channel::parse_script_answer(r.data, p.format);
    const auto sw = answer && !answer.value().answers.empty() ? answer.value().answers.back().sw : std::uint16_t{0};
    if (answer && secure_channel::is_success(sw)) {  // now the card opens the link, or does not
        note(out, t, p, "push-taken");
        p.may_have_run = true;  // a copy that the network made is answered with "counter low"
        p.retry = 0;
        p.check_at = {};
        if (profile.bip) p.closes_at = std::min(p.closes_at, now + profile.bip->connect_timeout);
        return;
    }
    char text[32];
    std::snprintf(text, sizeof text, "push-refused-%04x", sw);
    // A card that does not know the command will not know it in a minute.
    if (profile.bip && !is_refused_for_now(sw)) t.channel_failures = 255;
    push_failed(t, profile, text, now, out);
}

void on_link_up(twin& t, const card_profile& profile, bearer::link_id link, const bearer::link_up& up,
                std::uint16_t mine, std::uint8_t mac_length, wall_time now, effects& out) {
    const bool awaited = t.in_flight && t.in_flight->by == carriage::push && t.in_flight->id == up.push.packet;
    if (!awaited || !profile.bip) {  // its PUSH is over: other packets are under way by now (R6)
        out.links.push_back({link_order::kind::close, link, {}, {}});
        return;
    }
    t.channel = data_channel{link.value, mine, up.max_sdu, now};
    if (channel_capacity(t, profile, mac_length) < short_message_capacity(profile, mac_length)) {
        t.channel.reset();
        t.channel_failures = 255;
        push_failed(t, profile, "channel-too-narrow", now, out);
        out.links.push_back({link_order::kind::close, link, {}, {}});
        return;
    }
    note(out, t, *t.in_flight, "channel-open");
    ++out.channels.opened;
    out.ends.push_back(packet_end::answered);
    close_in_flight(t);
    out.links.push_back({link_order::kind::await, link, {}, {}});
}

void on_link_down(twin& t, const card_profile& profile, std::uint64_t link, std::string_view why, wall_time now,
                  effects& out) {
    if (t.channel && t.channel->link == link) t.channel.reset();
    if (!t.in_flight || t.in_flight->by != carriage::channel || t.in_flight->link != link) return;
    note(out, t, *t.in_flight, why);
    if (sabotaged(sabotage::channel_packet_by_sms)) {
        t.in_flight->by = carriage::short_message;
        t.in_flight->segments =
            static_cast<std::uint8_t>(secure_channel::segments_needed(t.in_flight->sealed.size(), t.in_flight->wide));
        send_again(*t.in_flight);
        return;
    }
    count_failure(t, profile, now, out);
    if (t.unknown) {  // it was the read-back; another one with a newer counter asks again
        t.in_flight.reset();
        t.read_back_due = true;
        return;
    }
    t.in_flight->closes_at = now + profile.validity_margin;  // the card may still be about to run it
    becomes_unknown(t, out);
}

void transmit(twin& t, const card_profile& profile, store::card_id card, wall_time now, effects& out) {
    auto& p = *t.in_flight;
    ++p.sendings;
    p.sent_at = now;
    p.check_at = now + owner_check;
    p.closes_at = now + profile.bip->answer_timeout;
    ++out.channels.packets;
    out.links.push_back({link_order::kind::await, {p.link}, {}, {}});
    out.links.push_back({link_order::kind::transmit, {p.link}, {p.id, card, 0, p.sendings}, p.sealed});
}

}  // namespace ota::flow
