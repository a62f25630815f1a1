#include "secure-channel/command_packet.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::secure_channel;

/// | selector 1 | packet |: opens the packet with keys of a length that the selector chooses; what opens must seal
/// again. Bit 6 of the selector puts the right CPL, which chance seldom finds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    if (size == 0) return 0;
    constexpr std::size_t lengths[] = {0, 8, 16, 24, 32};
    const auto key_length = lengths[(in[0] & 7) % 5];
    const std::uint8_t mac_length = in[0] & 8 ? 4 : 8;
    const key_set keys(secret(wire::octets(key_length, 0x11)), secret(wire::octets(key_length, 0x22)), mac_length);
    wire::octets packet(in + 1, in + size);
    if ((in[0] & 0x40) != 0 && packet.size() > 2) {
        packet[0] = static_cast<std::uint8_t>((packet.size() - 2) >> 8);
        packet[1] = static_cast<std::uint8_t>(packet.size() - 2);
    }
    const auto seen = peek_command(packet);
    const auto opened = open_command(packet, keys);
    if (!opened) return 0;
    if (!seen) std::abort();
    if (opened.value().data.size() > packet.size()) std::abort();
    const auto again = seal_command(opened.value().header, opened.value().data, keys);
    if (!again) return 0;  // reserved bits are read, but never sent
    const auto reopened = open_command(again.value(), keys);
    if (!reopened || reopened.value().data != opened.value().data) std::abort();
    if (reopened.value().integrity == verification::mismatch) std::abort();
    return 0;
}
