#include "secure-channel/response_packet.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::secure_channel;

/// | selector 1 | SPI2 1 | KIc 1 | KID 1 | packet from RPL on |: opened with SPI2 known and unknown.
/// Bit 6 of the selector puts the right RPL, which chance seldom finds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    if (size < 4) return 0;
    constexpr std::size_t lengths[] = {0, 8, 16, 24, 32};
    const auto key_length = lengths[(in[0] & 7) % 5];
    const key_set keys(secret(wire::octets(key_length, 0x11)), secret(wire::octets(key_length, 0x22)),
                       in[0] & 8 ? 4 : 8);
    wire::octets packet(in + 4, in + size);
    if ((in[0] & 0x40) != 0 && packet.size() > 2) {
        packet[0] = static_cast<std::uint8_t>((packet.size() - 2) >> 8);
        packet[1] = static_cast<std::uint8_t>(packet.size() - 2);
    }
    const bool long_header = in[0] & 16;
    const std::uint8_t first_segment[] = {0x07, 0x00, 0x03};
    response_expectation e{{0x16, in[1]}, {in[2]}, {in[3]}, true};
    (void)peek_response_tar(packet);
    for (const bool known : {true, false}) {
        e.spi2_known = known;
        const auto opened =
            open_response(packet, long_header ? wire::octet_view(first_segment) : wire::octet_view{}, e, keys);
        if (!opened) continue;
        if (opened.value().value.data.size() > packet.size()) std::abort();
        if (!known) continue;
        const auto again = seal_response(opened.value().value, e, keys);
        if (!again) continue;
        const auto reopened = open_response(wire::octet_view(again.value()).subspan(3), again.value(), e, keys);
        if (!reopened || reopened.value().value.data != opened.value().value.data) std::abort();
        if (reopened.value().integrity == verification::mismatch) std::abort();
    }
    return 0;
}
