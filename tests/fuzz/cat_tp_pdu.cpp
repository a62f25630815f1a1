#include "secure-channel/cat_tp/pdu.hpp"

#include <cstdlib>

using namespace ota;
using namespace ota::cat_tp;

/// Any octets as one datagram: what is read is written, read again and is the same. The checksum, which chance seldom
/// finds, is passed over.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    const wire::octet_view datagram(in, size);
    const auto strict = parse(datagram);
    const auto read = parse_unverified(datagram);
    if (strict && (!read || strict.value() != read.value() || !checksum_holds(datagram))) std::abort();
    if (!read) return 0;
    if (!strict && strict.error() != errc::bad_checksum) std::abort();
    if (header_length(read.value()) > size) std::abort();
    const auto written = serialize(read.value());
    if (!written) {
        if (size <= 65507) std::abort();  // longer than UDP carries
        return 0;
    }
    const auto again = parse(written.value());
    if (!again || again.value() != read.value()) std::abort();
    return 0;
}
