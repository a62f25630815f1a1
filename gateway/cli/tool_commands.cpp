#include "gateway/campaigns/campaigns_command.hpp"
#include "gateway/cards/commands.hpp"
#include "gateway/cards/vault.hpp"
#include "gateway/cli/backends.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cli/http_door.hpp"
#include "gateway/http/ask.hpp"
#include "gateway/object-tool/object_tool.hpp"
#include "gateway/packet/packet_tool.hpp"
#include "gateway/profile/check.hpp"
#include "gateway/profile/gateway_settings.hpp"
#include "queue/tools/commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <unistd.h>

#include <csignal>
#include <iostream>

namespace ota::cli {

namespace {

std::sig_atomic_t volatile interrupted = 0;

queue::wall_time wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string new_id() {
    wire::octets octets(16);
    cards::system_random(octets);
    return wire::to_hex(octets);
}

/// Takes `--config F` out of the arguments and loads it; without it the embedded defaults hold. False when it has
/// errors.
bool load_settings(arguments& args, gateway_settings& settings) {
    for (std::size_t i = 0; i < args.size(); ++i) {
        std::string file;
        std::size_t taken = 1;
        if ((args[i] == "--config" || args[i] == "-c") && i + 1 < args.size()) {
            file = args[i + 1];
            taken = 2;
        } else if (args[i].rfind("--config=", 0) == 0) {
            file = args[i].substr(9);
        } else {
            continue;
        }
        args.erase(args.begin() + static_cast<std::ptrdiff_t>(i),
                   args.begin() + static_cast<std::ptrdiff_t>(i + taken));
        config::faults faults;
        settings = load_gateway_settings(file, faults);
        for (const auto& f : faults.list()) {
            if (f.is == config::fault::severity::error) std::cerr << to_string(f) << '\n';
        }
        return !faults.any_error();
    }
    return true;
}

void interrupt_on_sigint() {
    std::signal(SIGINT, [](int) { interrupted = 1; });
}

cards::streams card_streams() { return {std::cin, std::cout, std::cerr}; }

std::string text_of(const boost::json::object& from, std::string_view name) {
    const auto* v = from.if_contains(name);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
}

/// What stands at /readyz. Somebody else's answer there counts as none.
cards::gateway_voice ask_gateway(const http_settings& at) {
    cards::gateway_voice voice;
    voice.asked = at.port != 0;
    const auto said =
        voice.asked ? http::ask(at.address, at.port, "/readyz", std::chrono::milliseconds(2000), at.tls.certificate)
                    : std::nullopt;
    boost::system::error_code ec;
    const auto body = said ? boost::json::parse(said->body, ec) : boost::json::value();
    const auto* object = ec ? nullptr : body.if_object();
    const auto* reasons = object != nullptr ? object->if_contains("reasons") : nullptr;
    if (reasons == nullptr || !reasons->is_array()) return voice;
    voice.answered = true;
    for (const auto& r : reasons->get_array()) {
        if (const auto* reason = r.if_object())
            voice.reasons.push_back(text_of(*reason, "name") + ": " + text_of(*reason, "reason"));
    }
    return voice;
}

cards::surroundings card_surroundings() {
    interrupt_on_sigint();
    cards::surroundings s;
    s.now = wall_now;
    s.ask_gateway = ask_gateway;
    s.stopped = [] { return interrupted != 0; };
    return s;
}

queue::tools::streams standard_streams() { return {std::cin, std::cout, std::cerr}; }

queue::tools::surroundings surroundings_of(const gateway_settings& settings) {
    queue::tools::surroundings s;
    if (settings.queue.kind == queue_kind::kafka) {
        s.kafka = queue::tools::cluster{properties_of(settings.queue.kafka)};
    } else {
        s.root = settings.queue_directory();
    }
    s.now = wall_now;
    s.new_id = new_id;
    s.stopped = [] { return interrupted != 0; };
    interrupt_on_sigint();
    s.open_payload_under = [](const queue::dead_letter& letter,
                              const std::string& key_file) -> wire::result<std::string> {
        OTA_TRY(auto kek, cards::load_key_encryption_key(key_file));
        OTA_TRY(auto clear, kek.open(letter.sealed, wire::as_octets("dead-letter")));
        return std::string(wire::as_text(clear.view()));
    };
    s.open_payload = [under = s.open_payload_under, path = settings.key_encryption_key_path()](
                         const queue::dead_letter& letter) { return under(letter, path); };
    return s;
}

}  // namespace

int run_check_command(const arguments& args) {
    std::string file;
    bool deny = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--deny-warnings") {
            deny = true;
        } else if ((args[i] == "--config" || args[i] == "-c") && i + 1 < args.size()) {
            file = args[++i];
        } else if (args[i].rfind("--config=", 0) == 0) {
            file = args[i].substr(9);
        } else if (args[i] == "--help" || args[i] == "-h") {
            std::cout << "Usage: otagw check --config F [--deny-warnings]\n\nTells every fault of a settings file and "
                         "the files it "
                         "names, with file and line.\nExit status: 0 good, 78 when there are errors.\n";
            return good;
        } else {
            std::cerr << "otagw check: " << args[i] << " is not understood; see otagw check --help\n";
            return wrong_usage;
        }
    }
    if (file.empty()) {
        std::cerr << "otagw check: --config F is missing\n";
        return wrong_usage;
    }
    return run_check(file, deny, std::cout, [&file](const gateway_settings& s, config::faults& told) {
        std::string why;
        if (!try_tokens_and_certificates(s.http, why))
            told.add({config::fault::severity::error, file, s.http.line, "http", why});
    });
}

int run_publish_command(const arguments& given) {
    auto args = given;
    gateway_settings settings;
    if (!load_settings(args, settings)) return bad_configuration;
    return queue::tools::run_publish(args, standard_streams(), surroundings_of(settings));
}

int run_dlq_command(const arguments& given) {
    auto args = given;
    gateway_settings settings;
    if (!load_settings(args, settings)) return bad_configuration;
    return queue::tools::run_dlq(args, standard_streams(), surroundings_of(settings));
}

int run_events_command(const arguments& given) {
    if (given.empty() || given.front() != "tail") return cards::run_events(given, card_streams(), card_surroundings());
    arguments args(given.begin() + 1, given.end());
    gateway_settings settings;
    if (!load_settings(args, settings)) return bad_configuration;
    return queue::tools::run_events_tail(args, standard_streams(), surroundings_of(settings));
}

int run_cards_command(const arguments& args) { return cards::run_cards(args, card_streams(), card_surroundings()); }
int run_campaigns_command(const arguments& args) {
    return campaigns::run_campaigns(args, card_streams(), card_surroundings());
}
int run_keys_command(const arguments& args) { return cards::run_keys(args, card_streams(), card_surroundings()); }
int run_store_command(const arguments& args) { return cards::run_store(args, card_streams(), card_surroundings()); }
int run_packet_command(const arguments& args) { return packet_tool::run(args, std::cin, std::cout, std::cerr); }
int run_mo_command(const arguments& args) {
    return object_tool::run(args, {std::cin, std::cout, std::cerr, ::isatty(STDOUT_FILENO) == 1});
}

}  // namespace ota::cli
