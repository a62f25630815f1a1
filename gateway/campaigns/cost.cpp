#include "gateway/campaigns/cost.hpp"

#include "gateway/flow/rehearsal.hpp"
#include "gateway/object-tool/script_packets.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>

namespace ota::campaigns {

namespace {

constexpr std::uint8_t mac_length = 8;
constexpr std::size_t most_history = 500;

std::size_t number_at(const boost::json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    boost::system::error_code ec;
    const auto n = v == nullptr ? 0 : v->to_number<std::int64_t>(ec);
    return ec || n < 0 ? 0 : static_cast<std::size_t>(n);
}

}  // namespace

wire::result<change_cost> cost_on(const campaign& c, const store::card_row& card, const card_profile& profile,
                                  const flow::guard& guard, wall_time now) {
    OTA_TRY(auto twin, flow::parse_twin(card.twin, guard));
    const auto json = event_for(c, card.iccid, now);
    const auto event = queue::parse_event(std::get<std::string>(json), {});
    change_cost out;
    auto run = flow::rehearse(std::move(twin), profile, std::get<queue::change_event>(event), mac_length, now);
    out.state = run.said.state;
    out.reason = run.said.reason;
    out.detail = run.said.detail;
    out.reads_first = run.reads_first;
    OTA_TRY(const auto cost, object_tool::cost_of(profile, std::move(run.packets), mac_length));
    out.messages = cost.messages();
    return out;
}

wire::result<std::size_t> messages_since(store::transaction& tx, const flow::twin& t, wall_time since) {
    std::map<std::int64_t, std::size_t> by_packet;
    OTA_TRY(const auto lines, tx.history(t.last_history, most_history));
    for (const auto& line : lines) {
        if (line.at < since) break;
        boost::system::error_code ec;
        const auto what = boost::json::parse(line.what, ec);
        const auto* o = ec ? nullptr : what.if_object();
        if (o == nullptr || !o->contains("packet")) continue;
        auto& sent = by_packet[static_cast<std::int64_t>(number_at(*o, "packet"))];
        sent = std::max(sent, number_at(*o, "segments") * number_at(*o, "sendings"));
    }
    for (const auto* p : {&t.in_flight, &t.unknown, &t.reserved}) {
        if (!*p || (*p)->sent_at < since) continue;
        auto& sent = by_packet[(*p)->id];
        sent = std::max<std::size_t>(sent, std::size_t{(*p)->segments} * (*p)->sendings);
    }
    std::size_t sum = 0;
    for (const auto& [packet, sent] : by_packet) sum += sent;
    return sum;
}

wire::result<card_account> account_of(store::transaction& tx, const campaign& c, const store::card_row& card,
                                      const profile_set& profiles, const flow::guard& guard, wall_time since,
                                      wall_time now) {
    const auto profile = profiles.find(card.profile);
    if (profile == profiles.end()) return card_account{};
    OTA_TRY(const auto cost, cost_on(c, card, *profile->second, guard, now));
    OTA_TRY(const auto twin, flow::parse_twin(card.twin, guard));
    OTA_TRY(const auto sent, messages_since(tx, twin, since));
    return card_account{sent, cost.messages};
}

}  // namespace ota::campaigns
