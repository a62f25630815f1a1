#include "queue/tools/dead_letters.hpp"

#include "gateway/api/body.hpp"
#include "gateway/api/calls.hpp"
#include "gateway/api/failure.hpp"
#include "gateway/api/json_list.hpp"
#include "gateway/api/query.hpp"
#include "queue/timestamp.hpp"

#include <boost/json/object.hpp>

#include <charconv>
#include <functional>
#include <map>

namespace ota::api {

namespace {

using queue::tools::letter_box;
using queue::tools::letter_place;
using queue::tools::replay_outcome;

http::response away(std::error_code e) { return unavailable("the dead letters cannot be read now: " + e.message()); }

void put_letter(cards::json_writer& j, letter_box& box, const letter_place& where, const queue::dead_letter& l) {
    j.open('{')
        .text("place", box.text_of(where))
        .text("at", queue::serialize_timestamp(l.at))
        .text("reason", l.reason)
        .text("detail", l.detail);
    j.text("source", l.source)
        .text("id", l.id)
        .text("subject", l.subject)
        .name("origin")
        .open('{')
        .text("topic", l.origin.topic);
    j.number("partition", l.origin.partition).number("offset", l.origin.offset).close('}');
    if (const auto replayed = box.replayed(where)) j.text("replayed_at", queue::serialize_timestamp(*replayed));
}

/// Letters in the order of their deaths; a topic of several partitions keeps no other order between them.
struct death {
    queue::wall_time at;
    letter_place where;
    auto operator<=>(const death&) const = default;
};

/// `next` of a page: its last death, so that the page behind it is found also when the letter itself is gone by then.
std::string text_of(const death& d, const letter_box& box) {
    return std::to_string(d.at.time_since_epoch().count()) + '.' + box.text_of(d.where);
}
std::optional<death> death_of(std::string_view text, const letter_box& box) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    std::int64_t ms = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + dot, ms);
    const auto where = box.place_of(text.substr(dot + 1));
    if (bad != std::errc() || end != text.data() + dot || !where) return std::nullopt;
    return death{queue::wall_time(std::chrono::milliseconds(ms)), *where};
}

http::response list(const letter_room& room, const call& c) {
    const auto asked = page_of(c);
    if (const auto* bad = std::get_if<http::response>(&asked)) return *bad;
    const auto& page = std::get<api::page>(asked);
    const auto open_only = flag_of(c, "open");
    if (!open_only) return http::problem(400, "open is true or false");
    auto box = room.open();
    if (!box) return away(box.error());
    auto& letters = *box.value();
    const auto after = death_of(page.after, letters);
    if (!page.after.empty() && !after) return bad_after();
    const auto reason = c.query("reason").value_or("");
    std::map<death, queue::dead_letter, std::greater<>> found;  // the newest that were asked for, and one more
    const auto read = letters.each([&](const letter_place& where, const queue::dead_letter& l) {
        const death d{l.at, where};
        if ((after && d >= *after) || (!reason.empty() && l.reason != reason) ||
            (*open_only && letters.replayed(where)))
            return;
        if (found.size() > page.limit && d < found.rbegin()->first) return;
        found.emplace(d, l);
        if (found.size() > page.limit + 1) found.erase(std::prev(found.end()));
    });
    if (!read) return away(read.error());
    const bool more = found.size() > page.limit;
    if (more) found.erase(std::prev(found.end()));
    json_list out;
    for (const auto& [d, letter] : found) {
        put_letter(out.item(), letters, d.where, letter);
        out.item().close('}');
    }
    return out.answer(more ? text_of(found.rbegin()->first, letters) : std::string());
}

bool sees_payloads(const call& c) { return c.who.may >= http::role::keys; }

http::response one(const letter_room& room, const call& c) {
    auto box = room.open();
    if (!box) return away(box.error());
    const auto where = box.value()->place_of(c.parameter(0));
    const auto letter = where ? box.value()->at(*where)
                              : wire::result<queue::dead_letter>(std::make_error_code(std::errc::invalid_argument));
    if (!letter) return http::problem(404, "no dead letter lies at this place");
    cards::json_writer j;
    put_letter(j, *box.value(), *where, letter.value());
    if (!sees_payloads(c))
        return json(j.text("payload_note", "payloads need a token with the role keys").close('}').str());
    auto opened = queue::tools::open_letter(letter.value(), room.around, {});
    if (const auto* fault = std::get_if<queue::tools::payload_fault>(&opened)) {
        j.text("payload_note", "it cannot be opened: " + fault->what);
    } else {
        const auto& o = std::get<queue::tools::opened_letter>(opened);
        j.name("headers").open('{');
        for (const auto& [name, value] : o.headers) j.text(name, value);
        j.close('}').text("payload", o.payload);
    }
    return json(j.close('}').str());
}

http::response replay(const letter_room& room, const call& c) {
    const auto body = object_of(c.asked.body);
    if (!body) return not_an_object();
    const auto again = flag_member(*body, "again", false);
    const auto* given = body->if_contains("new_id");
    const auto new_id = text_member(*body, "new_id");
    if (!again) return http::problem(400, "again is true or false");
    if (given != nullptr && !given->is_null() && (!new_id || new_id->empty() || new_id->size() > 256))
        return http::problem(400, "new_id is the id that the event gets, 1 to 256 octets");
    auto box = room.open();
    if (!box) return away(box.error());
    const auto where = box.value()->place_of(c.parameter(0));
    if (!where) return http::problem(404, "no dead letter lies at this place");
    const auto did = queue::tools::replay_letter(*box.value(), *where, {*again, new_id.value_or(""), {}}, room.around);
    switch (did.is) {
        case replay_outcome::kind::no_letter: return http::problem(404, "no dead letter lies at this place");
        case replay_outcome::kind::already:
            return http::problem(409, did.why + "; say \"again\":true to replay it once more");
        case replay_outcome::kind::no_event: return http::problem(422, did.why);
        case replay_outcome::kind::failed: return unavailable(did.why);
        case replay_outcome::kind::replayed: break;
    }
    cards::json_writer j;
    j.open('{').text("outcome", "replayed").text("id", did.id).text("as", did.as);
    if (!did.why.empty()) j.text("note", did.why);
    return json(j.close('}').str());
}

}  // namespace

void add_dead_letters(book& to, letter_room from) {
    using http::role;
    const auto room = std::make_shared<const letter_room>(std::move(from));
    to.add("GET", "/api/v1/dead-letters", role::read, [room](const call& c) { return list(*room, c); },
           {"open", "reason", "after", "limit"});
    to.add(
        "GET", "/api/v1/dead-letters/{place}", role::read, [room](const call& c) { return one(*room, c); }, {},
        sees_payloads);
    to.add("POST", "/api/v1/dead-letters/{place}/replay", role::operate,
           [room](const call& c) { return replay(*room, c); });
}

}  // namespace ota::api
