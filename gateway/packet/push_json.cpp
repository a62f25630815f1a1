#include "gateway/packet/push_json.hpp"

#include "secure-channel/push.hpp"

#include <arpa/inet.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace ota::packet_tool {

namespace {

namespace json = boost::json;
namespace push = secure_channel::push;

/// CLA, INS and P1; P2 tells which request it is.
bool is_push(wire::octet_view apdu) {
    constexpr std::array<std::uint8_t, 3> head{0x80, 0xEC, 0x01};
    return apdu.size() > head.size() && std::ranges::equal(apdu.first(head.size()), head);
}

/// 4 octets or 16, as the codec has made sure of.
std::string address_text(const wire::octets& octets) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), text.data(), text.size());
    return text.data();
}

void put_others(json::object& out, const std::vector<push::tlv>& others) {
    if (others.empty()) return;
    json::array list;
    for (const auto& one : others)
        list.push_back(json::object{{"tag", wire::to_hex({&one.tag, 1})}, {"value", wire::to_hex(one.value)}});
    out["others"] = std::move(list);
}

void put(json::object& out, const push::open_channel& c) {
    if (c.port) {
        out["protocol"] = c.tcp ? "tcp" : "udp";
        out["port"] = *c.port;
    }
    if (c.address) out["address"] = address_text(*c.address);
    if (c.buffer_size) out["buffer_size"] = *c.buffer_size;
    if (c.bearer) out["bearer"] = wire::to_hex(*c.bearer);
    if (!c.access_name.empty()) out["access_name"] = c.access_name;
    if (!c.login.empty()) out["login"] = c.login;
    if (!c.password.empty()) out["password_given"] = true;
    put_others(out, c.others);
}

void put(json::object& out, const push::link_request& l) {
    out["port"] = l.port;
    if (l.max_sdu) out["max_sdu"] = *l.max_sdu;
    if (!l.identification.empty()) out["identification"] = wire::to_hex(l.identification);
    put_others(out, l.others);
}

void put(json::object& out, const push::tcp_connection& t) { put(out, t.channel); }

void put(json::object& out, const push::identification_packet& i) {
    if (!i.identification.empty()) out["identification"] = wire::to_hex(i.identification);
    put_others(out, i.others);
}

constexpr std::array<const char*, std::variant_size_v<push::command>> requests{
    "open-channel", "cat-tp-link", "tcp-connection", "identification-packet"};

}  // namespace

json::array describe_pushes(const std::vector<wire::octets>& commands) {
    json::array out;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (!is_push(commands[i])) continue;
        json::object one{{"command", i}};
        if (const auto read = push::parse(commands[i])) {
            one["request"] = requests[read.value().index()];
            std::visit([&](const auto& request) { put(one, request); }, read.value());
        } else {
            one["error"] = read.error().message();
        }
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace ota::packet_tool
