#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/tools/arguments.hpp"
#include "queue/tools/build_event.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <fstream>
#include <istream>
#include <ostream>

namespace ota::queue::tools {
namespace {

struct publish_options {
    std::filesystem::path root;
    std::string file;
    std::size_t batch = 1000;
    bool quiet = false;
    event_options event;
};

void declare(CLI::App& app, publish_options& o) {
    add_log_option(app, o.root);
    app.add_option("FILE", o.file, "one CloudEvent per line; - is standard input (the default)");
    app.add_option("--batch", o.batch, "lines made durable together")->check(CLI::Range(1, 100'000));
    app.add_flag("--quiet", o.quiet, "do not print the ids");
    auto* card = app.add_option("--card", o.event.card, "one event from options: the card's ICCID")->excludes("FILE");
    const auto of_event = [&](const char* name, auto& into, const char* what) {
        app.add_option(name, into, what)->needs(card);
    };
    of_event("--op", o.event.op, "add, replace, delete, copy, get or exec");
    of_event("--node", o.event.node, "node URI, ./SC/USIM/SPN");
    of_event("--from", o.event.from, "node URI that a copy reads");
    of_event("--value", o.event.value, "the value, as text");
    of_event("--format", o.event.format, "bin (value in base64), chr, int, bool, xml or null");
    of_event("--type", o.event.type, "MIME type of the value");
    of_event("--revision", o.event.revision, "revision of the node in the source");
    of_event("--not-before", o.event.not_before, "RFC 3339 time before which nothing is sent");
    of_event("--expires-at", o.event.expires_at, "RFC 3339 time after which the change is given up");
    of_event("--priority", o.event.priority, "-8 to 7, higher first");
    of_event("--bearer", o.event.bearer, "any, sms or bip");
    of_event("--source", o.event.source, "CloudEvents source");
    of_event("--id", o.event.id, "CloudEvents id; a fresh one when absent");
}

/// Collects events and makes them durable batch by batch; an id is printed only then.
class publisher {
public:
    publisher(embedded_log log, const publish_options& o, streams s, const surroundings& around)
        : log_(std::move(log)), options_(o), streams_(s), around_(around) {}

    /// Takes one event; false when the log failed.
    bool take(std::string text, const change_event& event) {
        texts_.push_back(std::move(text));
        subjects_.push_back(event.subject);
        ids_.push_back(event.id);
        return texts_.size() < options_.batch || flush();
    }
    bool flush() {
        std::vector<embedded::entry> batch;
        for (std::size_t i = 0; i < texts_.size(); ++i) batch.push_back({subjects_[i], texts_[i]});
        const auto appended = log_.append(batch, around_.now());
        if (!appended) {
            streams_.err << "not published: " << appended.error().message() << "; " << durable_
                         << " events are durable, the rest is not\n";
            return false;
        }
        if (!options_.quiet)
            for (const auto& id : ids_) streams_.out << id << '\n';
        streams_.out.flush();
        durable_ += texts_.size();
        texts_.clear(), subjects_.clear(), ids_.clear();
        return true;
    }
    [[nodiscard]] std::size_t durable() const noexcept { return durable_; }

private:
    embedded_log log_;
    const publish_options& options_;
    streams streams_;
    const surroundings& around_;
    std::vector<std::string> texts_, subjects_, ids_;
    std::size_t durable_ = 0;
};

int publish_lines(std::istream& in, publisher& to, streams s) {
    std::size_t refused = 0, number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.ends_with('\r')) line.pop_back();
        if (line.find_first_not_of(" \t") == std::string::npos) continue;
        auto event = parse_event(line, {});
        if (const auto* bad = std::get_if<unreadable>(&event)) {
            s.err << "line " << number << ": " << bad->reason << ": " << bad->detail << '\n';
            ++refused;
        } else if (!to.take(line, std::get<change_event>(event))) {
            return 1;
        }
    }
    if (in.bad()) s.err << "line " << number + 1 << ": reading failed\n";
    if (!to.flush()) return 1;
    if (refused != 0) s.err << "published " << to.durable() << ", refused " << refused << '\n';
    return refused == 0 && !in.bad() ? 0 : 1;
}

int publish_one(event_options event, publisher& to, streams s, const surroundings& around) {
    if (event.id.empty()) event.id = around.new_id();
    auto built = build_event(event);
    if (const auto* bad = std::get_if<unreadable>(&built)) {
        s.err << bad->reason << ": " << bad->detail << '\n';
        return 1;
    }
    change_event read;
    read.subject = event.card;
    read.id = event.id;
    return to.take(std::get<std::string>(std::move(built)), read) && to.flush() ? 0 : 1;
}

}  // namespace

int run_publish(const arguments& args, streams s, const surroundings& around) {
    publish_options o;
    o.root = around.root;
    CLI::App app("Appends change events to the embedded log", "otagw publish");
    declare(app, o);
    if (const auto code = parse_arguments(app, args, s)) return *code;
    if (o.root.empty()) return without_log(s);

    std::ifstream file;
    const bool from_file = !o.file.empty() && o.file != "-";
    if (from_file) {
        file.open(o.file);
        if (!file) {
            s.err << o.file << ": cannot be opened\n";
            return 1;
        }
    }
    auto log = embedded_log::open(topic_directory(o.root, topic_changes));
    if (!log) {
        s.err << topic_directory(o.root, topic_changes).string() << ": " << log.error().message() << '\n';
        return 1;
    }
    publisher to(std::move(log).value(), o, s, around);
    if (!o.event.card.empty()) return publish_one(o.event, to, s, around);
    return publish_lines(from_file ? file : s.in, to, s);
}

}  // namespace ota::queue::tools
