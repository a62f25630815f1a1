#include "queue/embedded/embedded_sink.hpp"
#include "queue/tools/arguments.hpp"
#include "queue/tools/build_event.hpp"
#include "queue/tools/change_writer.hpp"

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
    publisher(std::unique_ptr<change_writer> to, const publish_options& o, streams s, const surroundings& around)
        : to_(std::move(to)), options_(o), streams_(s), around_(around) {}

    /// Takes one event; false when the queue failed.
    bool take(std::string text, const change_event& event) {
        batch_.push_back({topic_changes, event.subject, std::move(text), {}});
        ids_.push_back(event.id);
        return batch_.size() < options_.batch || flush();
    }
    bool flush() {
        if (batch_.empty()) return true;
        const auto did = to_->append(batch_, around_.now());
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            if (!did.durable[i]) continue;
            ++durable_;
            if (!options_.quiet) streams_.out << ids_[i] << '\n';
        }
        streams_.out.flush();
        if (did.why)
            streams_.err << "not published: " << did.why.message() << "; " << durable_
                         << (options_.root.empty() ? " events are durable, the rest may not be\n"
                                                   : " events are durable, the rest is not\n");
        batch_.clear(), ids_.clear();
        return !did.why;
    }
    [[nodiscard]] std::size_t durable() const noexcept { return durable_; }

private:
    std::unique_ptr<change_writer> to_;
    const publish_options& options_;
    streams streams_;
    const surroundings& around_;
    std::vector<message> batch_;
    std::vector<std::string> ids_;
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
    CLI::App app("Publishes change events", "otagw publish");
    declare(app, o);
    if (const auto code = parse_arguments(app, args, s)) return *code;
    if (o.root.empty() && !around.kafka) return without_log(s);

    std::ifstream file;
    const bool from_file = !o.file.empty() && o.file != "-";
    if (from_file) {
        file.open(o.file);
        if (!file) {
            s.err << o.file << ": cannot be opened\n";
            return 1;
        }
    }
    auto opened = o.root.empty() ? open_change_topic(*around.kafka) : open_change_log(o.root);
    if (!opened) {
        if (!o.root.empty()) s.err << topic_directory(o.root, topic_changes).string() << ": ";
        s.err << opened.error().message() << '\n';
        return failure_code(opened.error());
    }
    publisher to(std::move(opened).value(), o, s, around);
    if (!o.event.card.empty()) return publish_one(o.event, to, s, around);
    return publish_lines(from_file ? file : s.in, to, s);
}

}  // namespace ota::queue::tools
