#include "gateway/object-tool/script_packets.hpp"

#include "secure-channel/command_packet.hpp"
#include "secure-channel/remote_script.hpp"
#include "secure-channel/short_message.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

namespace ota::object_tool {

namespace sc = secure_channel;
using wire::octets;

namespace {

constexpr std::uint8_t select = 0xA4, update_binary = 0xD6, set_data = 0xDB, first_block = 0x80, long_tag_mark = 0x9F;
constexpr std::size_t header_octets = 5, ins = 1, p1 = 2;

written_range object_of(std::uint16_t file, wire::octet_view first_command) {
    wire::reader in(first_command.subspan(header_octets));
    std::uint16_t tag = in.u8();
    if (tag == long_tag_mark) tag = static_cast<std::uint16_t>(tag << 8 | in.u8());
    written_range out{.file = file, .tag = tag};
    if (in.remaining() == 0) {
        out.deleted = true;
    } else {
        out.length = wire::read_ber_length(in);
    }
    return out;
}

/// Follows the selected file through the script.
void add_ranges(const std::vector<octets>& commands, std::vector<written_range>& out) {
    std::uint16_t file = 0;
    for (const auto& command : commands) {
        const wire::octet_view octets(command);
        if (command[ins] == select) {
            file = wire::reader(octets.last(2)).u16();
        } else if (command[ins] == update_binary) {
            const std::size_t offset = wire::reader(octets.subspan(p1)).u16();
            out.push_back({.file = file, .offset = offset, .length = command.size() - header_octets});
        } else if (command[ins] == set_data && command[p1 + 1] == first_block) {
            out.push_back(object_of(file, octets));
        }
    }
}

}  // namespace

std::size_t script_cost::octets() const noexcept {
    std::size_t sum = 0;
    for (const auto& each : packets) sum += each.script.size();
    return sum;
}

std::size_t script_cost::messages() const noexcept {
    std::size_t sum = 0;
    for (const auto& each : packets) sum += each.messages;
    return sum;
}

std::size_t capacity_of(const card_profile& p, std::size_t messages, std::uint8_t mac_length) noexcept {
    return sc::data_capacity(sc::segments_capacity(messages, p.wide_reference), p.spi, {p.kic_algorithm},
                             {p.kid_algorithm}, mac_length);
}

std::size_t messages_of(const card_profile& p, std::size_t length, std::uint8_t mac_length) noexcept {
    for (std::size_t n = 1; n <= p.max_segments; ++n) {
        if (length <= capacity_of(p, n, mac_length)) return n;
    }
    return 0;
}

wire::result<script_cost> cost_of(const card_profile& p, std::vector<flow::planned_packet> planned,
                                  std::uint8_t mac_length) {
    script_cost out;
    for (auto& each : planned) {
        add_ranges(each.commands, out.ranges);
        script_packet packet{.commands = std::move(each.commands)};
        OTA_TRY(packet.script, sc::serialize_script(packet.commands, p.applications[each.application].format));
        packet.messages = messages_of(p, packet.script.size(), mac_length);
        out.packets.push_back(std::move(packet));
    }
    return out;
}

}  // namespace ota::object_tool
