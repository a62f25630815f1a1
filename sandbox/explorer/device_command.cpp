#include "sandbox/device/device.hpp"
#include "sandbox/explorer/card_explorer.hpp"
#include "sandbox/explorer/object_view.hpp"
#include "sandbox/explorer/printed_text.hpp"

#include <ostream>

// device: what a device makes of the card that it is given.

namespace ota::sandbox {

namespace mo = management_object;
using kind = device_event::kind;

namespace {

std::string_view name_of(kind what) {
    switch (what) {
        case kind::incorporated: return "took over";
        case kind::declined: return "the user said no to";
        case kind::deferred: return "the user has not decided on";
        case kind::purged: return "took out";
        case kind::kept_old_copy: return "torn on the card, kept the old copy of";
        case kind::absent: return "torn on the card, does without";
        case kind::unsupported: return "does not know";
        case kind::place_taken: return "has something else in the place of";
        case kind::unreadable: return "could not read";
        case kind::drift: return "was edited at the device";
        case kind::session_started: return "started a session with";
        case kind::session_finished: return "ended a session";
        case kind::session_failed: return "failed in a session";
        case kind::given_up: return "has given up connecting with";
        case kind::card_silent: return "got no answer of the card";
    }
    return "";
}

/// A model that knows every object of the card.
device_model model_for(const objects_on_card& seen) {
    device_model out{.imei = "490154203237518", .maker = "Sandbox", .model = "Explorer"};
    out.objects.clear();
    for (const auto& o : seen.objects) {
        const auto placed =
            o.image ? mo::read_image(*o.image) : wire::result<std::optional<mo::placed_node>>(wire::errc::truncated);
        if (placed && placed.value()) out.objects.push_back(placed.value()->top.type);
    }
    return out;
}

std::string line_of(const device_event& e) {
    auto out = std::string(name_of(e.what)) + " " + printable(mo::serialize_uri(e.at));
    if (!e.label.empty()) out += " (" + printable(e.label) + ")";
    if (e.what == kind::incorporated) out += ", generation " + std::to_string(e.generation);
    if (!e.detail.empty()) out += ": " + printable(e.detail);
    return out;
}

}  // namespace

card_explorer::outcome card_explorer::device(words said) {
    const auto answer = said.empty() ? std::string("yes") : said[0];
    if (answer != "yes" && answer != "no" && answer != "later")
        return complain("device: its user answers yes, no or later", outcome::wrong_usage);
    const auto seen = look();
    if (!seen) return outcome::failed;
    auto terminal = card_.beside();
    device_hooks hooks;
    hooks.ask = [&](const offered_object& o) {
        out_ << "asks the user about " << printable(mo::serialize_uri(o.at)) << " (" << printable(o.label)
             << "): " << answer << '\n';
        return answer == "yes" ? consent::yes : answer == "no" ? consent::no : consent::later;
    };
    hooks.connect = [&](const std::string& uri, dm_request) {
        out_ << "connects by itself to " << printable(uri) << '\n';
    };
    const instant now{std::chrono::hours(1)};
    sandbox::device phone(model_for(*seen), std::move(hooks));
    phone.insert({.transmit = [&](wire::octet_view asked) { return terminal.transmit(asked); },
                  .reset = [&] { terminal.reset(); },
                  .pin = pin_.empty() ? std::nullopt : std::optional(pin_)},
                 now);
    phone.switch_on(now);
    phone.tick(now);
    for (const auto& e : phone.take_events())
        if (e.what != kind::session_started) out_ << line_of(e) << '\n';
    out_ << phone.objects().size() << " objects of the card in the device, after " << phone.commands_to_card()
         << " commands\n";
    return outcome::good;
}

}  // namespace ota::sandbox
