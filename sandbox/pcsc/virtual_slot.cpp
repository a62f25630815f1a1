#include "sandbox/pcsc/virtual_slot.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace ota::sandbox {

namespace {

constexpr std::uint8_t power_off = 0x00, power_on = 0x01, reset = 0x02, tell_atr = 0x04;
constexpr std::size_t length_octets = 2;
constexpr std::uint16_t no_diagnosis = 0x6F00;

void put(wire::writer& out, wire::octet_view message) { out.u16(message.size()).put(message); }

}  // namespace

wire::octets answer_to_reset() {
    wire::octets out{
        0x3B,              // direct convention
        0x97,              // TA1 and TD1 follow; seven historical octets
        0x96,              // TA1: 32 clock cycles per bit at most
        0x80, 0x1F, 0xC7,  // T=0; T=15 with TA3: the clock may stop, classes A, B and C
        0x80,              // COMPACT-TLV data objects
        0x31, 0xE0,        // card services: selection by whole and partial name, EF(DIR) read by records, an MF
        0x73, 0xF2, 0x21,
        0x13,  // capabilities: by name, path, identifier, record number; octets; four channels, chosen by the card
    };
    out.push_back(std::accumulate(out.begin() + 1, out.end(), std::uint8_t{0}, std::bit_xor<std::uint8_t>{}));
    return out;
}

void virtual_slot::on_connected() {
    came_.clear();
    card_.reset();
}

wire::octets virtual_slot::on_octets(wire::octet_view octets) {
    came_.insert(came_.end(), octets.begin(), octets.end());
    wire::writer out;
    wire::octet_view left(came_);
    while (left.size() >= length_octets) {
        const std::size_t length = wire::reader(left).u16();
        if (left.size() < length_octets + length) break;
        on_message(left.subspan(length_octets, length), out);
        left = left.subspan(length_octets + length);
    }
    came_.erase(came_.begin(), came_.end() - static_cast<std::ptrdiff_t>(left.size()));
    return out.take();
}

void virtual_slot::on_message(wire::octet_view message, wire::writer& out) {
    if (message.size() == 1) return on_control(message[0], out);
    ++commands_;
    auto answer = card_.transmit(message);
    if (answer.empty())
        answer = wire::writer().u16(no_diagnosis).take();  // without power; the driver waits for an answer
    put(out, answer);
}

void virtual_slot::on_control(std::uint8_t what, wire::writer& out) {
    switch (what) {
        case power_off:
        case power_on:
        case reset: return card_.reset();  // nothing outlives the power but the files
        case tell_atr: return put(out, answer_to_reset());
        default: return;  // of a later driver; what it is answered, if anything, is not known
    }
}

}  // namespace ota::sandbox
