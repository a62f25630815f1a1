#include "gateway/profile/route_settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace ota {
namespace {

using config::fault;

template <class T>
T octet(const config::node& at, std::string_view key, T otherwise, std::int64_t high = 255) {
    return static_cast<T>(at.integer(key, static_cast<std::int64_t>(otherwise), 0, high));
}

message_id_form id_form(const config::node& at, std::string_view key) {
    return static_cast<message_id_form>(at.choice(key, {"as-is", "hex", "decimal", "strip-zeros", "case-fold"}, 0));
}

/// A C-octet string of SMPP holds one octet less than its size [SMPP 3.4, 3.1].
std::string c_octets(const config::node& at, std::string_view key, std::string value, std::size_t most) {
    if (value.size() > most)
        at.at(key).complain("is longer than the " + std::to_string(most) + " octets that SMPP carries");
    return value;
}

void read_addresses(const config::node& at, route_settings& r) {
    const auto source = at.at("source");
    r.source_address = c_octets(source, "address", source.text("address", r.source_address), 20);
    r.source_ton = octet(source, "ton", r.source_ton, 7);
    r.source_npi = octet(source, "npi", r.source_npi, 31);
    source.finish();
    const auto destination = at.at("destination");
    r.destination_ton = octet(destination, "ton", r.destination_ton, 7);
    r.destination_npi = octet(destination, "npi", r.destination_npi, 31);
    destination.finish();
    r.prefixes = at.texts("prefixes");
    for (const auto& item : at.at("prefixes").items()) {
        const auto prefix = item.scalar().value_or("");
        const bool digits = std::all_of(prefix.begin(), prefix.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || prefix.size() > 15)
            item.complain("should be the first digits of a number, country code first, without +");
    }
}

/// `{0x400: throttle, 1025: temporary}`
void read_vendor_statuses(const config::node& at, route_settings& r) {
    for (const auto& [name, entry] : at.entries()) {
        const bool hex = name.starts_with("0x");
        const auto digits = std::string_view(name).substr(hex ? 2 : 0);
        std::uint32_t code = 0;
        const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
        if (bad != std::errc() || end != digits.data() + digits.size() || code == 0) {
            entry.complain("should be named by a command_status other than 0, as 0x400");
        } else if (r.vendor_statuses.count(code) != 0) {
            entry.complain("names a command_status that stands here already");
        }
        r.vendor_statuses[code] =
            static_cast<vendor_status>(at.choice(name, {"throttle", "temporary", "session", "permanent"}, 3));
    }
}

void read_message(const config::node& at, route_settings& r) {
    r.data_coding = octet(at, "data_coding", r.data_coding);
    r.protocol_id = octet(at, "protocol_id", r.protocol_id);
    r.esm_class = octet(at, "esm_class", r.esm_class);
    r.registered_delivery = octet(at, "registered_delivery", r.registered_delivery);
    r.service_type = c_octets(at, "service_type", at.text("service_type", ""), 5);
    r.validity = static_cast<validity_form>(at.choice("validity", {"relative", "absolute", "none"}, 0));
    r.validity_maximum = at.duration("validity_maximum", r.validity_maximum);
    if (r.validity_maximum < std::chrono::minutes(1)) at.at("validity_maximum").complain("should be a minute or more");
    const auto ids = at.at("message_id");
    r.submit_id_form = id_form(ids, "submit");
    r.receipt_id_form = id_form(ids, "receipt");
    ids.finish();
    if ((r.esm_class & 0x40) == 0)
        at.at("esm_class").complain("needs bit 0x40: without it the card gets the header as text");
    if (r.protocol_id != 0x7F) {
        at.at("protocol_id").complain("is not 0x7f: phones hand only that to the card", fault::severity::warning);
    }
    if (r.validity == validity_form::none) {
        at.at("validity")
            .complain(
                "the SMSC's own validity may outlive the gateway's: a late packet then runs after it was "
                "given up",
                fault::severity::warning);
    }
}

void read_connection(const config::node& at, route_settings& r) {
    r.host = at.required_text("host");
    r.port = static_cast<std::uint16_t>(at.integer("port", r.port, 1, 65'535));
    r.system_id = c_octets(at, "system_id", at.required_text("system_id"), 15);
    r.password = at.secret("password");
    if (r.password.size() > 8) {
        at.at("password")
            .complain("is longer than the 8 octets of SMPP 3.4: some SMSCs refuse it", fault::severity::warning);
    }
    r.system_type = c_octets(at, "system_type", at.text("system_type", ""), 12);
    r.mode = static_cast<bind_mode>(at.choice("mode", {"transceiver", "split"}, 0));
    r.binds = static_cast<unsigned>(at.integer("binds", r.binds, 1, 64));
    r.window = static_cast<unsigned>(at.integer("window", r.window, 1, 10'000));
    r.rate = at.number("rate", r.rate, 0, 1e6);
    r.enquire_link = at.duration("enquire_link", r.enquire_link);
    r.connect_timeout = at.duration("connect_timeout", r.connect_timeout);
    r.response_timeout = at.duration("response_timeout", r.response_timeout);
    if (r.connect_timeout.count() == 0) at.at("connect_timeout").complain("should be longer than nothing");
    if (r.enquire_link.count() == 0) at.at("enquire_link").complain("should be longer than nothing");
    if (r.response_timeout.count() == 0) at.at("response_timeout").complain("should be longer than nothing");
    const auto reconnect = at.at("reconnect");
    r.reconnect_min = reconnect.duration("min", r.reconnect_min);
    r.reconnect_max = reconnect.duration("max", r.reconnect_max);
    if (r.reconnect_min.count() == 0) reconnect.at("min").complain("should be longer than nothing");
    if (r.reconnect_min > r.reconnect_max) reconnect.at("min").complain("should not be longer than max");
    reconnect.finish();
}

void read_tls(const config::node& at, const std::string& folder, tls_settings& tls) {
    tls.enabled = at.flag("enabled", at.exists());
    tls.ca_file = below(folder, at.text("ca_file", ""));
    tls.verify = at.flag("verify", true);
    tls.server_name = at.text("server_name", "");
    at.finish();
    if (!tls.ca_file.empty() && ::access(tls.ca_file.c_str(), R_OK) != 0)
        at.at("ca_file").complain("names a file that cannot be read");
    if (tls.enabled && !tls.verify) {
        at.at("verify").complain("anybody on the way can pretend to be the SMSC", fault::severity::warning);
    }
}

}  // namespace

std::string below(const std::string& folder, const std::string& file) {
    return file.empty() || file.starts_with('/') || folder.empty() ? file : folder + "/" + file;
}

std::vector<route_settings> read_routes(const config::node& list, const std::string& folder) {
    std::vector<route_settings> out;
    for (const auto& item : list.items()) {
        route_settings r;
        r.name = item.required_text("name");
        read_connection(item, r);
        read_addresses(item, r);
        read_message(item, r);
        read_vendor_statuses(item.at("vendor_statuses"), r);
        r.priority = static_cast<int>(item.integer("priority", r.priority, -100, 100));
        read_tls(item.at("tls"), folder, r.tls);
        item.finish();
        const bool taken = std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.name == r.name; });
        if (taken && !r.name.empty()) item.at("name").complain("another route has this name");
        out.push_back(std::move(r));
    }
    return out;
}

}  // namespace ota
