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
namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string to_text(const record_place& place) {
    return place.topic + "/" + std::to_string(place.partition) + "/" + std::to_string(place.offset);
}

wire::result<std::string> open_sealed(const dead_letter& letter, const surroundings& around,
                                      const std::string& old_kek) {
    auto clear = around.open_payload(letter);
    if (!clear && !old_kek.empty() && around.open_payload_under) clear = around.open_payload_under(letter, old_kek);
    return clear;
}

}  // namespace

std::variant<opened_letter, payload_fault> open_letter(const dead_letter& letter, const surroundings& around,
                                                       const std::string& old_kek) {
    if (!around.open_payload) return payload_fault{"its payload is sealed, and no key is at hand"};
    if (letter.sealed.empty())
        return payload_fault{"its payload was longer than the topic takes; it is read at its origin, " +
                             to_text(letter.origin)};
    opened_letter out;
    auto payload = open_sealed(letter, around, old_kek);
    if (!payload) {
        auto what = payload.error().message();
        if (old_kek.empty())
            what +=
                "; a dead letter from before `otagw keys rewrap` is still under the old key: give it with "
                "--old-kek FILE";
        return payload_fault{std::move(what)};
    }
    out.payload = std::move(payload.value());
    if (letter.sealed_headers.empty()) return out;
    auto beside = letter;
    beside.sealed = letter.sealed_headers;
    const auto text = open_sealed(beside, around, old_kek);
    auto headers = text ? parse_headers(text.value()) : wire::result<record_headers>(text.error());
    if (!headers) return payload_fault{"its headers cannot be opened: " + headers.error().message()};
    out.headers = std::move(headers.value());
    return out;
}

std::optional<letter_place> find_letter(letter_box& box, const std::string& which, streams s) {
    if (const auto place = box.place_of(which)) return place;
    std::vector<letter_place> found;
    const auto read = box.each([&](const letter_place& where, const dead_letter& letter) {
        if (letter.id == which) found.push_back(where);
    });
    if (!read) {
        s.err << "dead letters: " << read.error().message() << '\n';
        return std::nullopt;
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        s.err << "no dead letter has the id " << which << ", and it is no " << box.form() << '\n';
        return std::nullopt;
    }
    s.err << "several dead letters have the id " << which << ":";
    for (const auto& where : found) s.err << ' ' << box.text_of(where);
    s.err << "; give the one that is meant\n";
    return std::nullopt;
}

namespace {

int list(letter_box& box, const std::string& reason, bool open_only, streams s) {
    s.out << box.form() << "\tat\treason\tsubject\tid\torigin\treplayed\n";
    const auto read = box.each([&](const letter_place& where, const dead_letter& letter) {
        const auto replayed = box.replayed(where);
        if ((open_only && replayed) || (!reason.empty() && letter.reason != reason)) return;
        s.out << box.text_of(where) << '\t' << serialize_timestamp(letter.at) << '\t' << letter.reason << '\t'
              << or_dash(letter.subject) << '\t' << or_dash(letter.id) << '\t' << to_text(letter.origin) << '\t'
              << (replayed ? serialize_timestamp(*replayed) : "-") << '\n';
    });
    if (!read) s.err << "dead letters: " << read.error().message() << '\n';
    if (box.damaged() != 0) s.err << box.damaged() << " damaged records among the dead letters\n";
    return read && box.damaged() == 0 ? 0 : 1;
}

int show(letter_box& box, const std::string& which, const std::string& old_kek, streams s, const surroundings& around) {
    const auto where = find_letter(box, which, s);
    if (!where) return 1;
    const auto letter = box.at(*where);
    if (!letter) {
        s.err << "no dead letter at " << box.form() << ' ' << box.text_of(*where) << ": " << letter.error().message()
              << '\n';
        return 1;
    }
    const auto& l = letter.value();
    const auto replayed = box.replayed(*where);
    s.out << "reason    " << l.reason << "\ndetail    " << l.detail << "\nsource    " << or_dash(l.source)
          << "\nid        " << or_dash(l.id) << "\nsubject   " << or_dash(l.subject) << "\norigin    "
          << to_text(l.origin) << "\nat        " << serialize_timestamp(l.at) << "\nreplayed  "
          << (replayed ? serialize_timestamp(*replayed) : "-") << '\n';
    if (!around.open_payload) {
        s.out << "payload   sealed, " << l.sealed.size() << " octets\n";
        return 0;
    }
    const auto opened = open_letter(l, around, old_kek);
    if (const auto* fault = std::get_if<payload_fault>(&opened)) {
        s.err << "payload cannot be opened: " << fault->what << '\n';
        return 1;
    }
    const auto& o = std::get<opened_letter>(opened);
    for (const auto& [name, value] : o.headers) s.out << "header    " << name << ": " << value << '\n';
    s.out << "payload   " << o.payload << '\n';
    return 0;
}

wire::result<std::unique_ptr<letter_box>> open_box(const std::filesystem::path& root, const surroundings& around) {
    return root.empty() ? open_letter_topic(*around.kafka) : open_letter_log(root);
}

struct dlq_call {
    std::filesystem::path root;
    replay_request request;
    std::string which;
    bool open_only = false;
};

}  // namespace

int run_dlq(const arguments& args, streams s, const surroundings& around) {
    dlq_call c;
    c.root = around.root;
    auto& request = c.request;
    CLI::App app("Lists, shows and replays dead letters", "otagw dlq");
    add_log_option(app, c.root);
    app.add_option("--old-kek", request.old_kek,
                   "show, replay: key file for dead letters from before `otagw keys rewrap`")
        ->type_name("FILE");
    app.require_subcommand(1);
    app.fallthrough();
    auto* listing = app.add_subcommand("list", "one line per dead letter");
    listing->add_option("--reason", request.reason, "only those with this reason code");
    listing->add_flag("--open", c.open_only, "only those that were not replayed");
    auto* showing = app.add_subcommand("show", "one dead letter with its payload");
    showing->add_option("WHICH", c.which, "place (the first column of list) or id")->required();
    auto* replaying = app.add_subcommand("replay", "puts payloads among the changes again");
    auto* which = replaying->add_option("WHICH", request.which, "places (the first column of list) or ids");
    replaying->add_flag("--all", request.all, "every one that was not replayed yet")->excludes(which);
    replaying->add_flag("--again", request.again, "also when it was replayed before")->needs(which);
    replaying->add_option("--reason", request.reason, "with --all: only those with this reason code");
    replaying->add_option("--id", request.new_id, "with one dead letter: the id that its event gets");
    if (const auto code = parse_arguments(app, args, s)) return *code;
    if (c.root.empty() && !around.kafka) return without_log(s);

    const auto box = open_box(c.root, around);
    if (!box) {
        if (!c.root.empty()) s.err << topic_directory(c.root, topic_dead_letters).string() << ": ";
        s.err << box.error().message() << '\n';
        return failure_code(box.error());
    }
    if (listing->parsed()) return list(*box.value(), request.reason, c.open_only, s);
    if (showing->parsed()) return show(*box.value(), c.which, request.old_kek, s, around);
    return replay(request, *box.value(), s, around);
}

}  // namespace ota::queue::tools
