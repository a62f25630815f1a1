#include "gateway/campaigns/estimate.hpp"

#include "gateway/campaigns/cost.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/store/card_filter.hpp"
#include "queue/timestamp.hpp"

#include <cmath>
#include <cstdio>
#include <ostream>

namespace ota::campaigns {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

/// Of each profile the cards whose ICCIDs have the lowest hashes: the same cards each time, and no neighbours.
using samples = std::map<std::string, std::map<std::size_t, store::card_row>>;

void take_in(const store::card_row& card, estimate& out, samples& some) {
    auto& profile = out.profiles[card.profile];
    ++out.cards;
    ++profile.cards;
    if (card.is != store::standing::active) return void(++out.skipped[std::string(store::name_of(card.is))]);
    ++out.changes;
    ++profile.changes;
    auto& best = some[card.profile];
    best.emplace(std::hash<std::string>()(card.iccid), card);
    if (best.size() > sample_size) best.erase(std::prev(best.end()));
}

wire::result<void> walk_list(const cards::desk& d, const campaign& c, estimate& out, samples& some) {
    constexpr std::size_t page = 1000;
    const std::span all(c.cards.iccids);
    for (std::size_t first = 0; first < all.size(); first += page) {
        OTA_TRY(auto tx, d.state.begin());
        OTA_TRY(const auto rows, tx->cards_by_iccid(all.subspan(first, std::min(page, all.size() - first))));
        for (const auto& row : rows) {
            if (row) {
                take_in(*row, out, some);
            } else {
                ++out.cards;
                ++out.skipped["unknown-card"];
            }
        }
    }
    return success();
}

wire::result<void> walk(const cards::desk& d, const campaign& c, estimate& out, samples& some) {
    if (!c.cards.iccids.empty()) return walk_list(d, c, out, some);
    store::card_filter wanted;
    wanted.profile = c.cards.profile;
    wanted.label = c.cards.label;
    return cards::for_each_card(
        d.state,
        [&](const store::card_row& card) {
            if (card.is != store::standing::replaced && store::passes(card, wanted)) take_in(card, out, some);
            return true;
        },
        {}, c.cards.iccid_prefix);
}

wire::result<void> rehearse(const cards::desk& d, const campaign& c, const store::card_row& card,
                            const card_profile& profile, profile_estimate& out) {
    const auto cost = cost_on(c, card, profile, d.guard(), d.now());
    ++out.sampled;
    if (!cost) {
        ++out.refused[cost.error().message()];
        return success();
    }
    const auto& said = cost.value();
    if (said.state == queue::event_state::rejected)
        ++out.refused[said.reason + (said.detail.empty() ? "" : ": " + said.detail)];
    out.at_least |= said.reads_first;
    out.messages += static_cast<double>(said.messages);
    return success();
}

void judge_time(const gateway_settings& settings, const campaign& c, wall_time now, estimate& out) {
    out.begins_at = c.start ? std::max(*c.start, now) : now;
    double rate = 0, seconds = 0;
    bool limited = !settings.routes.empty();
    for (const auto& route : settings.routes) {
        limited = limited && route.rate > 0;
        rate += route.rate;
    }
    if (limited) seconds = out.messages / rate;
    if (c.pace > 0) seconds = std::max(seconds, static_cast<double>(out.changes) / c.pace);
    if (c.pace > 0 || limited) {
        out.ends_at = after_open_time(c.hours, c.zone.name, out.begins_at,
                                      std::chrono::milliseconds(std::llround(seconds * 1000)));
        if (!out.ends_at) out.warnings.emplace_back("it would take more than two years");
    } else {
        out.warnings.emplace_back(
            "neither a pace nor the rates of the routes bound it: it goes as fast as the gateway takes it");
    }
    if (c.end && out.ends_at && *out.ends_at > *c.end)
        out.warnings.emplace_back("the end comes first: not every card gets its change");
    if (c.end && *c.end <= now) out.warnings.emplace_back("the end is over");
    if (c.canary) out.warnings.emplace_back("the canary may add its wait to the time");
}

std::string tenths(double n) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", n);
    return text;
}

double hours_of(const estimate& e) {
    return std::chrono::duration<double, std::ratio<3600>>(e.ends_at.value_or(e.begins_at) - e.begins_at).count();
}

void write_sums(cards::json_writer& j, std::string_view name, const std::map<std::string, std::size_t>& sums) {
    j.name(name).open('{');
    for (const auto& [what, n] : sums) j.number(what, static_cast<std::int64_t>(n));
    j.close('}');
}

}  // namespace

wire::result<estimate> assess(const cards::desk& d, const gateway_settings& settings, const campaign& c) {
    estimate out;
    samples some;
    OTA_TRY(walk(d, c, out, some));
    for (const auto& [name, best] : some) {
        auto& of = out.profiles[name];
        const auto profile = d.profiles.find(name);
        if (!profile) {
            out.warnings.push_back("profile " + name + " is not configured: its " + std::to_string(of.cards) +
                                   " cards cannot be served");
            continue;
        }
        for (const auto& [hash, card] : best) {
            OTA_TRY(rehearse(d, c, card, *profile, of));
        }
        of.messages /= static_cast<double>(of.sampled);
        out.messages += of.messages * static_cast<double>(of.changes);
        out.at_least |= of.at_least;
        if (c.sms_per_card_and_day != 0 && of.messages > c.sms_per_card_and_day) {
            out.warnings.push_back("a card of profile " + name + " needs " + tenths(of.messages) +
                                   " short messages,"
                                   " more than sms_per_card_and_day: it is skipped");
        }
    }
    if (out.cards == 0) out.warnings.emplace_back("no card is selected");
    judge_time(settings, c, d.now(), out);
    return out;
}

std::string serialize_estimate(const estimate& e) {
    cards::json_writer j;
    j.open('{')
        .number("cards", static_cast<std::int64_t>(e.cards))
        .number("changes", static_cast<std::int64_t>(e.changes));
    j.number("sms", std::llround(std::ceil(e.messages))).flag("at_least", e.at_least);
    write_sums(j, "skipped", e.skipped);
    j.text("begins_at", queue::serialize_timestamp(e.begins_at));
    if (e.ends_at) j.text("ends_at", queue::serialize_timestamp(*e.ends_at)).name("hours").raw(tenths(hours_of(e)));
    j.name("profiles").open('[');
    for (const auto& [name, p] : e.profiles) {
        j.open('{')
            .text("profile", name)
            .number("cards", static_cast<std::int64_t>(p.cards))
            .number("changes", static_cast<std::int64_t>(p.changes));
        j.number("sampled", static_cast<std::int64_t>(p.sampled))
            .name("sms_per_card")
            .raw(tenths(p.messages))
            .flag("at_least", p.at_least);
        write_sums(j, "refused", p.refused);
        j.close('}');
    }
    j.close(']').name("warnings").open('[');
    for (const auto& w : e.warnings) j.text(w);
    return j.close(']').close('}').str();
}

void print_estimate(const estimate& e, std::ostream& out) {
    out << e.cards << " cards, " << (e.at_least ? "at least " : "") << std::llround(std::ceil(e.messages)) << " SMS";
    if (e.ends_at) {
        out << ", " << tenths(hours_of(e)) << " hours (" << queue::serialize_timestamp(e.begins_at) << " to "
            << queue::serialize_timestamp(*e.ends_at) << ")";
    }
    out << '\n';
    for (const auto& [reason, n] : e.skipped) out << "skipped  " << n << " cards: " << reason << '\n';
    for (const auto& [name, p] : e.profiles) {
        out << "profile " << name << ": " << p.cards << " cards, " << p.changes << " get the change, "
            << (p.at_least ? "at least " : "") << tenths(p.messages) << " SMS each (" << p.sampled
            << " cards rehearsed)\n";
        for (const auto& [why, n] : p.refused)
            out << "  would be rejected on " << n << " of " << p.sampled << ": " << why << '\n';
    }
    for (const auto& w : e.warnings) out << "note: " << w << '\n';
}

}  // namespace ota::campaigns
