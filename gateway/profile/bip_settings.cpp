#include "gateway/profile/bip_settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace ota {
namespace {

using milliseconds = std::chrono::milliseconds;

template <class T>
T number(const config::node& at, std::string_view key, T otherwise, std::int64_t low, std::int64_t high) {
    return static_cast<T>(at.integer(key, static_cast<std::int64_t>(otherwise), low, high));
}

milliseconds duration(const config::node& at, std::string_view key, milliseconds otherwise, milliseconds low,
                      milliseconds high) {
    const auto out = at.duration(key, otherwise);
    if (out < low || out > high) {
        at.at(key).complain("should be between " + std::to_string(low.count()) + "ms and " +
                            std::to_string(high.count() / 1000) + "s");
    }
    return out;
}

bool is_address(const std::string& text) {
    std::array<unsigned char, 16> octets{};
    return ::inet_pton(AF_INET, text.c_str(), octets.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), octets.data()) == 1;
}

bip_tcp_settings read_tcp(const config::node& at) {
    bip_tcp_settings tcp;
    tcp.port = number(at, "port", tcp.port, 0, 65'535);
    if (!at.at("identification_tag").exists()) {
        at.at("identification_tag")
            .complain("is missing: the first octet of the packet in which a card says who it is, as its maker says");
    }
    tcp.identification_tag = number(at, "identification_tag", tcp.identification_tag, 0, 255);
    tcp.command_tag = number(at, "command_tag", tcp.command_tag, 0, 255);
    tcp.response_tag = number(at, "response_tag", tcp.response_tag, 0, 255);
    const bool same = tcp.identification_tag == tcp.command_tag || tcp.identification_tag == tcp.response_tag ||
                      tcp.command_tag == tcp.response_tag;
    if (same) at.complain("identification_tag, command_tag and response_tag should differ");
    tcp.identification_timeout =
        duration(at, "identification_timeout", tcp.identification_timeout, milliseconds(500), std::chrono::minutes(10));
    tcp.packet_timeout =
        duration(at, "packet_timeout", tcp.packet_timeout, milliseconds(500), std::chrono::minutes(10));
    at.finish();
    return tcp;
}

/// A PUSH must name a port that a card can reach: it is ours, unless a NAT or a balancer stands in front.
void read_public(const config::node& at, bip_settings& bip) {
    bip.public_address = at.text("address", "");
    if (!bip.public_address.empty() && !is_address(bip.public_address))
        at.at("address").complain("should be an IPv4 or IPv6 address: a card resolves no names");
    bip.public_port = number(at, "port", bip.port, 0, 65'535);
    if (bip.public_port == 0)
        at.at("port").complain("is missing: `port: 0` takes any free one, which no PUSH could name");
    const auto tcp_port = bip.tcp ? bip.tcp->port : bip.public_tcp_port;
    bip.public_tcp_port = number(at, "tcp_port", tcp_port, 0, 65'535);
    if (bip.public_tcp_port == 0)
        at.at("tcp_port").complain("is missing: `tcp: {port: 0}` takes any free one, which no PUSH could name");
    at.finish();
}

void read_limits(const config::node& at, bip_settings& bip) {
    bip.max_links = number(at, "max_links", bip.max_links, 1, 1'000'000);
    bip.half_open = number(at, "half_open", std::min(bip.half_open, bip.max_links), 1, 1'000'000);
    bip.per_source = number(at, "per_source", bip.per_source, 1, 1'000'000);
    bip.answers = number(at, "answers", bip.answers, 0, 100'000);
    bip.answers_per_source = number(at, "answers_per_source", bip.answers_per_source, 0, 100'000);
    bip.remember = duration(at, "remember", bip.remember, milliseconds(0), std::chrono::hours(24));
    if (bip.half_open > bip.max_links) at.at("half_open").complain("should not be more than max_links");
}

void read_cat_tp(const config::node& at, bip_settings& bip) {
    bip.max_pdu = number(at, "max_pdu", bip.max_pdu, 64, 65'507);
    bip.max_sdu = number(at, "max_sdu", bip.max_sdu, 256, 65'535);
    bip.window = number(at, "window", bip.window, 1, 1024);
    bip.first_rto = duration(at, "first_rto", bip.first_rto, milliseconds(100), std::chrono::minutes(1));
    bip.retries = number(at, "retries", bip.retries, 1, 100);
    bip.set_up_retries = number(at, "set_up_retries", bip.set_up_retries, 1, 100);
    bip.keep_alive = duration(at, "keep_alive", bip.keep_alive, milliseconds(0), std::chrono::hours(1));
    bip.idle = duration(at, "idle", bip.idle, milliseconds(1000), std::chrono::hours(24));
    if (bip.max_pdu > 1472) {
        at.at("max_pdu").complain(
            "is more than one datagram on most networks: parts of it get lost on the way of many cards",
            config::fault::severity::warning);
    }
    if (bip.keep_alive.count() == 0 || bip.keep_alive > milliseconds(60'000)) {
        at.at("keep_alive")
            .complain("is longer than most carriers remember the path of a silent card",
                      config::fault::severity::warning);
    }
}

}  // namespace

bip_settings read_bip(const config::node& at) {
    bip_settings bip;
    if (!at.exists()) return bip;
    bip.enabled = at.flag("enabled", true);
    bip.address = at.text("address", bip.address);
    if (!is_address(bip.address))
        at.at("address").complain("should be an IPv4 or IPv6 address of this machine, as 0.0.0.0");
    bip.port = number(at, "port", bip.port, 0, 65'535);
    if (at.at("tcp").exists()) bip.tcp = read_tcp(at.at("tcp"));
    read_public(at.at("public"), bip);
    read_limits(at, bip);
    read_cat_tp(at, bip);
    at.finish();
    return bip;
}

}  // namespace ota
