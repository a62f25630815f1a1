#include "secure-channel/short_message.hpp"

#include <algorithm>
#include <cstdlib>

using namespace ota;
using namespace ota::secure_channel;

/// (| length 1 | user data |)*: fed to one reassembly of few groups; what comes out whole must split and join again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    reassembly parts(4);
    wire::reader input({in, size});
    std::int64_t now = 0;
    while (input.remaining() != 0) {
        const auto length = input.u8();
        const auto user_data = input.take(std::min<std::size_t>(length, input.remaining()));
        const auto whole = parts.on_segment(length & 1 ? "a" : "b", user_data, ++now);
        if (parts.groups() > 4) std::abort();
        if (now % 16 == 0) parts.expire(now - 8);
        if (!whole || !whole.value()) continue;
        const auto& packet = whole.value()->packet;
        const auto pieces = split_packet(packet, whole.value()->kind, 1, length & 2);
        if (!pieces) continue;
        reassembly again;
        for (std::size_t i = pieces.value().size(); i-- > 0;) {
            const auto joined = again.on_segment("c", pieces.value()[i], 0);
            if (!joined) std::abort();
            if (i == 0 && (!joined.value() || joined.value()->packet != packet)) std::abort();
        }
    }
    return 0;
}
