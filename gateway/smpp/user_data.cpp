#include "gateway/smpp/user_data.hpp"

#include "gateway/smpp/tables.hpp"

#include <optional>

namespace ota::smpp {
namespace {

constexpr std::uint8_t iei_concatenation_8 = 0x00;
constexpr std::uint8_t iei_concatenation_16 = 0x08;
constexpr std::uint8_t iei_response_packet = 0x71;

struct sar {
    std::uint32_t reference;
    std::uint32_t total;
    std::uint32_t part;
};

std::optional<sar> read_sar(const tlv_list& tlvs) noexcept {
    const auto reference = find_number(tlvs, tag::sar_msg_ref_num, 2);
    const auto total = find_number(tlvs, tag::sar_total_segments, 1);
    const auto part = find_number(tlvs, tag::sar_segment_seqnum, 1);
    if (!reference || !total || !part || *total < 2 || *part == 0 || *part > *total) return std::nullopt;
    return sar{*reference, *total, *part};
}

}  // namespace

header_elements read_user_data_header(wire::octet_view user_data) noexcept {
    header_elements out;
    wire::reader r(user_data);
    const auto length = r.u8();
    wire::reader elements(r.take(length));
    if (r.failed()) return out;
    while (elements.remaining() > 0) {
        const auto iei = elements.u8();
        elements.take(elements.u8());
        if (elements.failed()) return out;
        if (iei == iei_response_packet) out.response_packet = true;
        if (iei == iei_concatenation_8 || iei == iei_concatenation_16) out.concatenation = true;
    }
    out.well_formed = true;
    out.octets = 1U + length;
    return out;
}

bool is_response_packet(wire::octet_view user_data) noexcept {
    const auto found = read_user_data_header(user_data);
    if (!found.well_formed || !found.response_packet) return false;
    wire::reader rest(user_data.subspan(found.octets));
    const auto rpl = rest.u16();
    return !rest.failed() && (found.concatenation || rpl == rest.remaining());
}

bool has_sar(const tlv_list& tlvs) noexcept { return read_sar(tlvs).has_value(); }

wire::octets with_concatenation(wire::octet_view content, bool has_header, const tlv_list& tlvs) {
    const auto found = has_header ? read_user_data_header(content) : header_elements{};
    const auto told = read_sar(tlvs);
    const bool header_usable = !has_header || (found.well_formed && found.octets + 6 <= 256);
    if (!told || found.concatenation || !header_usable) return {content.begin(), content.end()};
    const auto old_elements = has_header ? content.subspan(1, found.octets - 1) : wire::octet_view{};
    wire::writer out(content.size() + 7);
    out.u8(old_elements.size() + 6).u8(iei_concatenation_16).u8(4);
    out.u16(told->reference).u8(told->total).u8(told->part);
    out.put(old_elements).put(content.subspan(found.octets));
    return out.take();
}

}  // namespace ota::smpp
