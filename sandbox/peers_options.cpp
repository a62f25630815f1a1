#include "sandbox/peers_options.hpp"

#include "config/settings.hpp"
#include "gateway/profile/load_profiles.hpp"

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

const std::map<std::string, setter, std::less<>>& setters() {
    static const std::map<std::string, setter, std::less<>> all{
        {"address", text(OPTION(address))},
        {"port", number(OPTION(port))},
        {"window", number(OPTION(window))},
        {"cards", number(OPTION(cards))},
        {"first-card", number(OPTION(first_card))},
        {"seed", number(OPTION(seed))},
        {"aes-key-length", number(OPTION(aes_key_length))},
        {"mac-length", number(OPTION(mac_length))},
        {"journal", text(OPTION(journal_file))},
        {"cards-file", text(OPTION(cards_file))},
        {"external-card", text(OPTION(external_card))},
        {"system-id", text(OPTION(smsc.system_id))},
        {"password", text(OPTION(smsc.password))},
        {"ids", one_of(OPTION(smsc.ids), id_form_named)},
        {"reports", one_of(OPTION(smsc.reports), report_form_named)},
        {"empty-reports", yes_or_no(OPTION(smsc.empty_reports))},
        {"receipt-text", yes_or_no(OPTION(smsc.receipt_text))},
        {"receipt-tlvs", yes_or_no(OPTION(smsc.receipt_tlvs))},
        {"receipt-early", share(OPTION(smsc.receipt_early))},
        {"receipt-twice", share(OPTION(smsc.receipt_twice))},
        {"receipt-missing", share(OPTION(smsc.receipt_missing))},
        {"receipt-late", share(OPTION(smsc.receipt_late))},
        {"receipt-delay", milliseconds(OPTION(smsc.receipt_delay))},
        {"delay-min", milliseconds(OPTION(smsc.delay_min))},
        {"delay-max", milliseconds(OPTION(smsc.delay_max))},
        {"loss", share(OPTION(smsc.loss))},
        {"answer-loss", share(OPTION(smsc.answer_loss))},
        {"duplicates", share(OPTION(smsc.duplicates))},
        {"reordering", share(OPTION(smsc.reordering))},
        {"reordering-delay", milliseconds(OPTION(smsc.reordering_delay))},
        {"retries", number(OPTION(smsc.retries))},
        {"retry-delay", milliseconds(OPTION(smsc.retry_delay))},
        {"rate-limit", number(OPTION(smsc.rate_limit))},
        {"throttling", share(OPTION(smsc.throttling))},
        {"queue-full", share(OPTION(smsc.queue_full))},
        {"system-errors", share(OPTION(smsc.system_errors))},
        {"queue-limit", number(OPTION(smsc.queue_limit))},
        {"response-loss", share(OPTION(smsc.response_loss))},
        {"drop-every", number(OPTION(smsc.drop_every))},
        {"stall-every", number(OPTION(smsc.stall_every))},
        {"stall-for", milliseconds(OPTION(smsc.stall_for))},
        {"redelivery-delay", milliseconds(OPTION(smsc.redelivery_delay))},
        {"on-failure", one_of(OPTION(quirks.on_failure), failure_answer_named)},
        {"replay-as-unidentified", yes_or_no(OPTION(quirks.replay_as_unidentified))},
        {"padding-80", yes_or_no(OPTION(quirks.padding_80))},
        {"busy", share(OPTION(mishaps.busy))},
        {"insufficient-memory", share(OPTION(mishaps.insufficient_memory))},
        {"power-cuts", share(OPTION(mishaps.power_cut))},
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
    return error.empty();
}

}  // namespace

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
        } else if (const auto known = setters().find(name); known == setters().end()) {
            error = "unknown option --" + std::string(name);
            return false;
        } else if (!known->second(out, value)) {
            error = "--" + std::string(name) + ": " + value + " is no value for it";
            return false;
        }
    }
    if (!profile_file.empty() && !load_profile(profile_file, profile_name, out, error)) return false;
    return consistent(out, error);
}

std::string peers_usage() {
    std::string out = "  --profile-file F\n  --profile NAME\n";
    for (const auto& [name, unused] : setters()) out += "  --" + name + "\n";
    return out;
}

population_settings population_of(const peers_options& o) {
    auto out = population_for(*o.profile, o.seed, o.cards);
    out.first_index = o.first_card;
    out.aes_key_length = o.aes_key_length;
    out.mac_length = o.mac_length;
    return out;
}

}  // namespace ota::sandbox
