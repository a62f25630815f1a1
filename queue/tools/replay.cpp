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

class replayer {
public:
    replayer(const replay_request& request, letter_box& box, streams s, const surroundings& around)
        : request_(request), box_(box), streams_(s), around_(around) {}

    enum class outcome { replayed, refused, hopeless };  ///< hopeless: the next one would fail alike

    outcome run(const letter_place& where) {
        const auto letter = box_.at(where);
        if (!letter) {
            streams_.err << "no dead letter at " << box_.form() << ' ' << box_.text_of(where) << ": "
                         << letter.error().message() << '\n';
            return outcome::refused;
        }
        if (const auto before = box_.replayed(where); before && !request_.again)
            return refuse(where, "was replayed at " + serialize_timestamp(*before) + "; --again replays it once more");
        auto opened = open_letter(letter.value(), around_, request_.old_kek);
        if (const auto* fault = std::get_if<payload_fault>(&opened)) return refuse(where, fault->what);
        return publish(where, std::get<opened_letter>(std::move(opened)));
    }

private:
    outcome publish(const letter_place& where, opened_letter&& opened) {
        auto read = read_payload(opened.payload, opened.headers);
        if (const auto* why = std::get_if<std::string>(&read)) return refuse(where, "it still is no event: " + *why);
        auto& event = std::get<change_event>(read);
        // The key is the subject: what it was, unless that was missing or another one, which is what killed the record.
        message change{topic_changes, event.subject, std::move(opened.payload), std::move(opened.headers)};
        if (!request_.new_id.empty()) {
            event.id = request_.new_id;
            change.value = serialize_event(event);
        }
        const auto did = box_.replay(where, change, around_.now());
        if (!did.as.empty()) {
            streams_.out << box_.text_of(where) << '\t' << event.id << '\t' << did.as << '\n';
            streams_.out.flush();
        }
        if (!did.why) return outcome::replayed;
        refuse(where, (did.as.empty() ? "" : "replayed, but not marked so: ") + did.why.message());
        return did.of_the_box ? outcome::hopeless : outcome::refused;
    }
    outcome refuse(const letter_place& where, const std::string& why) {
        streams_.err << box_.form() << ' ' << box_.text_of(where) << ": " << why << '\n';
        return outcome::refused;
    }

    const replay_request& request_;
    letter_box& box_;
    streams streams_;
    const surroundings& around_;
};

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
    replayer run(request, box, s, around);
    for (const auto& where : *wanted) {
        const auto did = run.run(where);
        did == replayer::outcome::replayed ? ++replayed : ++refused;
        if (did != replayer::outcome::hopeless) continue;
        refused = wanted->size() - replayed;
        break;
    }
    s.err << "replayed " << replayed << ", not replayed " << refused << '\n';
    return refused == 0 ? 0 : 1;
}

}  // namespace ota::queue::tools
