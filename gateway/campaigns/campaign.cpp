#include "gateway/campaigns/campaign.hpp"

#include "queue/timestamp.hpp"
#include "queue/tools/build_event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ota::campaigns {

namespace {

namespace json = boost::json;

constexpr const char* bearers[] = {"any", "sms", "bip"};
constexpr const char* day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

void put(json::object& into, std::string_view name, std::string_view text) {
    if (!text.empty()) into[name] = text;
}

std::string time_text(std::chrono::minutes m) {
    char text[8];
    std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(m.count() / 60 % 100),
                  static_cast<int>(m.count() % 60));
    return text;
}

/// In the largest unit that it is a whole number of, as a person writes it and the reader takes it: 7d, 90m.
std::string duration_text(std::chrono::milliseconds d) {
    struct unit {
        std::string_view name;
        std::chrono::milliseconds length;
    };
    constexpr unit units[] = {{"d", std::chrono::days(1)},
                              {"h", std::chrono::hours(1)},
                              {"m", std::chrono::minutes(1)},
                              {"s", std::chrono::seconds(1)},
                              {"ms", std::chrono::milliseconds(1)}};
    const auto fits =
        std::ranges::find_if(units, [d](const unit& u) { return d >= u.length && d % u.length == u.length.zero(); });
    return fits == std::ranges::end(units) ? "0s" : std::to_string(d / fits->length) + std::string(fits->name);
}

json::object object_of(const day_hours& h) {
    json::object out{{"from", time_text(h.from)}, {"to", time_text(h.to)}};
    json::array days;
    for (unsigned day = 0; day < 7; ++day) {
        if ((h.days >> day & 1) != 0) days.emplace_back(day_names[day]);
    }
    if (days.size() < 7) out["days"] = std::move(days);
    return out;
}

json::object object_of(const change& c) {
    json::object out{{"op", queue::name_of(c.op)}, {"node", c.node}};
    put(out, "from", c.from);
    put(out, "format", c.format);
    put(out, "type", c.type);
    return out;
}

json::object object_of(const selection& s) {
    json::object out;
    put(out, "profile", s.profile);
    put(out, "label", s.label);
    put(out, "iccid_prefix", s.iccid_prefix);
    if (!s.iccids.empty()) out["iccids"] = json::array();
    if (out.empty()) out["all"] = true;
    return out;
}

json::object object_of(const canary& c) {
    json::object out{{"failure_rate", c.failure_rate}, {"wait", duration_text(c.wait)}};
    if (c.cards != 0) out["cards"] = c.cards;
    if (c.cards == 0) out["share"] = c.share;
    return out;
}

/// As the operator wrote it: the reader knows whole numbers per second, minute or hour only.
std::string pace_text(double pace) {
    for (const auto& [unit, seconds] : {std::pair("s", 1.0), std::pair("m", 60.0)}) {
        const auto n = pace * seconds;
        if (std::abs(n - std::round(n)) < 1e-9 && n >= 1) return std::to_string(std::llround(n)) + "/" + unit;
    }
    return std::to_string(std::llround(pace * 3600)) + "/h";
}

}  // namespace

std::string serialize_campaign(const campaign& c) {
    json::object out{{"name", c.name}, {"change", object_of(c.change)}, {"cards", object_of(c.cards)}};
    if (c.canary) out["canary"] = object_of(*c.canary);
    if (c.start) out["start"] = queue::serialize_timestamp(*c.start);
    if (c.end) out["end"] = queue::serialize_timestamp(*c.end);
    json::object zone{{"name", c.zone.name}};
    put(zone, "label", c.zone.label);
    out["zone"] = std::move(zone);
    if (c.hours.window) out["window"] = object_of(*c.hours.window);
    if (c.hours.quiet) out["quiet_hours"] = object_of(*c.hours.quiet);
    if (c.pace > 0) out["pace"] = pace_text(c.pace);
    if (c.sms_per_card_and_day != 0) out["sms_per_card_and_day"] = c.sms_per_card_and_day;
    out["priority"] = c.priority;
    out["bearer"] = bearers[static_cast<std::size_t>(c.bearer)];
    out["life"] = duration_text(c.life);
    out["open"] = c.open;
    return json::serialize(out);
}

std::string event_id(std::string_view campaign, std::string_view iccid) {
    return std::string(campaign) + "/" + std::string(iccid);
}

wall_time expiry(const campaign& c, wall_time at) { return c.end ? std::min(at + c.life, *c.end) : at + c.life; }

std::variant<std::string, queue::unreadable> event_for(const campaign& c, const std::string& iccid, wall_time at) {
    queue::tools::event_options o;
    o.card = iccid;
    o.op = queue::name_of(c.change.op);
    o.node = c.change.node;
    o.from = c.change.from;
    o.format = c.change.format;
    o.type = c.change.type;
    o.source = event_source;
    o.id = event_id(c.name, iccid);
    o.expires_at = queue::serialize_timestamp(expiry(c, at));
    if (c.bearer != queue::bearer_wish::any) o.bearer = bearers[static_cast<std::size_t>(c.bearer)];
    o.value = c.change.value;
    o.priority = c.priority;
    return queue::tools::build_event(o);
}

}  // namespace ota::campaigns
