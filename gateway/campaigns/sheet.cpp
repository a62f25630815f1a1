#include "gateway/campaigns/sheet.hpp"

#include "gateway/cards/json.hpp"
#include "queue/timestamp.hpp"

#include <iomanip>
#include <ostream>

namespace ota::campaigns {

namespace {

std::size_t done(const progress& p) { return p.ended() + p.of(outcome::skipped); }

void write_time(cards::json_writer& j, std::string_view name, wall_time at) {
    if (at != wall_time()) j.text(name, queue::serialize_timestamp(at));
}

void print_time(std::ostream& out, std::string_view name, wall_time at) {
    if (at != wall_time()) out << std::left << std::setw(12) << name << queue::serialize_timestamp(at) << '\n';
}

}  // namespace

std::string serialize_sheet(const sheet& s, wall_time now) {
    const auto& p = s.progress;
    cards::json_writer j;
    j.open('{').text("name", s.what.name).text("state", state_name(s.what, p, now));
    if (!p.why.empty()) j.text("why", p.why);
    j.number("cards", static_cast<std::int64_t>(p.cards)).number("done", static_cast<std::int64_t>(done(p)));
    j.name("outcomes").open('{');
    for (std::size_t i = 0; i < outcomes; ++i)
        j.number(name_of(static_cast<outcome>(i)), static_cast<std::int64_t>(p.by_outcome[i]));
    j.close('}').name("reasons").open('{');
    for (const auto& [name, n] : p.reasons) j.number(name, static_cast<std::int64_t>(n));
    j.close('}').text("created_by", p.created_by);
    write_time(j, "created_at", p.created_at);
    write_time(j, "started_at", p.started_at);
    write_time(j, "last_change_at", p.issued_at);
    write_time(j, "ended_at", p.ended_at);
    return j.name("document").raw(serialize_campaign(s.what)).close('}').str();
}

std::string serialize_mark(const card_mark& card) {
    cards::json_writer j;
    j.open('{').text("iccid", card.iccid).text("outcome", name_of(card.is));
    if (!card.reason.empty()) j.text("reason", card.reason);
    write_time(j, card.is == outcome::waiting ? "not_before" : "at", card.at);
    return j.close('}').str();
}

void print_line(const sheet& s, wall_time now, std::ostream& out) {
    const auto& p = s.progress;
    out << s.what.name << '\t' << state_name(s.what, p, now) << '\t' << done(p) << " of " << p.cards << " done, "
        << p.of(outcome::open) << " under way, " << p.failures() << " failed" << (p.why.empty() ? "" : "; " + p.why)
        << '\n';
}

void print_sheet(const sheet& s, wall_time now, std::ostream& out) {
    const auto& p = s.progress;
    const auto& c = s.what.change;
    out << "campaign    " << s.what.name << " (" << state_name(s.what, p, now) << ")\n";
    if (!p.why.empty()) out << "why         " << p.why << '\n';
    out << "change      " << queue::name_of(c.op) << ' ' << c.node << '\n';
    out << "created by  " << p.created_by << '\n';
    print_time(out, "created", p.created_at);
    print_time(out, "started", p.started_at);
    print_time(out, "last change", p.issued_at);
    print_time(out, "ended", p.ended_at);
    out << "cards       " << p.cards << '\n';
    for (std::size_t i = 0; i < outcomes; ++i) {
        if (p.by_outcome[i] != 0)
            out << "  " << std::left << std::setw(12) << name_of(static_cast<outcome>(i)) << p.by_outcome[i] << '\n';
    }
    for (const auto& [name, n] : p.reasons) out << "    " << std::left << std::setw(30) << name << ' ' << n << '\n';
}

}  // namespace ota::campaigns
