#include "queue/timestamp.hpp"
#include "queue/tools/dead_letters.hpp"

#include <ostream>

namespace ota::queue::tools {
namespace {

/// What goes among the changes for a dead letter: its payload, or the reason why that cannot become an event.
std::variant<change_event, std::string> read_payload(const std::string& payload, const record_headers& headers) {
    auto read = parse_event(payload, {}, headers);
    if (auto* bad = std::get_if<unreadable>(&read)) return bad->reason + ": " + bad->detail;
    return std::get<change_event>(std::move(read));
}

using kind = replay_outcome::kind;

/// Tells on the streams what became of one.
void tell(const replay_outcome& did, const letter_place& where, letter_box& box, streams s) {
    if (did.is == kind::replayed) {
        s.out << box.text_of(where) << '\t' << did.id << '\t' << did.as << '\n';
        s.out.flush();
    }
    if (did.is == kind::no_letter) {
        s.err << "no dead letter at " << box.form() << ' ' << box.text_of(where) << ": " << did.why << '\n';
    } else if (!did.why.empty()) {
        s.err << box.form() << ' ' << box.text_of(where) << ": " << did.why
              << (did.is == kind::already ? "; --again replays it once more\n" : "\n");
    }
}

/// Places of what was asked for; empty: said on the error stream. `missing` counts ids that name none.
std::optional<std::vector<letter_place>> places_of(const replay_request& request, letter_box& box, streams s,
                                                   std::size_t& missing) {
    std::vector<letter_place> wanted;
    for (const auto& which : request.which) {
        const auto where = find_letter(box, which, s);
        where ? wanted.push_back(*where) : void(++missing);
    }
    if (!request.all) return wanted;
    const auto read = box.each([&](const letter_place& where, const dead_letter& letter) {
        if (!box.replayed(where) && (request.reason.empty() || letter.reason == request.reason))
            wanted.push_back(where);
    });
    if (read) return wanted;
    s.err << "replay: " << read.error().message() << '\n';
    return std::nullopt;
}

}  // namespace

replay_outcome replay_letter(letter_box& box, const letter_place& where, const replay_choice& choice,
                             const surroundings& around) {
    const auto letter = box.at(where);
    if (!letter) return {kind::no_letter, {}, {}, letter.error().message()};
    if (const auto before = box.replayed(where); before && !choice.again)
        return {kind::already, {}, {}, "was replayed at " + serialize_timestamp(*before)};
    auto opened = open_letter(letter.value(), around, choice.old_kek);
    if (auto* fault = std::get_if<payload_fault>(&opened)) return {kind::no_event, {}, {}, std::move(fault->what)};
    auto& [payload, headers] = std::get<opened_letter>(opened);
    auto read = read_payload(payload, headers);
    if (const auto* why = std::get_if<std::string>(&read))
        return {kind::no_event, {}, {}, "it still is no event: " + *why};
    auto& event = std::get<change_event>(read);
    // The key is the subject: what it was, unless that was missing or another one, which is what killed the record.
    message change{topic_changes, event.subject, std::move(payload), std::move(headers)};
    if (!choice.new_id.empty()) {
        event.id = choice.new_id;
        change.value = serialize_event(event);
    }
    auto did = box.replay(where, change, around.now());
    replay_outcome out{did.as.empty() ? kind::failed : kind::replayed,
                       std::move(event.id),
                       std::move(did.as),
                       {},
                       did.why && did.of_the_box};
    if (did.why) out.why = (out.is == kind::replayed ? "replayed, but not marked so: " : "") + did.why.message();
    return out;
}

int replay(const replay_request& request, letter_box& box, streams s, const surroundings& around) {
    if (!request.all && request.which.empty()) {
        s.err << "replay: give " << box.form() << "s or ids, or --all\n";
        return 2;
    }
    if (!request.new_id.empty() && request.which.size() != 1) {
        s.err << "replay: --id goes with exactly one dead letter\n";
        return 2;
    }
    std::size_t refused = 0, replayed = 0;
    const auto wanted = places_of(request, box, s, refused);
    if (!wanted) return 1;
    for (const auto& where : *wanted) {
        const auto did = replay_letter(box, where, {request.again, request.new_id, request.old_kek}, around);
        tell(did, where, box, s);
        did.is == kind::replayed&& did.why.empty() ? ++replayed : ++refused;
        if (!did.hopeless) continue;
        refused = wanted->size() - replayed;
        break;
    }
    s.err << "replayed " << replayed << ", not replayed " << refused << '\n';
    return refused == 0 ? 0 : 1;
}

}  // namespace ota::queue::tools
