#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/tools/dead_letters.hpp"

#include <ostream>

namespace ota::queue::tools {
namespace {

/// What goes into the change log for a dead letter: its payload, or the reason why that cannot become an event.
std::variant<change_event, std::string> read_payload(const std::string& payload) {
    auto read = parse_event(payload, {});
    if (auto* bad = std::get_if<unreadable>(&read)) return bad->reason + ": " + bad->detail;
    return std::get<change_event>(std::move(read));
}

class replayer {
public:
    replayer(embedded_log changes, embedded_log letters, streams s, const surroundings& around, std::string old_kek)
        : changes_(std::move(changes)),
          letters_(std::move(letters)),
          streams_(s),
          around_(around),
          old_kek_(std::move(old_kek)) {}

    /// True when the dead letter's payload is in the change log again.
    bool run(std::int64_t offset, const dead_letter& letter, const std::string& new_id) {
        const auto payload = open_payload(letter, around_, old_kek_);
        if (const auto* fault = std::get_if<payload_fault>(&payload)) return refuse(offset, fault->what);
        std::string text = std::get<std::string>(payload);
        auto read = read_payload(text);
        if (const auto* why = std::get_if<std::string>(&read)) return refuse(offset, "it still is no event: " + *why);
        auto& event = std::get<change_event>(read);
        if (!new_id.empty()) {
            event.id = new_id;
            text = serialize_event(event);
        }
        // The event first: dying in between leaves it to be replayed again, and its id tells the repeat (R22).
        const embedded::entry change{event.subject, text};
        const auto appended = changes_.append({&change, 1}, around_.now());
        if (!appended) return refuse(offset, appended.error().message());
        const auto place = appended.value().begin;
        const auto mark = serialize_replay_mark({offset, {topic_changes, 0, place}, around_.now()});
        const embedded::entry note{event.subject, mark};
        if (const auto noted = letters_.append({&note, 1}, around_.now()); !noted)
            return refuse(offset, "replayed, but not marked so: " + noted.error().message());
        streams_.out << offset << '\t' << event.id << '\t' << place << '\n';
        return true;
    }

private:
    bool refuse(std::int64_t offset, const std::string& why) {
        streams_.err << "offset " << offset << ": " << why << '\n';
        return false;
    }

    embedded_log changes_;
    embedded_log letters_;
    streams streams_;
    const surroundings& around_;
    std::string old_kek_;
};

}  // namespace

int replay(const replay_request& request, dead_letter_log& log, streams s, const surroundings& around) {
    if (!request.all && request.offsets.empty()) {
        s.err << "replay: give offsets, or --all\n";
        return 2;
    }
    if (!request.new_id.empty() && request.offsets.size() != 1) {
        s.err << "replay: --id goes with exactly one offset\n";
        return 2;
    }
    auto changes = embedded_log::open(topic_directory(request.root, topic_changes));
    auto letters = embedded_log::open(topic_directory(request.root, topic_dead_letters));
    if (!changes || !letters) {
        s.err << "replay: " << (changes ? letters.error() : changes.error()).message() << '\n';
        return 1;
    }
    std::vector<std::int64_t> wanted = request.offsets;
    if (request.all) {
        const auto read = log.each([&](std::int64_t offset, const dead_letter& letter) {
            if (!log.replayed(offset) && (request.reason.empty() || letter.reason == request.reason))
                wanted.push_back(offset);
        });
        if (!read) {
            s.err << "replay: " << read.error().message() << '\n';
            return 1;
        }
    }
    replayer run(std::move(changes).value(), std::move(letters).value(), s, around, request.old_kek);
    std::size_t failed = 0;
    for (const auto offset : wanted) {
        const auto letter = log.at(offset);
        if (!letter) s.err << "no dead letter at offset " << offset << ": " << letter.error().message() << '\n';
        if (!letter || !run.run(offset, letter.value(), request.new_id)) ++failed;
    }
    return failed == 0 ? 0 : 1;
}

}  // namespace ota::queue::tools
