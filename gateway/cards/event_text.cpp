#include "gateway/cards/events.hpp"
#include "gateway/cards/explain.hpp"
#include "gateway/cards/json.hpp"
#include "gateway/cards/show.hpp"
#include "gateway/cards/submission_text.hpp"
#include "queue/timestamp.hpp"

#include <ostream>

namespace ota::cards {

namespace {

using queue::event_state;

bool is_open(const store::event_row& row) noexcept { return row.state == static_cast<std::uint8_t>(event_state::open); }
std::string_view state_of(const store::event_row& row) noexcept {
    return queue::name_of(static_cast<event_state>(row.state));
}

void put_row(json_writer& j, const store::event_row& row) {
    j.text("source", row.source).text("id", row.id).number("seq", row.seq).text("subject", row.subject);
    j.text("op", queue::name_of(static_cast<queue::operation>(row.op)))
        .text("node", row.node)
        .text("state", state_of(row));
    j.flag("final", !is_open(row));
    if (!row.reason.empty()) j.text("reason", row.reason);
    if (!row.detail.empty()) j.text("detail", row.detail);
    if (row.revision) j.number("revision", *row.revision);
    if (!row.traceparent.empty()) j.text("traceparent", row.traceparent);
    j.text("accepted_at", queue::serialize_timestamp(row.accepted_at));
    if (!is_open(row)) j.text("closed_at", queue::serialize_timestamp(row.closed_at));
}

}  // namespace

std::string serialize_event_row(const store::event_row& row) {
    json_writer j;
    j.open('{');
    put_row(j, row);
    return j.close('}').str();
}

std::string serialize_event_sheet(const event_sheet& s) {
    json_writer j;
    j.open('{');
    put_row(j, s.row);
    if (!s.phase.empty()) j.text("phase", s.phase);
    if (s.later) {
        j.name("device").open('{').text("state", cards::name_of(static_cast<flow::device_word>(s.later->state)));
        j.text("at", queue::serialize_timestamp(s.later->at)).close('}');
    }
    j.name("history").open('[');
    for (const auto& h : s.history) {
        j.open('{').text("at", queue::serialize_timestamp(h.row.at)).name("entry").raw(h.row.what);
        if (!h.submissions.empty()) put_submissions(j.name("submissions"), h.submissions);
        j.close('}');
    }
    return j.close(']').close('}').str();
}

void print_event_sheet(const event_sheet& s, std::ostream& out) {
    const auto& row = s.row;
    out << "event     " << row.id << "\nsource    " << row.source << "\ncard      " << row.subject << "\nchange    "
        << queue::name_of(static_cast<queue::operation>(row.op)) << ' ' << row.node << "\nstate     " << state_of(row);
    if (!s.phase.empty()) out << ", " << s.phase;
    if (!row.reason.empty()) out << ", " << row.reason;
    out << '\n';
    if (!row.detail.empty()) out << "detail    " << row.detail << '\n';
    if (const auto* entry = entry_of(row.reason))
        out << "meaning   " << entry->meaning << "\nacts      " << name_of(entry->acts) << '\n';
    if (row.revision) out << "revision  " << *row.revision << '\n';
    out << "accepted  " << queue::serialize_timestamp(row.accepted_at) << '\n';
    if (!is_open(row)) out << "closed    " << queue::serialize_timestamp(row.closed_at) << '\n';
    if (s.later) {
        out << "device    " << cards::name_of(static_cast<flow::device_word>(s.later->state)) << ' '
            << queue::serialize_timestamp(s.later->at) << '\n';
    }
    if (!s.history.empty()) out << "the card in that time\n";
    for (const auto& h : s.history) {
        out << "  " << queue::serialize_timestamp(h.row.at) << "  " << h.row.what << '\n';
        print_submissions(h.submissions, out);
    }
}

}  // namespace ota::cards
