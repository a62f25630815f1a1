#include "gateway/profile/profile_reader.hpp"

#include <algorithm>

namespace ota::profile_reader {
namespace {

using secure_channel::counter_mode;

constexpr std::size_t longest_label = 63, longest_name = 100;  // DNS; 3GPP TS 23.003, 9.1
constexpr std::size_t identification_size = 24;                // gateway/push_token.hpp

bool is_access_name(std::string_view name) {
    std::size_t label = 0;
    for (const char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (!letter && c != '.') return false;
        if (c == '.' && label == 0) return false;
        label = c == '.' ? 0 : label + 1;
        if (label > longest_label) return false;
    }
    return name.size() <= longest_name && (name.empty() || label > 0);
}

/// R7, R10, R11: a packet never changes its bearer, so a fall-back needs a new counter while the older packet's fate is
/// open.
void check_counter(const config::node& at, const card_profile& p) {
    if (p.spi.counter() == counter_mode::higher) return;
    if (p.spi.counter() == counter_mode::exactly_one_higher) {
        at.complain(
            "goes with a counter that must be higher only: where it must rise by exactly one, a packet that a data "
            "channel lost could "
            "never be left behind for short messages");
    } else {
        at.complain(
            "goes with a counter that must be higher only: a card that does not check it may run a packet of the data "
            "channel after "
            "its fall-back by short messages");
    }
}

/// Octets of both commands of a PUSH, with the longest address [TS 102 226, 9].
std::size_t push_size(const bip_channel& b) {
    const auto object = [](std::size_t value) { return value == 0 ? 0 : 2 + value; };
    const auto credentials = b.login.empty() ? 0 : object(b.login.size() + 1) + object(b.password.size() + 1);
    const auto name = b.access_name.empty() ? 0 : object(b.access_name.size() + 1);
    const std::size_t channel = 5 + object(b.bearer.size()) + object(2) + name + credentials + object(3) + object(17);
    const std::size_t link =
        5 + (b.protocol == bip_protocol::cat_tp ? object(3) + object(2) : 0) + object(identification_size);
    return channel + link;
}

void read_application(const config::node& at, const card_profile& p, bip_channel& b) {
    const auto name = at.required_text("push_application");
    if (name.empty()) return;
    const auto found = std::ranges::find(p.applications, name, &card_application::name);
    if (found == p.applications.end()) return at.at("push_application").complain("is no application of this profile");
    b.push_application = static_cast<std::size_t>(found - p.applications.begin());
}

void read_credentials(const config::node& at, bip_channel& b) {
    b.login = at.text("login", "");
    if (at.at("password").exists()) b.password = at.secret("password");
    if (b.login.empty() != b.password.empty())
        at.at("login").complain("goes with a password, and a password with a login");
    if (b.login.size() > longest_name) at.at("login").complain("should be 100 octets at most");
    if (b.password.size() > longest_name) at.at("password").complain("should be 100 octets at most");
}

void read_bearer(const config::node& at, bip_channel& b) {
    const auto text = at.text("bearer", wire::to_hex(b.bearer));
    auto octets = wire::from_hex(text);
    if (octets && octets.value().size() <= 20) {
        b.bearer = std::move(octets).value();
    } else {
        at.at("bearer").complain(
            "should be a bearer description of 20 octets at most in hexadecimal, as 03; \"\" leaves it to the card");
    }
}

void read_choice(const config::node& at, bip_channel& b) {
    b.threshold = static_cast<unsigned>(at.integer("threshold", b.threshold, 1, 255));
    b.max_packet =
        static_cast<std::size_t>(at.integer("max_packet", static_cast<std::int64_t>(b.max_packet), 128, 65'535));
    b.connect_timeout = at.duration("connect_timeout", b.connect_timeout);
    b.retries = static_cast<unsigned>(at.integer("retries", b.retries, 0, 20));
    b.back_off = at.duration("back_off", b.back_off);
    b.answer_timeout = at.duration("answer_timeout", b.answer_timeout);
    b.rest = at.duration("rest", b.rest);
    if (b.connect_timeout < std::chrono::seconds(10) || b.connect_timeout > std::chrono::hours(24))
        at.at("connect_timeout").complain("should be between 10s and 24h");
    if (b.back_off < std::chrono::seconds(1) || b.back_off > std::chrono::hours(24))
        at.at("back_off").complain("should be between 1s and 24h");
    if (b.answer_timeout < std::chrono::seconds(5) || b.answer_timeout > std::chrono::hours(1))
        at.at("answer_timeout").complain("should be between 5s and 1h");
    if (b.rest < std::chrono::minutes(1) || b.rest > std::chrono::hours(24 * 30))
        at.at("rest").complain("should be between 1m and 30d");
}

}  // namespace

void read_bip_channel(const config::node& at, card_profile& p) {
    if (!at.exists()) return;
    const bool enabled = at.flag("enabled", true);
    bip_channel b;
    b.protocol = static_cast<bip_protocol>(at.choice("protocol", {"cat-tp", "tcp"}, 0));
    read_application(at, p, b);
    b.access_name = at.text("access_name", "");
    if (!is_access_name(b.access_name))
        at.at("access_name")
            .complain(
                "should be an access point name, as internet.example: labels of letters, digits and -, 100 octets");
    read_bearer(at, b);
    b.buffer_size = static_cast<std::uint16_t>(at.integer("buffer_size", b.buffer_size, 64, 65'535));
    read_credentials(at, b);
    b.cat_tp_port = static_cast<std::uint16_t>(at.integer("cat_tp_port", b.cat_tp_port, 1, 65'535));
    if (b.protocol == bip_protocol::tcp && at.at("cat_tp_port").exists())
        at.at("cat_tp_port").complain("goes with `protocol: cat-tp` only");
    read_choice(at, b);
    if (enabled) check_counter(at, p);
    const auto size = push_size(b), room = script_room(p);
    if (size > room) {
        at.complain("needs a PUSH of " + std::to_string(size) + " octets, and a packet of this profile carries " +
                    std::to_string(room) + ": segments.max should be more, or access_name, login and password shorter");
    }
    at.finish();
    if (enabled) p.bip = std::move(b);
}

}  // namespace ota::profile_reader
