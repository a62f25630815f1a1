#include "queue/embedded/record_format.hpp"

#include "queue/embedded/crc32c.hpp"
#include "queue/errc.hpp"

#include <algorithm>

namespace ota::queue::embedded {
namespace {

constexpr std::uint32_t mark = 0x4f544152;  // "OTAR"
constexpr std::size_t checked_head = 28;    // octets of the head before its CRC

/// The CRC starts from the offset, folded to 32 bits, so the same octets elsewhere have another CRC.
std::uint32_t head_crc(wire::octet_view head, std::int64_t offset) noexcept {
    const auto place = static_cast<std::uint64_t>(offset);
    return crc32c(head.first(checked_head), static_cast<std::uint32_t>(place ^ place >> 32));
}

std::size_t size_of(const headers& extra) noexcept {
    std::size_t n = 0;
    for (const auto& [name, value] : extra) n += 4 + name.size() + value.size();
    return n;
}

void append(wire::octets& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

void append_headers(wire::octets& out, const headers& extra) {
    wire::writer w;
    for (const auto& [name, value] : extra)
        w.u16(name.size()).put(wire::as_octets(name)).u16(value.size()).put(wire::as_octets(value));
    append(out, wire::as_text(w.buffer()));
}

}  // namespace

wire::result<void> append_record(wire::octets& out, std::int64_t offset, std::uint64_t ordinal, wall_time at,
                                 const entry& e) {
    const std::size_t extra = e.extra == nullptr ? 0 : size_of(*e.extra);
    if (e.key.size() > max_key || extra > max_headers || e.payload.size() > max_payload) return errc::record_too_large;
    const auto start = out.size();
    out.resize(start + head_octets);  // filled in below, once the body's CRC is known
    append(out, e.key);
    if (e.extra != nullptr) append_headers(out, *e.extra);
    append(out, e.payload);
    const auto body_crc = crc32c(wire::octet_view(out).subspan(start + head_octets));

    wire::writer head(head_octets);
    head.u32(mark).u64(ordinal).u64(static_cast<std::uint64_t>(at.time_since_epoch().count()));
    head.u16(e.key.size()).u16(extra).u32(e.payload.size());
    head.u32(head_crc(head.buffer(), offset)).u32(body_crc);
    std::ranges::copy(head.buffer(), out.begin() + static_cast<std::ptrdiff_t>(start));
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

sighting look_at(wire::octet_view in, std::int64_t offset) noexcept {
    sighting out;
    wire::reader r(in);
    if (in.size() < head_octets) {
        // A beginning that cannot become the mark is damage already.
        const auto start = wire::as_text(in.first(std::min<std::size_t>(in.size(), 4)));
        if (!std::string_view("OTAR").starts_with(start)) out.is = sighting::kind::damaged;
        return out;
    }
    out.is = sighting::kind::damaged;
    if (r.u32() != mark) return out;
    out.record.ordinal = r.u64();
    out.record.at = wall_time(std::chrono::milliseconds(static_cast<std::int64_t>(r.u64())));
    const std::size_t key = r.u16(), extra = r.u16(), payload = r.u32();
    if (r.u32() != head_crc(in, offset) || payload > max_payload) return out;
    const auto body_crc = r.u32();
    out.size = head_octets + key + extra + payload;
    if (in.size() < out.size) {
        out.is = sighting::kind::incomplete;
        return out;
    }
    const auto body = in.subspan(head_octets, out.size - head_octets);
    out.is = crc32c(body) == body_crc ? sighting::kind::whole : sighting::kind::damaged_body;
    out.record.key = wire::as_text(body.first(key));
    out.record.header_octets = body.subspan(key, extra);
    out.record.payload = wire::as_text(body.subspan(key + extra));
    return out;
}

headers read_headers(wire::octet_view in) {
    headers out;
    wire::reader r(in);
    while (r.remaining() != 0 && !r.failed()) {
        std::string name(wire::as_text(r.take(r.u16())));
        std::string value(wire::as_text(r.take(r.u16())));
        out.emplace_back(std::move(name), std::move(value));
    }
    return r.failed() ? headers{} : out;
}

}  // namespace ota::queue::embedded
