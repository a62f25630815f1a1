#include "gateway/api/overview.hpp"

#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/api/routes.hpp"
#include "gateway/cards/json.hpp"
#include "queue/timestamp.hpp"

namespace ota::api {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

void put(cards::json_writer& j, std::string_view name, std::uint64_t value) {
    j.number(name, static_cast<std::int64_t>(value));
}

void put_totals(cards::json_writer& j, const activity_totals& t) {
    j.name("totals").open('{');
    put(j, "taken", t.taken);
    j.name("closed").open('{');
    for (std::size_t state = 1; state < t.closed.size(); ++state)
        put(j, queue::name_of(static_cast<queue::event_state>(state)), t.closed[state]);
    j.close('}').name("reasons").open('{');
    for (const auto& [reason, n] : t.reasons) put(j, reason, n);
    j.close('}');
    put(j, "packets", t.packets);
    put(j, "segments", t.segments);
    put(j, "proofs", t.proofs);
    put(j, "receipts", t.receipts);
    put(j, "unmatched", t.unmatched);
    put(j, "dead_letters", t.dead_letters);
    put(j, "quarantined", t.quarantined);
    j.close('}');
}

/// What only the store knows.
struct stored {
    store::counts counts;
    std::vector<std::pair<std::string, std::string>> paused;  ///< profiles, with the reason
};

wire::result<void> look(const cards::desk& d, stored& into) {
    constexpr std::string_view prefix = "paused/";
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(into.counts, tx->count());
    OTA_TRY(into.paused, tx->values(prefix));
    for (auto& [name, why] : into.paused) name.erase(0, prefix.size());
    return success();
}

void put_backlog(cards::json_writer& j, const flow::corridor_status& s, const store::counts& n) {
    j.name("backlog").open('{').number("lag", s.lag).number("open_events", n.open_events).number("outbox", n.outbox);
    put(j, "outstanding", s.outstanding);
    j.number("due", n.due).number("parked", s.parked_events).close('}');
}

void put_channels(cards::json_writer& j, const overview_parts& p) {
    j.name("channels").open('{').flag("enabled", static_cast<bool>(p.channels));
    if (p.channels) {
        const auto c = p.channels();
        put(j, "links", c.links);
        put(j, "opened", c.opened);
        put(j, "set_up_failed", c.set_up_failed);
        put(j, "packets_in", c.packets_in);
        put(j, "packets_out", c.packets_out);
        put(j, "refused", c.refused);
    }
    j.close('}');
}

std::string seconds_since(const std::optional<store::wall_time>& at, store::wall_time now) {
    if (!at) return "null";
    return std::to_string(std::chrono::floor<std::chrono::seconds>(now - *at).count());
}

http::response overview(const overview_parts& p) {
    stored in_store;
    if (const auto looked = look(p.desk, in_store); !looked) return failure(looked.error());
    const auto voice = p.voice();
    const auto status = p.flow();
    const auto did = p.did.now();
    cards::json_writer j;
    j.open('{').number("instance", p.instance).text("version", p.version);
    j.text("started_at", queue::serialize_timestamp(p.started_at))
        .flag("ready", voice.reasons.empty())
        .name("reasons")
        .open('[');
    for (const auto& reason : voice.reasons) j.text(reason);
    j.close(']').name("rates").raw(serialize_rates(did.rates));
    put_totals(j, did.totals);
    put_backlog(j, status, in_store.counts);
    j.name("oldest_unreconciled_s").raw(seconds_since(status.oldest_open_at, p.desk.now()));
    j.number("cards", in_store.counts.cards).number("quarantined_cards", status.quarantined_cards);
    j.name("paused_profiles").open('[');
    for (const auto& [profile, reason] : in_store.paused)
        j.open('{').text("profile", profile).text("reason", reason).close('}');
    j.close(']');
    put_channels(j, p);
    j.name("routes").open('[');
    for (const auto& r : p.routes()) put_route(j, r, p.desk.now());
    return json(j.close(']').close('}').str());
}

}  // namespace

void add_overview(book& to, overview_parts parts) {
    to.add("GET", "/api/v1/overview", http::role::read,
           [parts = std::move(parts)](const call&) { return overview(parts); });
}

void add_me(book& to) {
    to.add("GET", "/api/v1/me", http::role::read, [](const call& c) {
        cards::json_writer j;
        return json(j.open('{').text("name", c.who.name).text("role", http::name_of(c.who.may)).close('}').str());
    });
}

}  // namespace ota::api
