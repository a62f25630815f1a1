#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/api/json_list.hpp"
#include "gateway/api/query.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/cards/events.hpp"
#include "gateway/cards/explain.hpp"
#include "gateway/cards/import_row.hpp"
#include "gateway/cards/show.hpp"
#include "gateway/cards/submission_text.hpp"
#include "queue/timestamp.hpp"

#include <algorithm>

namespace ota::api {

namespace {

/// A filter that fits few cards is answered page by page: each looks at so many.
constexpr std::size_t most_looked_at = 20'000;

bool is_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<store::standing> standing_of(std::string_view name) {
    using store::standing;
    for (const auto each :
         {standing::active, standing::suspended, standing::quarantined, standing::replaced, standing::erased}) {
        if (name == store::name_of(each)) return each;
    }
    return std::nullopt;
}

http::response list(const cards::desk& d, const call& c) {
    const auto asked = page_of(c);
    if (const auto* bad = std::get_if<http::response>(&asked)) return *bad;
    const auto& page = std::get<api::page>(asked);
    store::card_filter filter;
    filter.limit = page.limit;
    filter.after_iccid = page.after;
    filter.profile = c.query("profile").value_or("");
    filter.label = c.query("label").value_or("");
    filter.iccid_prefix = c.query("iccid").value_or("");
    filter.msisdn = c.query("msisdn").value_or("");
    if (filter.msisdn.starts_with('+') || filter.msisdn.starts_with(' '))
        filter.msisdn.erase(0, 1);  // "+" is a space in a query
    if (!is_digits(filter.msisdn)) return http::problem(400, "msisdn is digits, with or without a + before them");
    if (!is_digits(filter.iccid_prefix) || filter.iccid_prefix.size() > 20)
        return http::problem(400, "iccid is the first digits of ICCIDs, 20 at most");
    if (!page.after.empty() && !cards::iccid_of(page.after)) return bad_after();
    if (const auto standing = c.query("standing")) {
        filter.is = standing_of(*standing);
        if (!filter.is) return http::problem(400, "standing is active, suspended, quarantined, replaced or erased");
    }
    const auto found = cards::list_page(d, filter, most_looked_at);
    if (!found) return failure(found.error());
    json_list out;
    for (const auto& card : found.value().cards) out.item().raw(cards::serialize_row(card));
    return out.answer(found.value().next);
}

http::response sheet(const cards::desk& d, const call& c) {
    const auto found = cards::look_up(d, c.parameter(0));
    return found ? json(cards::serialize_sheet(found.value())) : failure(found.error());
}

http::response explanation(const cards::desk& d, const gateway_voice& voice, const call& c) {
    const auto& iccid = c.parameter(0);
    const auto found = cards::look_up(d, iccid);
    if (found) {
        const auto profile = d.profiles.find(found.value().row.profile);
        return json(
            cards::serialize_explanation(cards::explain(found.value(), profile.get(), d.now(), voice()), iccid));
    }
    if (found.error() != cards::errc::unknown_card) return failure(found.error());
    const auto parked = cards::explain_unknown(d, iccid);
    return parked ? json(cards::serialize_explanation(parked.value(), iccid)) : failure(parked.error());
}

std::int64_t previous_of(const store::event_row& row) { return row.previous; }
std::int64_t previous_of(const cards::timeline_entry& entry) { return entry.row.previous; }

/// A page of one of the card's chains, newest first: `of` reads it, `put` writes an entry.
template <class Of, class Put>
http::response chain(const call& c, const Of& of, const Put& put) {
    const auto asked = page_of(c);
    if (const auto* bad = std::get_if<http::response>(&asked)) return *bad;
    const auto& page = std::get<api::page>(asked);
    const auto from = number_of(page.after);
    if (!from) return bad_after();
    const auto rows = of(page.limit, *from);
    if (!rows) return failure(rows.error());
    json_list out;
    for (const auto& row : rows.value()) put(out.item(), row);
    const auto before = rows.value().size() == page.limit ? previous_of(rows.value().back()) : 0;
    return out.answer(before != 0 ? std::to_string(before) : std::string());
}

http::response events(const cards::desk& d, const call& c) {
    return chain(
        c, [&](std::size_t limit, std::int64_t from) { return cards::events_of(d, c.parameter(0), limit, from); },
        [](cards::json_writer& j, const store::event_row& row) { j.raw(cards::serialize_event_row(row)); });
}

http::response timeline(const cards::desk& d, const call& c) {
    return chain(
        c, [&](std::size_t limit, std::int64_t from) { return cards::timeline_of(d, c.parameter(0), limit, from); },
        [](cards::json_writer& j, const cards::timeline_entry& entry) {
            j.open('{').number("seq", entry.row.seq).text("at", queue::serialize_timestamp(entry.row.at));
            j.name("what").raw(entry.row.what);
            if (!entry.submissions.empty()) put_submissions(j.name("submissions"), entry.submissions);
            j.close('}');
        });
}

}  // namespace

void add_cards(book& to, const cards::desk& d, gateway_voice voice) {
    using http::role;
    to.add("GET", "/api/v1/cards", role::read, [&d](const call& c) { return list(d, c); },
           {"profile", "label", "standing", "msisdn", "iccid", "after", "limit"});
    to.add("GET", "/api/v1/cards/{iccid}", role::read, [&d](const call& c) { return sheet(d, c); });
    to.add("GET", "/api/v1/cards/{iccid}/changes", role::read, [&d](const call& c) { return events(d, c); },
           {"after", "limit"});
    to.add("GET", "/api/v1/cards/{iccid}/timeline", role::read, [&d](const call& c) { return timeline(d, c); },
           {"after", "limit"});
    to.add("GET", "/api/v1/cards/{iccid}/explain", role::read,
           [&d, voice = std::move(voice)](const call& c) { return explanation(d, voice, c); });
}

}  // namespace ota::api
