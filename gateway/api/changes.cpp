#include "gateway/api/calls.hpp"
#include "gateway/api/change_lines.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/cards/events.hpp"
#include "gateway/cards/json.hpp"
#include "queue/kafka/errc.hpp"

#include <algorithm>

namespace ota::api {

namespace {

enum class body_kind : std::uint8_t { one, lines, other };

body_kind kind_of(std::string_view content_type) {
    const auto type = content_type.substr(0, content_type.find_first_of("; \t"));
    if (type == "application/json" || type == "application/cloudevents+json") return body_kind::one;
    return type == "application/x-ndjson" || type == "application/ndjson" ? body_kind::lines : body_kind::other;
}

std::string lists_of(const std::vector<good_change>& good, const std::vector<bool>& durable,
                     const std::vector<refused_change>& refused) {
    cards::json_writer j;
    j.name("accepted").open('[');
    for (std::size_t i = 0; i < good.size(); ++i) {
        if (durable[i]) j.open('{').text("id", good[i].id).text("source", good[i].source).close('}');
    }
    j.close(']').name("refused").open('[');
    for (const auto& r : refused) {
        j.open('{')
            .number("line", static_cast<std::int64_t>(r.line))
            .text("reason", r.reason)
            .text("detail", r.detail)
            .close('}');
    }
    return j.close(']').str();
}

/// The problem with the lists as further members [RFC 9457, 3.2].
http::response with_lists(http::response problem, const std::string& lists) {
    problem.body.insert(problem.body.rfind('}'), "," + lists);
    return problem;
}

/// What the topic does not take because of its length is refused as a line that is no event is.
void refuse_too_large(const std::vector<good_change>& good, const std::vector<bool>& durable, const std::string& why,
                      read_changes& into) {
    for (std::size_t i = 0; i < good.size(); ++i) {
        if (!durable[i]) into.refused.push_back({good[i].line, "too-large", why});
    }
    std::ranges::sort(into.refused, {}, &refused_change::line);
}

http::response put_in(const cards::desk& d, change_intake& intake, const call& c) {
    const auto kind = kind_of(c.asked.header("Content-Type"));
    if (kind == body_kind::other)
        return http::problem(415,
                             "send one event as application/json or application/cloudevents+json, or one a line as "
                             "application/x-ndjson");
    const auto new_id = [&d] {
        wire::octets octets(16);
        d.random(octets);
        return wire::to_hex(octets);
    };
    auto read = read_change_lines(c.asked.body, kind == body_kind::lines, {"api/" + c.who.name, new_id});
    if (read.good.empty() && read.refused.empty()) return http::problem(400, "the body has no event");
    if (read.good.empty())
        return with_lists(http::problem(422, "none of these is a change event; see refused"),
                          lists_of({}, {}, read.refused));
    std::vector<queue::message> batch;
    for (auto& each : read.good) batch.push_back(std::move(each.message));
    const auto did = intake.append(batch, d.now());
    if (did.why == queue::kafka::errc::message_too_large) {
        refuse_too_large(read.good, did.durable, did.why.message(), read);
        const bool none = std::ranges::none_of(did.durable, [](bool there) { return there; });
        if (none)
            return with_lists(http::problem(422, "longer than the topic takes"),
                              lists_of(read.good, did.durable, read.refused));
    } else if (did.why) {
        return with_lists(
            unavailable("not all of this is durable; send what is not among accepted again, with the same ids: " +
                        did.why.message()),
            lists_of(read.good, did.durable, read.refused));
    }
    return json("{" + lists_of(read.good, did.durable, read.refused) + "}", 202);
}

using source_list = std::function<std::vector<std::string>()>;

/// The one event that the call names, or the problem.
std::variant<store::event_row, http::response> event_of(const cards::desk& d, const source_list& sources,
                                                        const call& c) {
    const auto source = c.query("source");
    if (source && source->empty()) return http::problem(400, "source is empty: leave it out, or say which");
    auto found = cards::find_events_of(d, c.parameter(0), source ? std::vector{*source} : sources());
    if (!found) return failure(found.error());
    auto& rows = found.value();
    if (rows.size() == 1) return std::move(rows.front());
    if (rows.empty())
        return http::problem(404, source
                                      ? "no event with this id and source has been taken in (yet)"
                                      : "no event with this id has been taken in (yet) from a source that this gateway "
                                        "knows by name; say ?source= to look for another");
    cards::json_writer j;
    j.name("sources").open('[');
    for (const auto& row : rows) j.text(row.source);
    return with_lists(http::problem(409, "several sources have an event with this id: say which with ?source="),
                      j.close(']').str());
}

http::response show(const cards::desk& d, const source_list& sources, const call& c) {
    const auto event = event_of(d, sources, c);
    if (const auto* problem = std::get_if<http::response>(&event)) return *problem;
    const auto sheet = cards::look_up_event(d, std::get<store::event_row>(event));
    return sheet ? json(cards::serialize_event_sheet(sheet.value())) : failure(sheet.error());
}

http::response cancel(const cards::desk& d, const source_list& sources, const call& c) {
    const auto event = event_of(d, sources, c);
    if (const auto* problem = std::get_if<http::response>(&event)) return *problem;
    const auto did = cards::cancel_event(d, std::get<store::event_row>(event).seq);
    if (!did) return failure(did.error());
    switch (did.value()) {
        case cards::cancel_outcome::cancelled: return json(R"({"outcome":"cancelled"})");
        case cards::cancel_outcome::in_flight:
            return http::problem(409, "the event is in flight: its proof of receipt decides it");
        case cards::cancel_outcome::final_already: return http::problem(409, "the event has its final state already");
        case cards::cancel_outcome::not_found: break;
    }
    return http::problem(404, "the event is gone");
}

}  // namespace

void add_changes(book& to, const cards::desk& d, change_intake& intake, source_list sources) {
    using http::role;
    to.add("POST", "/api/v1/changes", role::operate, [&d, &intake](const call& c) { return put_in(d, intake, c); });
    to.add("GET", "/api/v1/changes/{id}", role::read, [&d, sources](const call& c) { return show(d, sources, c); },
           {"source"});
    to.add("DELETE", "/api/v1/changes/{id}", role::operate,
           [&d, sources](const call& c) { return cancel(d, sources, c); }, {"source"});
}

}  // namespace ota::api
