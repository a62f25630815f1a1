#include "gateway/campaigns/calls.hpp"

#include "gateway/campaigns/errc.hpp"
#include "gateway/campaigns/sheet.hpp"
#include "gateway/cards/json.hpp"

#include <algorithm>
#include <charconv>

namespace ota::campaigns {

namespace {

constexpr std::size_t default_limit = 100, most_limit = 1000;

http::response refusal(std::error_code error) {
    const auto detail = error.message();
    if (error == errc::unknown_campaign) return http::problem(404, detail);
    for (const auto conflict : {errc::name_taken, errc::over, errc::not_halted, errc::halted_already, errc::moved}) {
        if (error == conflict) return http::problem(409, detail);
    }
    if (error == store::errc::unreachable || error == store::errc::busy) return http::problem(503, detail);
    return http::problem(500, detail);
}

/// 422 with every fault (RFC 9457 extension member `faults`).
http::response unprocessable(const config::faults& told) {
    auto out = http::problem(422, "the campaign's document has faults");
    cards::json_writer j;
    j.open('[');
    for (const auto& f : told.list()) j.open('{').text("path", f.path).text("what", f.what).close('}');
    j.close(']');
    const auto end = out.body.rfind('}');
    out.body.insert(end, ",\"faults\":" + j.str());
    return out;
}

std::optional<std::size_t> number_in(const std::optional<std::string>& text, std::size_t otherwise) {
    if (!text) return otherwise;
    std::size_t out = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), out);
    return read.ec == std::errc() && read.ptr == text->data() + text->size() ? std::optional(out) : std::nullopt;
}

std::optional<std::size_t> limit_of(const api::call& call) {
    const auto limit = number_in(call.query("limit"), default_limit);
    return limit && *limit >= 1 && *limit <= most_limit ? limit : std::nullopt;
}

http::response bad_limit() { return http::problem(400, "limit should be a number from 1 to 1000"); }

/// The document of a request; faults of its own and those that the settings tell.
campaign read_order(const api::call& call, const office& o, config::faults& told) {
    auto out = read_campaign_json(call.asked.body, told);
    if (!told.any_error()) check_campaign(out, *o.settings(), told);
    return out;
}

http::response answer_estimate(const api::call& call, const office& o) {
    config::faults told;
    const auto c = read_order(call, o, told);
    if (told.any_error()) return unprocessable(told);
    const auto said = assess(o.desk, *o.settings(), c);
    return said ? api::json(serialize_estimate(said.value())) : refusal(said.error());
}

http::response answer_create(const api::call& call, const office& o) {
    config::faults told;
    const auto c = read_order(call, o, told);
    if (told.any_error()) return unprocessable(told);
    if (const auto made = create(o, c, "api/" + call.who.name); !made) return refusal(made.error());
    const auto s = find(o, c.name);
    if (!s) return refusal(s.error());
    auto out = api::json(serialize_sheet(s.value(), o.desk.now()), 201);
    out.headers.emplace_back("Location", "/api/v1/campaigns/" + c.name);
    return out;
}

http::response answer_post(const api::call& call, const office& o) {
    const auto dry = call.query("dry_run").value_or("false");
    if (dry == "true") return answer_estimate(call, o);
    if (dry != "false") return http::problem(400, "dry_run should be true or false");
    if (call.who.may < http::role::operate) {
        return http::problem(403, "creating a campaign needs the role operate; a dry run (?dry_run=true) does not");
    }
    return answer_create(call, o);
}

http::response answer_list(const api::call& call, const office& o) {
    const auto limit = limit_of(call);
    if (!limit) return bad_limit();
    const auto sheets = all(o);
    if (!sheets) return refusal(sheets.error());
    const auto after = call.query("after").value_or("");
    auto at = std::ranges::find_if(sheets.value(), [&](const sheet& s) { return s.what.name > after; });
    cards::json_writer j;
    j.open('{').name("items").open('[');
    std::string last;
    for (std::size_t n = 0; n < *limit && at != sheets.value().end(); ++n, ++at) {
        j.raw(serialize_sheet(*at, o.desk.now()));
        last = at->what.name;
    }
    j.close(']');
    if (at != sheets.value().end()) j.text("next", last);
    return api::json(j.close('}').str());
}

http::response answer_one(const std::string& name, const office& o) {
    const auto s = find(o, name);
    return s ? api::json(serialize_sheet(s.value(), o.desk.now())) : refusal(s.error());
}

http::response answer_order(const std::string& name, const office& o, order what) {
    if (const auto did = give(o, name, what); !did) return refusal(did.error());
    return answer_one(name, o);
}

http::response answer_cards(const api::call& call, const office& o) {
    const auto limit = limit_of(call);
    if (!limit) return bad_limit();
    const auto from = number_in(call.query("after"), 0);
    if (!from) return http::problem(400, "after should be the `next` of an earlier answer");
    std::optional<outcome> wanted;
    if (const auto name = call.query("outcome")) {
        wanted = outcome_of(*name);
        if (!wanted)
            return http::problem(
                400, "outcome should be waiting, open, applied, superseded, rejected, failed, expired or skipped");
    }
    const auto page = cards_of(o, call.parameter(0), wanted, *from, *limit);
    if (!page) return refusal(page.error());
    cards::json_writer j;
    j.open('{').name("items").open('[');
    for (const auto& card : page.value().cards) j.raw(serialize_mark(card));
    j.close(']');
    if (page.value().next) j.text("next", std::to_string(*page.value().next));
    return api::json(j.close('}').str());
}

}  // namespace

void add_calls(api::book& book, const office& o) {
    const std::string root = "/api/v1/campaigns";
    // A dry run is for readers too, so the entry asks for the role that it needs itself.
    book.add("POST", root, http::role::read, [&o](const api::call& call) { return answer_post(call, o); }, {"dry_run"});
    book.add("GET", root, http::role::read, [&o](const api::call& call) { return answer_list(call, o); },
             {"after", "limit"});
    book.add("GET", root + "/{name}", http::role::read,
             [&o](const api::call& call) { return answer_one(call.parameter(0), o); });
    book.add("GET", root + "/{name}/cards", http::role::read,
             [&o](const api::call& call) { return answer_cards(call, o); }, {"outcome", "after", "limit"});
    for (const auto& [word, what] :
         {std::pair("pause", order::pause), std::pair("resume", order::resume), std::pair("cancel", order::cancel)}) {
        book.add("POST", root + "/{name}/" + word, http::role::operate,
                 [&o, asked = what](const api::call& call) { return answer_order(call.parameter(0), o, asked); });
    }
}

}  // namespace ota::campaigns
