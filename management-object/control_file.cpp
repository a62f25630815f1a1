#include "management-object/control_file.hpp"

#include "management-object/fault.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

constexpr std::uint16_t magic = 0x444D;  // "DM"
constexpr std::uint8_t layout_version = 1;
constexpr std::size_t octets_before_crc = 7, header_octets = 11, entry_octets = 11;
constexpr unsigned ask_bit = 1, autonomous_bit = 2, active_bit = 4, secret_bit = 8;

control_entry read_entry(wire::reader& in) {
    control_entry out;
    out.file = in.u16();
    out.generation = in.u16();
    const auto flags = in.u8();
    out.ask = (flags & ask_bit) != 0;
    out.autonomous = (flags & autonomous_bit) != 0;
    out.active = (flags & active_bit) != 0;
    out.secret = (flags & secret_bit) != 0;
    out.used = in.u16();
    out.crc = in.u32();
    return out;
}

}  // namespace

const control_entry* control_file::find(std::uint16_t file) const& noexcept {
    const auto at = std::ranges::find(entries, file, &control_entry::file);
    return at == entries.end() ? nullptr : &*at;
}

control_entry* control_file::find(std::uint16_t file) & noexcept {
    const auto at = std::ranges::find(entries, file, &control_entry::file);
    return at == entries.end() ? nullptr : &*at;
}

wire::result<wire::octets> serialize_control_file(const control_file& file) {
    if (file.entries.size() > UINT8_MAX) return document_errc::too_large;
    wire::writer head, body, out(control_file_octets(file.entries.size()));
    head.u16(magic).u8(layout_version).u8(file.flags).u16(file.generation).u8(file.entries.size());
    for (const auto& e : file.entries) {
        const auto flags = (e.ask ? ask_bit : 0) | (e.autonomous ? autonomous_bit : 0) | (e.active ? active_bit : 0) |
                           (e.secret ? secret_bit : 0);
        body.u16(e.file).u16(e.generation).u8(flags).u16(e.used).u32(e.crc);
    }
    return out.put(head.buffer()).u32(wire::crc32(head.buffer(), body.buffer())).put(body.buffer()).take();
}

wire::result<control_file> parse_control_file(wire::octet_view octets) {
    wire::reader in(octets);
    control_file out;
    const auto name = in.u16();
    const auto version = in.u8();
    out.flags = in.u8();
    out.generation = in.u16();
    const std::size_t count = in.u8();
    const auto crc = in.u32();
    if (in.failed()) return wire::errc::truncated;
    if (name != magic) return document_errc::bad_value;
    if (version != layout_version) return document_errc::unknown_version;
    if (in.remaining() < count * entry_octets) return wire::errc::truncated;
    if (wire::crc32(octets.first(octets_before_crc), octets.subspan(header_octets, count * entry_octets)) != crc)
        return document_errc::bad_value;
    for (std::size_t i = 0; i < count; ++i) out.entries.push_back(read_entry(in));
    if (used_length(in.rest()) != 0) return wire::errc::trailing_octets;
    return out;
}

std::size_t used_length(wire::octet_view image) noexcept {
    auto used = image.size();
    while (used > 0 && image[used - 1] == 0xFF) --used;
    return used;
}

bool confirms(const control_entry& entry, wire::octet_view image) noexcept {
    return entry.used == used_length(image) && wire::crc32(image.first(entry.used)) == entry.crc;
}

std::optional<control_file> with_image(control_file file, std::uint16_t from, std::uint16_t to,
                                       wire::octet_view image) {
    auto* entry = file.find(from);
    if (entry == nullptr) return std::nullopt;
    const auto used = used_length(image);
    entry->file = to;
    entry->used = static_cast<std::uint16_t>(used);
    entry->crc = wire::crc32(image.first(used));
    ++entry->generation;
    ++file.generation;
    return file;
}

}  // namespace ota::management_object
