#include "secure-channel/push.hpp"

#include "secure-channel/push_objects.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>
#include <array>

// PUSH [TS 102 226, 9]:   | 80 | EC | 01 | P2 | Lc | COMPREHENSION-TLV objects |   without Lc when there are none,
// never with Le
//
//     P2 01  open channel          any of: 35 bearer, 39 buffer size, 47 access name, 0D login, 0D password, 3C
//     transport, 3E address
//        02  CAT_TP link           3C `00` and the CAT_TP port; 39 max SDU; 36 identification
//        03  TCP connection        as 01; 3C and 3E must be there
//        04  identification packet 36 identification

namespace ota::secure_channel::push {

namespace {

constexpr std::array<std::uint8_t, 3> push_head{0x80, 0xEC, 0x01};
enum class request : std::uint8_t { open_channel = 1, cat_tp_link, tcp_connection, identification_packet };

constexpr std::uint8_t comprehension = 0x80;
constexpr std::uint8_t text_string = 0x0D;
constexpr std::uint8_t bearer_description = 0x35;
constexpr std::uint8_t channel_data = 0x36;
constexpr std::uint8_t buffer_size = 0x39;
constexpr std::uint8_t transport_level = 0x3C;
constexpr std::uint8_t other_address = 0x3E;
constexpr std::uint8_t network_access_name = 0x47;

constexpr std::uint8_t cat_tp = 0x00;
constexpr std::uint8_t udp_client = 0x01;
constexpr std::uint8_t tcp_client = 0x02;

struct transport {
    std::uint8_t protocol = 0;
    std::uint16_t port = 0;
};

/// What a command may hold, each object where it belongs.
struct objects {
    std::optional<wire::octets> bearer, data, address;
    std::optional<std::uint16_t> size;
    std::optional<transport> level;
    std::optional<std::string> access_name;
    std::vector<std::string> texts;
    std::vector<tlv> others;
};

/// Sets what must come once at most.
template <class T>
wire::result<void> set_once(std::optional<T>& where, const wire::result<T>& value) {
    if (where) return errc::bad_push;
    if (!value) return value.error();
    where = value.value();
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::octets copy_of(wire::octet_view v) { return wire::octets(v.begin(), v.end()); }

wire::result<void> copy_once(std::optional<wire::octets>& where, wire::octet_view value) {
    if (where) return errc::bad_push;
    where = copy_of(value);
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<transport> read_transport(wire::octet_view value) {
    wire::reader in(value);
    return in.finish(transport{in.u8(), in.u16()});
}

wire::result<std::uint16_t> read_u16(wire::octet_view value) {
    wire::reader in(value);
    return in.finish(in.u16());
}

wire::result<void> take_object(objects& out, const wire::ber_tlv& o) {
    switch (o.tag & ~comprehension) {
        case bearer_description: return copy_once(out.bearer, o.value);
        case channel_data: return copy_once(out.data, o.value);
        case other_address: return set_once(out.address, parse_address(o.value));
        case buffer_size: return set_once(out.size, read_u16(o.value));
        case transport_level: return set_once(out.level, read_transport(o.value));
        case network_access_name: return set_once(out.access_name, parse_access_name(o.value));
        case text_string: {
            OTA_TRY(out.texts.emplace_back(), parse_text(o.value));
            break;
        }
        case 0x00:
        case 0x7F: return errc::bad_push;  // no tag, and the first octet of a longer one
        default: out.others.push_back({o.tag, copy_of(o.value)});
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<objects> read_objects(wire::octet_view data) {
    objects out;
    wire::reader in(data);
    while (in.remaining() != 0) {
        const auto one = wire::read_ber_tlv(in);
        if (in.failed() || !take_object(out, one)) return errc::bad_push;
    }
    return out;
}

wire::result<open_channel> as_channel(objects&& o) {
    // Login and password come both or not at all; channel data belongs to other requests.
    if (o.data || (o.texts.size() != 0 && o.texts.size() != 2)) return errc::bad_push;
    open_channel out{.address = std::move(o.address), .buffer_size = o.size, .bearer = std::move(o.bearer)};
    if (o.level) {
        if (o.level->protocol != udp_client && o.level->protocol != tcp_client) return errc::bad_push;
        out.tcp = o.level->protocol == tcp_client;
        out.port = o.level->port;
    }
    if (o.access_name) out.access_name = std::move(*o.access_name);
    if (!o.texts.empty()) {
        out.login = std::move(o.texts[0]);
        out.password = std::move(o.texts[1]);
    }
    out.others = std::move(o.others);
    return out;
}

bool has_channel_objects(const objects& o) noexcept {
    return o.bearer || o.address || o.access_name || !o.texts.empty();
}

wire::result<command> as_command(request what, objects&& o) {
    switch (what) {
        case request::open_channel: {
            OTA_TRY(auto channel, as_channel(std::move(o)));
            return command(std::move(channel));
        }
        case request::tcp_connection: {
            OTA_TRY(auto channel, as_channel(std::move(o)));
            if (!channel.tcp || !channel.port || !channel.address) return errc::bad_push;
            return command(tcp_connection{std::move(channel)});
        }
        case request::cat_tp_link:
            if (!o.level || o.level->protocol != cat_tp || has_channel_objects(o)) return errc::bad_push;
            return command(
                link_request{o.level->port, o.size, std::move(o.data).value_or(wire::octets()), std::move(o.others)});
        case request::identification_packet:
            if (o.level || o.size || has_channel_objects(o)) return errc::bad_push;
            return command(identification_packet{std::move(o.data).value_or(wire::octets()), std::move(o.others)});
    }
    return errc::bad_push;
}

void write_u16(wire::writer& out, std::uint8_t tag, std::uint16_t value) { out.u8(tag).u8(2).u16(value); }
void write_transport(wire::writer& out, std::uint8_t protocol, std::uint16_t port) {
    out.u8(transport_level).u8(3).u8(protocol).u16(port);
}

/// An object of ours among the others would be read back elsewhere.
bool is_other(std::uint8_t tag) noexcept {
    static constexpr std::array<std::uint8_t, 9> taken{0x00,          text_string,         bearer_description,
                                                       channel_data,  buffer_size,         transport_level,
                                                       other_address, network_access_name, 0x7F};
    return std::ranges::find(taken, tag & ~comprehension) == taken.end();
}

wire::result<void> write_others(wire::writer& out, const std::vector<tlv>& others) {
    for (const auto& one : others) {
        if (!is_other(one.tag)) return errc::bad_push;
        wire::write_ber_tlv(out, one.tag, one.value);
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> write_objects(wire::writer& out, const open_channel& c) {
    if (c.bearer) wire::write_ber_tlv(out, bearer_description, *c.bearer);
    if (c.buffer_size) write_u16(out, buffer_size, *c.buffer_size);
    if (!c.access_name.empty()) {
        OTA_TRY(const auto name, serialize_access_name(c.access_name));
        wire::write_ber_tlv(out, network_access_name, name);
    }
    if (!c.login.empty() || !c.password.empty()) {
        wire::write_ber_tlv(out, text_string, serialize_text(c.login));
        wire::write_ber_tlv(out, text_string, serialize_text(c.password));
    }
    if (c.port) write_transport(out, c.tcp ? tcp_client : udp_client, *c.port);
    if (c.address) {
        OTA_TRY(const auto address, serialize_address(*c.address));
        wire::write_ber_tlv(out, other_address, address);
    }
    return write_others(out, c.others);
}

wire::result<void> write_objects(wire::writer& out, const link_request& l) {
    write_transport(out, cat_tp, l.port);
    if (l.max_sdu) write_u16(out, buffer_size, *l.max_sdu);
    if (!l.identification.empty()) wire::write_ber_tlv(out, channel_data, l.identification);
    return write_others(out, l.others);
}

wire::result<void> write_objects(wire::writer& out, const tcp_connection& t) {
    if (!t.channel.tcp || !t.channel.port || !t.channel.address) return errc::bad_push;
    return write_objects(out, t.channel);
}

wire::result<void> write_objects(wire::writer& out, const identification_packet& i) {
    if (!i.identification.empty()) wire::write_ber_tlv(out, channel_data, i.identification);
    return write_others(out, i.others);
}

}  // namespace

wire::result<wire::octets> serialize(const command& c) {
    wire::writer data;
    OTA_TRY(std::visit([&](const auto& one) { return write_objects(data, one); }, c));
    if (data.size() > 0xFF) return errc::too_long;
    wire::writer out(5 + data.size());
    out.put(push_head).u8(c.index() + 1);  // P2 counts as the variant does
    if (data.size() != 0) out.u8(data.size()).put(data.buffer());
    return out.take();
}

wire::result<command> parse(wire::octet_view apdu) {
    wire::reader in(apdu);
    const auto head = in.take(push_head.size());
    const auto p2 = in.u8();
    if (in.failed()) return wire::errc::truncated;
    if (!std::ranges::equal(head, push_head)) return errc::bad_push;
    const auto lc = in.remaining() == 0 ? std::uint8_t{0} : in.u8();
    const auto data = in.take(lc);
    OTA_TRY(in.finish(0));
    OTA_TRY(auto o, read_objects(data));
    return as_command(static_cast<request>(p2), std::move(o));
}

}  // namespace ota::secure_channel::push
