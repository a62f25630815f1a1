#include "gateway/smpp/inbound.hpp"
#include "gateway/smpp/receipt.hpp"
#include "gateway/smpp/user_data.hpp"

#include <algorithm>
#include <cstdlib>

using namespace ota;
using namespace ota::smpp;

/// | esm_class 1 | id forms 1 | length of the short message 1 | short message | TLVs |
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    if (size < 3) return 0;
    deliver_sm m;
    m.esm_class = in[0];
    m.source.digits = "491512345678";
    const id_forms forms{static_cast<id_base>((in[1] & 3) % 3), static_cast<id_base>((in[1] >> 2 & 3) % 3),
                         (in[1] & 16) != 0, (in[1] & 32) != 0};
    const auto length = std::min<std::size_t>(in[2], size - 3);
    m.short_message.assign(in + 3, in + 3 + length);
    std::uint16_t dropped = 0;
    m.tlvs = parse_tlvs({in + 3 + length, size - 3 - length}, dropped);
    const auto found = classify(m, forms);
    if (const auto* message = std::get_if<bearer::inbound_message>(&found.what)) {
        const auto elements = read_user_data_header(message->user_data);
        if (!elements.well_formed || (!elements.response_packet && !elements.concatenation)) std::abort();
    }
    if (const auto* told = std::get_if<bearer::receipt>(&found.what); told != nullptr && !told->user_data.empty()) {
        if (!read_user_data_header(told->user_data).well_formed) std::abort();
    }
    static_cast<void>(parse_receipt_text(wire::as_text({in, size})));
    static_cast<void>(parse_network_error({in, size}));
    return 0;
}
