#include "gateway/smpp/framing.hpp"

#include "gateway/smpp/pdu.hpp"

namespace ota::smpp {

frame look(wire::octet_view received) noexcept {
    if (received.size() < 4) return {};
    wire::reader r(received);
    const auto length = r.u32();
    if (length < header_octets || length > longest_pdu) return {framing::absurd, length};
    return {received.size() < length ? framing::more : framing::whole, length};
}

}  // namespace ota::smpp
