#include "gateway/cards/arguments.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/cards/events.hpp"
#include "gateway/cards/import_row.hpp"
#include "gateway/cards/place.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <ostream>

namespace ota::cards {

namespace {

struct call {
    std::string config, id, source, iccid;
    std::size_t limit = 100;
    bool json = false;
};

/// The one event that is meant; nothing when it has told why there is none.
std::optional<store::event_row> event_of(const call& c, streams s, const place& p) {
    auto found = find_events(p.desk(), c.id, c.source, known_sources(p.settings));
    if (!found) {
        fail(s, "event " + c.id, found.error());
        return std::nullopt;
    }
    auto& rows = found.value();
    if (rows.size() == 1) return std::move(rows.front());
    if (rows.empty()) {
        s.err << "no event " << c.id << " has been taken in" << (c.source.empty() ? "" : " from " + c.source) << '\n';
        return std::nullopt;
    }
    s.err << "several sources have an event " << c.id << "; give --source:\n";
    for (const auto& row : rows) s.err << "  " << row.source << '\n';
    return std::nullopt;
}

int show_event(const call& c, streams s, const place& p) {
    const auto row = event_of(c, s, p);
    if (!row) return failed;
    const auto sheet = look_up_event(p.desk(), *row);
    if (!sheet) return fail(s, "event " + c.id, sheet.error());
    if (c.json) {
        s.out << serialize_event_sheet(sheet.value()) << '\n';
    } else {
        print_event_sheet(sheet.value(), s.out);
    }
    return good;
}

int list_events(const call& c, streams s, const place& p) {
    const auto iccid = iccid_of(c.iccid);
    if (!iccid) return fail(s, c.iccid, errc::unknown_card);
    const auto rows = events_of(p.desk(), *iccid, c.limit);
    if (!rows) return fail(s, *iccid, rows.error());
    for (const auto& row : rows.value()) {
        if (c.json) {
            s.out << serialize_event_row(row) << '\n';
        } else {
            s.out << row.id << '\t' << queue::name_of(static_cast<queue::operation>(row.op)) << '\t' << row.node << '\t'
                  << queue::name_of(static_cast<queue::event_state>(row.state)) << '\t' << row.reason << '\n';
        }
    }
    return good;
}

int cancel_one(const call& c, streams s, const place& p) {
    const auto row = event_of(c, s, p);
    if (!row) return failed;
    const auto did = cancel_event(p.desk(), row->seq);
    if (!did) return fail(s, "event " + c.id, did.error());
    switch (did.value()) {
        case cancel_outcome::cancelled: s.out << "event " << c.id << " is cancelled\n"; return good;
        case cancel_outcome::in_flight:
            s.err << "event " << c.id << " is in flight: its proof of receipt decides it\n";
            return failed;
        case cancel_outcome::final_already:
            s.err << "event " << c.id << " has its final state already\n";
            return failed;
        case cancel_outcome::not_found: s.err << "event " << c.id << " is gone\n"; return failed;
    }
    return failed;
}

using action = int (*)(const call&, streams, const place&);

}  // namespace

int run_events(const arguments& args, streams s, const surroundings& around) {
    call c;
    action chosen = nullptr;
    CLI::App app("Change events that were taken in", "otagw events");
    app.require_subcommand(1);
    app.footer("Exit status: 0 good; 1 failed, or not found; 2 wrong usage; 78 bad configuration.");
    const auto add = [&](const char* name, const char* description, action does) {
        auto* sub = app.add_subcommand(name, description);
        add_config_option(*sub, c.config);
        sub->callback([&chosen, does] { chosen = does; });
        return sub;
    };
    const auto add_for_event = [&](const char* name, const char* description, action does) {
        auto* sub = add(name, description, does);
        sub->add_option("id", c.id, "CloudEvents id")->required();
        sub->add_option("--source", c.source, "CloudEvents source; without it every card may have to be searched");
        return sub;
    };
    add_for_event("show", "an event, its state and what its card did meanwhile", show_event)
        ->add_flag("--json", c.json, "as a JSON object");
    auto* listing = add("list", "a card's events, newest first", list_events);
    listing->add_option("iccid", c.iccid, "ICCID, 18 to 20 digits")->required();
    listing->add_option("--limit", c.limit, "at most so many (100)");
    listing->add_flag("--json", c.json, "one JSON object a line");
    // The queue's: `otagw` hands it over before this is asked.
    app.add_subcommand("tail", "print the event, status or dead-letter log; see `otagw events tail --help`");
    add_for_event("cancel", "end an event that has not been sent", cancel_one);
    if (const auto code = parse_arguments(app, args, s)) return *code;
    if (chosen == nullptr) {
        s.err << "`events tail` comes first in its line; see `otagw events tail --help`\n";
        return wrong_usage;
    }
    int code = good;
    const auto p = open_place(c.config.empty() ? around.config : c.config, {}, s, around, code);
    return p ? chosen(c, s, *p) : code;
}

}  // namespace ota::cards
