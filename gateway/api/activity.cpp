#include "gateway/api/activity.hpp"

#include "gateway/cards/json.hpp"

#include <cstdio>
#include <numeric>

namespace ota::api {

namespace {

std::uint64_t sum(const std::array<std::uint64_t, 6>& closed) {
    return std::accumulate(closed.begin(), closed.end(), std::uint64_t{0});
}

std::string one_decimal(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

/// Names only, never a value (R24).
cards::json_writer note_of(const flow::event_note& e) {
    cards::json_writer j;
    j.open('{').text("event", e.id).text("source", e.source).text("card", e.card);
    return j;
}

}  // namespace

std::string serialize_rates(const activity_rates& r) {
    cards::json_writer j;
    const auto put = [&](std::string_view name, double value) { j.name(name).raw(one_decimal(value)); };
    j.open('{');
    put("taken", r.taken);
    put("closed", r.closed);
    put("packets", r.packets);
    put("segments", r.segments);
    put("receipts", r.receipts);
    put("proofs", r.proofs);
    return j.close('}').str();
}

void activity::on_commit(const flow::commit_report& r) {
    {
        const std::lock_guard lock(mutex_);
        auto& t = totals_;
        t.taken += r.events;
        t.packets += r.packets;
        t.segments += r.segments;
        t.proofs += r.proofs;
        t.receipts += r.receipts;
        t.unmatched += r.unmatched;
        t.dead_letters += r.dead_letters;
        t.quarantined += r.quarantined;
        for (std::size_t state = 0; state < r.closed.size(); ++state) t.closed[state] += r.closed[state];
        for (const auto& [reason, n] : r.reasons) t.reasons[reason] += n;
    }
    if (feed_.heard()) tell(r);
}

void activity::tell(const flow::commit_report& r) {
    for (const auto& e : r.taken) feed_.publish("taken", note_of(e).text("node", e.node).close('}').str());
    for (const auto& e : r.ended) {
        feed_.publish("ended", note_of(e)
                                   .text("node", e.node)
                                   .text("state", queue::name_of(e.state))
                                   .text("reason", e.reason)
                                   .close('}')
                                   .str());
    }
    for (const auto& e : r.dead) feed_.publish("dead", note_of(e).text("reason", e.reason).close('}').str());
    for (const auto& a : r.alerts) {
        cards::json_writer j;
        j.open('{')
            .text("sentence", a.sentence)
            .text("card", a.card)
            .text("profile", a.profile)
            .text("reason", a.reason)
            .close('}');
        feed_.publish("alert", j.str());
    }
}

void activity::tick(std::chrono::steady_clock::time_point now) {
    std::string told;
    {
        const std::lock_guard lock(mutex_);
        const std::chrono::duration<double> passed = last_ ? now - *last_ : std::chrono::duration<double>(0);
        const auto rate = [&](std::uint64_t after, std::uint64_t before) {
            return passed.count() > 0 ? static_cast<double>(after - before) / passed.count() : 0.0;
        };
        rates_ = {rate(totals_.taken, before_.taken),       rate(sum(totals_.closed), sum(before_.closed)),
                  rate(totals_.packets, before_.packets),   rate(totals_.segments, before_.segments),
                  rate(totals_.receipts, before_.receipts), rate(totals_.proofs, before_.proofs)};
        before_ = totals_;
        last_ = now;
        told = serialize_rates(rates_);
    }
    if (feed_.heard()) feed_.publish("rates", std::move(told));
}

activity::figures activity::now() const {
    const std::lock_guard lock(mutex_);
    return {totals_, rates_};
}

}  // namespace ota::api
