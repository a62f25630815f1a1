#include "queue/tools/dead_letters.hpp"

#include "queue/embedded/embedded_sink.hpp"
#include "queue/errc.hpp"
#include "queue/timestamp.hpp"
#include "queue/tools/arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <ostream>

namespace ota::queue::tools {

wire::result<dead_letter_log> dead_letter_log::open(const std::filesystem::path& root) {
    OTA_TRY(auto reader, log_reader::open(topic_directory(root, topic_dead_letters)));
    dead_letter_log out(std::move(reader));
    OTA_TRY(out.read_marks());
    return out;
}

wire::result<void> dead_letter_log::read_marks() {
    for (;;) {
        OTA_TRY(const auto next, reader_.next());
        if (!next) return BOOST_OUTCOME_V2_NAMESPACE::success();
        if (next->damaged) ++damaged_;
        if (const auto mark = parse_replay_mark(next->content.payload))
            replayed_[mark.value().dead_letter_offset] = mark.value().at;
    }
}

wire::result<void> dead_letter_log::each(const visitor& visit) {
    OTA_TRY(const auto oldest, reader_.oldest_offset());
    OTA_TRY(reader_.seek(oldest));
    for (;;) {
        OTA_TRY(const auto next, reader_.next());
        if (!next) return BOOST_OUTCOME_V2_NAMESPACE::success();
        if (next->damaged) continue;
        if (const auto letter = parse_dead_letter(next->content.payload)) visit(next->offset, letter.value());
    }
}

wire::result<dead_letter> dead_letter_log::at(std::int64_t offset) {
    OTA_TRY(reader_.seek(offset));
    OTA_TRY(const auto next, reader_.next());
    if (!next || next->damaged) return errc::bad_dead_letter;
    return parse_dead_letter(next->content.payload);
}

std::optional<wall_time> dead_letter_log::replayed(std::int64_t offset) const {
    const auto found = replayed_.find(offset);
    return found == replayed_.end() ? std::nullopt : std::optional(found->second);
}

std::variant<std::string, payload_fault> open_payload(const dead_letter& letter, const surroundings& around,
                                                      const std::string& old_kek) {
    if (!around.open_payload) return payload_fault{"its payload is sealed, and no key is at hand"};
    auto payload = around.open_payload(letter);
    if (!payload && !old_kek.empty() && around.open_payload_under) payload = around.open_payload_under(letter, old_kek);
    if (payload) return std::move(payload.value());
    auto what = payload.error().message();
    if (old_kek.empty())
        what +=
            "; a dead letter from before `otagw keys rewrap` is still under the old key: give it with --old-kek FILE";
    return payload_fault{std::move(what)};
}

namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string to_text(const record_place& place) {
    return place.topic + "/" + std::to_string(place.partition) + "/" + std::to_string(place.offset);
}

int list(dead_letter_log& log, const std::string& reason, bool open_only, streams s) {
    s.out << "offset\tat\treason\tsubject\tid\torigin\treplayed\n";
    const auto read = log.each([&](std::int64_t offset, const dead_letter& letter) {
        const auto replayed = log.replayed(offset);
        if ((open_only && replayed) || (!reason.empty() && letter.reason != reason)) return;
        s.out << offset << '\t' << serialize_timestamp(letter.at) << '\t' << letter.reason << '\t'
              << or_dash(letter.subject) << '\t' << or_dash(letter.id) << '\t' << to_text(letter.origin) << '\t'
              << (replayed ? serialize_timestamp(*replayed) : "-") << '\n';
    });
    if (!read) s.err << "dead letters: " << read.error().message() << '\n';
    if (log.damaged() != 0) s.err << log.damaged() << " damaged records in the dead-letter log\n";
    return read && log.damaged() == 0 ? 0 : 1;
}

int show(dead_letter_log& log, std::int64_t offset, const std::string& old_kek, streams s, const surroundings& around) {
    const auto letter = log.at(offset);
    if (!letter) {
        s.err << "no dead letter at offset " << offset << ": " << letter.error().message() << '\n';
        return 1;
    }
    const auto& l = letter.value();
    const auto replayed = log.replayed(offset);
    s.out << "reason    " << l.reason << "\ndetail    " << l.detail << "\nsource    " << or_dash(l.source)
          << "\nid        " << or_dash(l.id) << "\nsubject   " << or_dash(l.subject) << "\norigin    "
          << to_text(l.origin) << "\nat        " << serialize_timestamp(l.at) << "\nreplayed  "
          << (replayed ? serialize_timestamp(*replayed) : "-") << '\n';
    if (!around.open_payload) {
        s.out << "payload   sealed, " << l.sealed.size() << " octets\n";
        return 0;
    }
    const auto payload = open_payload(l, around, old_kek);
    if (const auto* fault = std::get_if<payload_fault>(&payload)) {
        s.err << "payload cannot be opened: " << fault->what << '\n';
        return 1;
    }
    s.out << "payload   " << std::get<std::string>(payload) << '\n';
    return 0;
}

}  // namespace

int run_dlq(const arguments& args, streams s, const surroundings& around) {
    replay_request request;
    request.root = around.root;
    std::int64_t offset = 0;
    bool open_only = false;
    CLI::App app("Lists, shows and replays dead letters", "otagw dlq");
    add_log_option(app, request.root);
    app.add_option("--old-kek", request.old_kek,
                   "show, replay: key file for dead letters from before `otagw keys rewrap`")
        ->type_name("FILE");
    app.require_subcommand(1);
    app.fallthrough();
    auto* listing = app.add_subcommand("list", "one line per dead letter");
    listing->add_option("--reason", request.reason, "only those with this reason code");
    listing->add_flag("--open", open_only, "only those that were not replayed");
    auto* showing = app.add_subcommand("show", "one dead letter with its payload");
    showing->add_option("OFFSET", offset, "as list prints it")->required();
    auto* replaying = app.add_subcommand("replay", "appends payloads to the change log again");
    auto* offsets = replaying->add_option("OFFSET", request.offsets, "as list prints it");
    replaying->add_flag("--all", request.all, "every one that was not replayed yet")->excludes(offsets);
    replaying->add_option("--reason", request.reason, "with --all: only those with this reason code");
    replaying->add_option("--id", request.new_id, "with one offset: the id that its event gets");
    if (const auto code = parse_arguments(app, args, s)) return *code;
    if (request.root.empty()) return without_log(s);

    auto log = dead_letter_log::open(request.root);
    if (!log) {
        s.err << topic_directory(request.root, topic_dead_letters).string() << ": " << log.error().message() << '\n';
        return 1;
    }
    if (listing->parsed()) return list(log.value(), request.reason, open_only, s);
    if (showing->parsed()) return show(log.value(), offset, request.old_kek, s, around);
    return replay(request, log.value(), s, around);
}

}  // namespace ota::queue::tools
