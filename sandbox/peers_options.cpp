#include "sandbox/peers_options.hpp"

#include "config/settings.hpp"
#include "gateway/profile/load_profiles.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <string_view>

namespace ota::sandbox {

namespace {

using setter = std::function<bool(peers_options&, std::string_view)>;

template <class Number>
bool read(std::string_view text, Number& out) {
    const auto [at, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    return fault == std::errc{} && at == text.data() + text.size();
}

template <class Access>
setter number(Access access) {
    return [access](peers_options& o, std::string_view text) { return read(text, access(o)); };
}

template <class Access>
setter share(Access access) {
    return [access](peers_options& o, std::string_view text) {
        auto& out = access(o);
        return read(text, out) && out >= 0 && out <= 1;
    };
}

template <class Access>
setter milliseconds(Access access) {
    return [access](peers_options& o, std::string_view text) {
        std::int64_t value = 0;
        const bool good = read(text, value) && value >= 0;
        access(o) = std::chrono::milliseconds(value);
        return good;
    };
}

template <class Access>
setter text(Access access) {
    return [access](peers_options& o, std::string_view value) {
        access(o) = value;
        return true;
    };
}

template <class Access>
setter yes_or_no(Access access) {
    return [access](peers_options& o, std::string_view value) {
        access(o) = value == "yes";
        return value == "yes" || value == "no";
    };
}

template <class Access, class Names>
setter one_of(Access access, Names named) {
    return [access, named](peers_options& o, std::string_view value) {
        const auto found = named(value);
        if (found) access(o) = *found;
        return found.has_value();
    };
}

std::optional<failure_answer> failure_answer_named(std::string_view name) {
    if (name == "silent") return failure_answer::silent;
    if (name == "unsecured") return failure_answer::unsecured;
    return std::nullopt;
}

#define OPTION(field) [](peers_options& o) -> auto& { return o.field; }

/// An option: what it sets, the form of its value, and what it is, with its default.
struct option {
    setter set;
    const char* value;
    const char* what;
};

const std::map<std::string, option, std::less<>>& known_options() {
    static const std::map<std::string, option, std::less<>> all{
        {"address", {text(OPTION(address)), "A", "address to listen on (127.0.0.1)"}},
        {"port", {number(OPTION(port)), "N", "port to listen on; 0: any free one (0)"}},
        {"window", {number(OPTION(window)), "N", "deliver_sm without an answer, per session (1000)"}},
        {"cards", {number(OPTION(cards)), "N", "number of cards (1000)"}},
        {"first-card",
         {number(OPTION(first_card)), "N", "index of the first card: two runs side by side need not share cards (0)"}},
        {"seed", {number(OPTION(seed)), "N", "keys, numbers and every fault follow from it (1)"}},
        {"aes-key-length", {number(OPTION(aes_key_length)), "N", "octets of the AES keys: 16, 24 or 32 (16)"}},
        {"mac-length", {number(OPTION(mac_length)), "N", "octets of a checksum: 4 or 8 (8)"}},
        {"journal",
         {text(OPTION(journal_file)), "FILE",
          "what the cards saw and did, for --judge; goes on with one that is there"}},
        {"cards-file",
         {text(OPTION(cards_file)), "FILE", "write the CSV of the cards, for `otagw cards import`; holds keys"}},
        {"external-card",
         {text(OPTION(external_card)), "COMMAND",
          "a program that takes the cards' place, line by line over its standard input and output"}},
        {"system-id", {text(OPTION(smsc.system_id)), "TEXT", "the only system_id that may bind; any when absent"}},
        {"password", {text(OPTION(smsc.password)), "TEXT", "the password that it must give"}},
        {"ids",
         {one_of(OPTION(smsc.ids), id_form_named), "FORM",
          "message ids: decimal, hex, padded, uuid, hex-then-decimal, decimal-then-hex or empty (decimal)"}},
        {"reports",
         {one_of(OPTION(smsc.reports), report_form_named), "FORM",
          "how the card's deliver report comes: deliver-sm, message-payload, data-sm, receipt, dropped or any "
          "(deliver-sm)"}},
        {"empty-reports",
         {yes_or_no(OPTION(smsc.empty_reports)), "yes|no",
          "a deliver report without user data becomes an empty deliver_sm (no)"}},
        {"receipt-text",
         {yes_or_no(OPTION(smsc.receipt_text)), "yes|no", "receipts have the text of SMPP 3.4, appendix B (yes)"}},
        {"receipt-tlvs",
         {yes_or_no(OPTION(smsc.receipt_tlvs)), "yes|no",
          "receipts have receipted_message_id and message_state (yes)"}},
        {"receipt-early",
         {share(OPTION(smsc.receipt_early)), "SHARE", "receipts and proofs that come before the submit response (0)"}},
        {"receipt-twice", {share(OPTION(smsc.receipt_twice)), "SHARE", "receipts that come twice (0)"}},
        {"receipt-missing", {share(OPTION(smsc.receipt_missing)), "SHARE", "receipts that never come (0)"}},
        {"receipt-late", {share(OPTION(smsc.receipt_late)), "SHARE", "receipts that come late (0)"}},
        {"receipt-delay", {milliseconds(OPTION(smsc.receipt_delay)), "MS", "how late (5000)"}},
        {"delay-min", {milliseconds(OPTION(smsc.delay_min)), "MS", "shortest way to the card (0)"}},
        {"delay-max",
         {milliseconds(OPTION(smsc.delay_max)), "MS", "longest way to the card (0; of `otagw sandbox` 40)"}},
        {"loss",
         {share(OPTION(smsc.loss)), "SHARE", "messages that never reach the card (0; of `otagw sandbox` 0.01)"}},
        {"answer-loss",
         {share(OPTION(smsc.answer_loss)), "SHARE", "proofs of receipt that are lost (0; of `otagw sandbox` 0.01)"}},
        {"duplicates",
         {share(OPTION(smsc.duplicates)), "SHARE", "messages that reach the card twice (0; of `otagw sandbox` 0.02)"}},
        {"reordering",
         {share(OPTION(smsc.reordering)), "SHARE",
          "messages held back so that later ones overtake them (0; of `otagw sandbox` 0.02)"}},
        {"reordering-delay", {milliseconds(OPTION(smsc.reordering_delay)), "MS", "how long (200)"}},
        {"retries",
         {number(OPTION(smsc.retries)), "N", "deliveries that the SMSC tries again when the card was busy (3)"}},
        {"retry-delay", {milliseconds(OPTION(smsc.retry_delay)), "MS", "time between them (2000)"}},
        {"rate-limit",
         {number(OPTION(smsc.rate_limit)), "N", "messages per second and account, beyond: throttled; 0: no limit (0)"}},
        {"throttling",
         {share(OPTION(smsc.throttling)), "SHARE",
          "submits throttled without a reason (0; of `otagw sandbox` 0.0001)"}},
        {"queue-full", {share(OPTION(smsc.queue_full)), "SHARE", "submits refused as queue full (0)"}},
        {"system-errors",
         {share(OPTION(smsc.system_errors)), "SHARE", "submits refused as system error (0; of `otagw sandbox` 0.005)"}},
        {"queue-limit", {number(OPTION(smsc.queue_limit)), "N", "messages waiting, beyond: queue full (1000000)"}},
        {"response-loss", {share(OPTION(smsc.response_loss)), "SHARE", "submits taken but never answered (0)"}},
        {"drop-every",
         {number(OPTION(smsc.drop_every)), "N", "cut every connection at each n-th submit; 0: never (0)"}},
        {"stall-every", {number(OPTION(smsc.stall_every)), "N", "stop answering at each n-th submit; 0: never (0)"}},
        {"stall-for", {milliseconds(OPTION(smsc.stall_for)), "MS", "for how long (3000)"}},
        {"redelivery-delay",
         {milliseconds(OPTION(smsc.redelivery_delay)), "MS",
          "a deliver_sm that was not accepted comes again after this (1000)"}},
        {"on-failure",
         {one_of(OPTION(quirks.on_failure), failure_answer_named), "silent|unsecured",
          "what a card answers to a packet that fails its checks (unsecured)"}},
        {"replay-as-unidentified",
         {yes_or_no(OPTION(quirks.replay_as_unidentified)), "yes|no",
          "a used counter is answered with an unsecured 06 (no)"}},
        {"padding-80", {yes_or_no(OPTION(quirks.padding_80)), "yes|no", "cards pad their answers with 80 00 .. (no)"}},
        {"busy", {share(OPTION(mishaps.busy)), "SHARE", "messages that meet a busy card (0)"}},
        {"insufficient-memory",
         {share(OPTION(mishaps.insufficient_memory)), "SHARE", "messages that meet a card without memory (0)"}},
        {"devices",
         {share(OPTION(devices.share)), "SHARE",
          "cards that are in a device, which takes their management objects over (0; of `otagw sandbox` 1)"}},
        {"refusals",
         {share(OPTION(devices.refusals)), "SHARE",
          "users who refuse what their device asks them (0; of `otagw sandbox` 0.1)"}},
        {"late-answers",
         {share(OPTION(devices.late_answers)), "SHARE", "users who answer later (0; of `otagw sandbox` 0.1)"}},
        {"answer-delay", {milliseconds(OPTION(devices.answer_delay)), "MS", "how much later (500)"}},
        {"device-connections",
         {number(OPTION(devices.connections)), "N", "connections to DM servers at once, of all devices (32)"}},
        {"server-patience",
         {milliseconds(OPTION(devices.server_patience)), "MS", "how long a device waits for a DM server (10000)"}},
        {"bip", {share(OPTION(radio.share)), "SHARE", "cards whose terminal opens data channels for them (1)"}},
        {"channel-refusals", {share(OPTION(radio.refusals)), "SHARE", "data channels that are refused (0)"}},
        {"link-cuts", {share(OPTION(radio.cuts)), "SHARE", "datagrams at which the link of their channel is cut (0)"}},
        {"datagram-loss", {share(OPTION(radio.loss)), "SHARE", "datagrams that are lost, either way (0)"}},
        {"datagram-duplicates", {share(OPTION(radio.duplicates)), "SHARE", "datagrams that come twice (0)"}},
        {"datagram-reordering",
         {share(OPTION(radio.reordering)), "SHARE", "datagrams held back so that later ones overtake them (0)"}},
        {"datagram-reordering-delay", {milliseconds(OPTION(radio.reordering_delay)), "MS", "how long (200)"}},
        {"datagram-delay-min", {milliseconds(OPTION(radio.delay_min)), "MS", "shortest way of a datagram (0)"}},
        {"datagram-delay-max", {milliseconds(OPTION(radio.delay_max)), "MS", "longest way of a datagram (0)"}},
        {"power-cuts", {share(OPTION(mishaps.power_cut)), "SHARE", "scripts cut by a loss of power half-way (0)"}},
    };
    return all;
}

#undef OPTION

bool load_profile(const std::string& file, const std::string& name, peers_options& out, std::string& error) {
    config::faults faults;
    profile_set all;
    load_profiles(config::document::load(file, faults).root().at("profiles"), all);
    for (const auto& one : faults.list())
        if (one.is == config::fault::severity::error) error += (error.empty() ? "" : "\n") + config::to_string(one);
    if (!error.empty()) return false;
    const auto at = name.empty() ? all.begin() : all.find(name);
    if (at == all.end()) {
        error = file + ": has no profile" + (name.empty() ? "" : " named " + name);
        return false;
    }
    out.profile = at->second;
    return true;
}

bool consistent(const peers_options& o, std::string& error) {
    if (o.mac_length != 4 && o.mac_length != 8) error = "--mac-length: 4 or 8";
    if (o.aes_key_length != 16 && o.aes_key_length != 24 && o.aes_key_length != 32)
        error = "--aes-key-length: 16, 24 or 32";
    if (o.smsc.delay_max < o.smsc.delay_min) error = "--delay-max: not below --delay-min";
    if (o.radio.delay_max < o.radio.delay_min) error = "--datagram-delay-max: not below --datagram-delay-min";
    if (o.devices.connections == 0) error = "--device-connections: at least 1";
    if (o.devices.share > 0 && !o.external_card.empty()) error = "--devices: not with --external-card";
    if (o.devices.share > 0 && o.profile && !fits_devices(*o.profile)) error = "--devices: not with cards of class A0";
    return error.empty();
}

}  // namespace

bool fits_devices(const card_profile& profile) noexcept {
    const auto& all = profile.applications;
    return all.empty() || !std::ranges::all_of(all, [](const auto& a) { return a.class_octet == 0xA0; });
}

bool parse_peers_options(const std::vector<std::string>& arguments, peers_options& out, std::string& error) {
    std::string profile_file, profile_name;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string_view name = arguments[i];
        if (!name.starts_with("--")) {
            error = "unexpected argument " + arguments[i];
            return false;
        }
        name.remove_prefix(2);
        std::string value;
        const auto equals = name.find('=');
        if (equals != std::string_view::npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        } else if (++i < arguments.size()) {
            value = arguments[i];
        } else {
            error = "--" + std::string(name) + ": wants a value";
            return false;
        }
        if (name == "profile-file") {
            profile_file = value;
        } else if (name == "profile") {
            profile_name = value;
        } else if (const auto known = known_options().find(name); known == known_options().end()) {
            error = "unknown option --" + std::string(name);
            return false;
        } else if (!known->second.set(out, value)) {
            error = "--" + std::string(name) + ": " + value + " is no value for it";
            return false;
        }
    }
    if (!profile_file.empty() && !load_profile(profile_file, profile_name, out, error)) return false;
    return consistent(out, error);
}

std::string peers_usage() {
    constexpr std::size_t column = 38;
    std::string out;
    const auto line = [&](std::string head, const char* what) {
        head.insert(0, "  --");
        out += head + std::string(head.size() < column ? column - head.size() : 1, ' ') + what + '\n';
    };
    line("profile-file FILE", "card profiles; absent: a built-in one");
    line("profile NAME", "the profile of the file that the cards have; absent: its first");
    for (const auto& [name, o] : known_options()) line(name + " " + o.value, o.what);
    return out + "SHARE is a probability, 0 to 1; MS are milliseconds.\n";
}

population_settings population_of(const peers_options& o) {
    auto out = population_for(*o.profile, o.seed, o.cards);
    out.first_index = o.first_card;
    out.aes_key_length = o.aes_key_length;
    out.mac_length = o.mac_length;
    return out;
}

}  // namespace ota::sandbox
