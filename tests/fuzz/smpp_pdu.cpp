#include "gateway/smpp/framing.hpp"
#include "gateway/smpp/pdu.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::smpp;

/// Any octets as one PDU: what is read is written, read again and is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    wire::octets octets(in, in + size);
    if (size >= header_octets) {  // the right command_length, which chance seldom finds
        for (std::size_t i = 0; i < 4; ++i) octets[i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
    }
    static_cast<void>(look(wire::octet_view(in, size)));
    const auto read = parse(octets);
    if (!read) return 0;
    const auto again = parse(serialize(read.value()));
    if (!again) std::abort();
    const auto& a = read.value();
    const auto& b = again.value();
    if (a.sequence_number != b.sequence_number || a.command_status != b.command_status) std::abort();
    if (id_of(a.what) != id_of(b.what)) std::abort();
    if (const auto* m = std::get_if<submit_sm>(&a.what); m != nullptr && m->short_message.size() <= 254) {
        if (!(*m == std::get<submit_sm>(b.what))) std::abort();
    }
    return 0;
}
