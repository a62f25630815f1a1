#include "management-object/der.hpp"

#include "management-object/card_directory.hpp"
#include "management-object/fault.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace ota::management_object {
namespace {

bool is_padding(std::uint8_t octet) noexcept { return octet == 0xFF || octet == 0x00; }
constexpr std::uint8_t long_tag = 0x1F;

}  // namespace

std::optional<wire::ber_tlv> der_reader::next() noexcept {
    while (!failed_ && !in_.empty() && !is_padding(in_[0])) {
        wire::reader at(in_);
        wire::ber_tlv object;
        const bool is_long = (in_[0] & long_tag) == long_tag;
        if (is_long) {
            at.u8();
            while (at.u8() & 0x80 && !at.failed()) {
            }
            object.value = at.take(wire::read_ber_length(at));
        } else {
            object = wire::read_ber_tlv(at);
        }
        failed_ = at.failed();
        if (failed_) return std::nullopt;
        in_ = in_.subspan(at.offset());
        if (!is_long) return object;
    }
    return std::nullopt;
}

wire::result<void> der_reader::finish() {
    if (failed_) return wire::errc::truncated;
    if (!std::ranges::all_of(in_, is_padding)) return wire::errc::trailing_octets;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

std::optional<std::uint32_t> der_integer(wire::octet_view content) noexcept {
    if (content.empty() || content.size() > 5 || content[0] & 0x80) return std::nullopt;
    std::uint64_t value = 0;
    for (const auto octet : content) value = value << 8 | octet;
    if (value > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(value);
}

bool der_bit(wire::octet_view content, std::size_t n) noexcept {
    const auto octet = 1 + n / 8;  // after the count of unused bits
    return octet < content.size() && (content[octet] >> (7 - n % 8) & 1) != 0;
}

void put_der_integer(wire::writer& out, std::uint8_t tag, std::uint32_t value) {
    wire::octets content;
    do {
        content.insert(content.begin(), static_cast<std::uint8_t>(value));
        value >>= 8;
    } while (value != 0);
    if (content[0] & 0x80) content.insert(content.begin(), 0);
    wire::write_ber_tlv(out, tag, content);
}

bool put_der_bits(wire::writer& out, std::initializer_list<bool> bits) {
    unsigned octet = 0, used = 0, at = 0;
    for (const bool bit : bits) {
        ++at;
        if (!bit) continue;
        octet |= 0x100u >> at;
        used = at;
    }
    if (used == 0) return false;
    wire::write_ber_tlv(out, der_tag::bit_string,
                        wire::octets{static_cast<std::uint8_t>(8 - used), static_cast<std::uint8_t>(octet)});
    return true;
}

std::string oid_text(wire::octet_view content) {
    std::string out;
    std::uint64_t arc = 0;
    bool inside = false;
    for (const auto octet : content) {
        if (arc > std::numeric_limits<std::uint64_t>::max() >> 7) return {};
        arc = arc << 7 | (octet & 0x7F);
        inside = (octet & 0x80) != 0;
        if (inside) continue;
        if (out.empty()) {
            const auto first = std::min<std::uint64_t>(arc / 40, 2);
            out = std::to_string(first);
            arc -= first * 40;
        }
        out.append(".").append(std::to_string(arc));
        arc = 0;
    }
    return inside ? std::string() : out;
}

wire::result<wire::octets> parse_oid_text(std::string_view text) {
    std::vector<std::uint64_t> arcs;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find('.', begin), text.size());
        std::uint64_t arc = 0;
        const auto read = std::from_chars(text.data() + begin, text.data() + end, arc);
        if (read.ec != std::errc() || read.ptr != text.data() + end) return document_errc::bad_value;
        arcs.push_back(arc);
        begin = end + 1;
    }
    const bool sound = arcs.size() >= 2 && arcs[0] <= 2 && (arcs[0] == 2 ? arcs[1] < UINT32_MAX : arcs[1] < 40);
    if (!sound) return document_errc::bad_value;
    arcs[1] += arcs[0] * 40;
    wire::octets out;
    for (std::size_t i = 1; i < arcs.size(); ++i) {
        int groups = 1;
        while (groups < 10 && arcs[i] >> (7 * groups) != 0) ++groups;
        for (int group = groups; group-- > 0;)
            out.push_back(static_cast<std::uint8_t>((arcs[i] >> (7 * group) & 0x7F) | (group == 0 ? 0 : 0x80)));
    }
    return out;
}

}  // namespace ota::management_object
