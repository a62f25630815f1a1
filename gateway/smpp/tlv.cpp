#include "gateway/smpp/tlv.hpp"

#include "gateway/smpp/fields.hpp"

#include <algorithm>
#include <string>

namespace ota::smpp {
namespace {

/// Appends what can be read; true when it was all of `in`.
bool parse_all(wire::octet_view in, tlv_list& out) {
    wire::reader r(in);
    while (r.remaining() > 0) {
        tlv one;
        one.tag = r.u16();
        const auto value = r.take(r.u16());
        if (r.failed()) return false;
        one.value.assign(value.begin(), value.end());
        out.push_back(std::move(one));
    }
    return true;
}

}  // namespace

tlv_list parse_tlvs(wire::octet_view in, std::uint16_t& dropped) {
    tlv_list out;
    if (in.empty() || parse_all(in, out)) return out;
    // Pitfall: a stray NUL after short_message shifts everything behind it, or stands alone at the end.
    if (in.front() == 0) {
        tlv_list shifted;
        if (parse_all(in.subspan(1), shifted)) return shifted;
    }
    std::size_t good = wire_size(out);
    if (in.size() - good == 1 && in[good] == 0) return out;
    ++dropped;
    return out;
}

void serialize(const tlv_list& list, wire::writer& out) {
    for (const auto& one : list) {
        const auto length = std::min<std::size_t>(one.value.size(), 0xFFFF);
        out.u16(one.tag).u16(length).put(wire::octet_view(one.value).first(length));
    }
}

std::size_t wire_size(const tlv_list& list) noexcept {
    std::size_t total = 0;
    for (const auto& one : list) total += 4 + one.value.size();
    return total;
}

const tlv* find(const tlv_list& list, std::uint16_t tag) noexcept {
    const auto found = std::ranges::find(list, tag, &tlv::tag);
    return found == list.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> find_number(const tlv_list& list, std::uint16_t tag, std::size_t width) noexcept {
    const auto* one = find(list, tag);
    if (one == nullptr || one->value.size() != width || width > 4) return std::nullopt;
    std::uint32_t number = 0;
    for (auto octet : one->value) number = number << 8 | octet;
    return number;
}

std::optional<std::string> find_text(const tlv_list& list, std::uint16_t tag) {
    const auto* one = find(list, tag);
    if (one == nullptr) return std::nullopt;
    wire::reader r(one->value);
    return read_last_text(r);
}

}  // namespace ota::smpp
