#include "gateway/smpp/fields.hpp"

#include <algorithm>
#include <cstring>

namespace ota::smpp {
namespace {

std::size_t length_to_nul(wire::octet_view in) noexcept {
    const void* nul = in.empty() ? nullptr : std::memchr(in.data(), 0, in.size());
    return nul == nullptr ? in.size() : static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - in.data());
}

}  // namespace

std::string read_text(wire::reader& in) {
    auto ahead = in;
    const auto length = length_to_nul(ahead.rest());
    if (length == in.remaining()) {
        in.fail();
        return {};
    }
    std::string text(wire::as_text(in.take(length)));
    in.u8();
    return text;
}

std::string read_last_text(wire::reader& in) {
    auto ahead = in;
    const auto length = length_to_nul(ahead.rest());
    std::string text(wire::as_text(in.take(length)));
    if (in.remaining() > 0) in.u8();
    return text;
}

void write_text(wire::writer& out, std::string_view text) {
    out.put(wire::as_octets(text.substr(0, std::min(text.find('\0'), text.size())))).u8(0);
}

address read_address(wire::reader& in) {
    address a;
    a.ton = in.u8();
    a.npi = in.u8();
    a.digits = read_text(in);
    return a;
}

void write_address(wire::writer& out, const address& a) {
    out.u8(a.ton).u8(a.npi);
    write_text(out, a.digits);
}

}  // namespace ota::smpp
