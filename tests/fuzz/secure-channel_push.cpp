#include "secure-channel/push.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::secure_channel;

/// Any octets as a PUSH command; and, since chance seldom finds a head, as the objects of each of its requests. What is
/// read is written, read again and is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    const auto try_one = [](wire::octet_view apdu) {
        const auto read = push::parse(apdu);
        if (!read) return;
        const auto written = push::serialize(read.value());
        if (!written) {
            // Shorter forms of lengths and names may have been read than are written.
            if (written.error() != errc::too_long || apdu.size() < 200) std::abort();
            return;
        }
        const auto again = push::parse(written.value());
        if (!again || again.value() != read.value()) std::abort();
    };
    try_one({in, size});
    if (size > 0xFF) return 0;
    for (std::uint8_t request = 1; request <= 4; ++request) {
        wire::writer apdu;
        apdu.u8(0x80).u8(0xEC).u8(0x01).u8(request).u8(size).put({in, size});
        try_one(apdu.buffer());
    }
    return 0;
}
