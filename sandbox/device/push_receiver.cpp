#include "sandbox/device/push_receiver.hpp"

namespace ota::sandbox {
namespace {

constexpr std::uint16_t push_port = 2948;
constexpr std::uint8_t ports = 0x05, concatenation = 0x00, push = 0x06, application_id = 0xAF;

struct user_data_header {
    std::optional<std::uint16_t> to;
    std::uint8_t reference = 0, count = 1, number = 1;
    wire::octet_view rest;
};

std::optional<user_data_header> header_of(wire::octet_view user_data) {
    wire::reader in(user_data);
    wire::reader elements(in.take(in.u8()));
    user_data_header out;
    out.rest = in.rest();
    while (!elements.failed() && elements.remaining() > 0) {
        const auto identifier = elements.u8();
        wire::reader content(elements.take(elements.u8()));
        if (identifier == ports) out.to = content.u16();
        if (identifier == concatenation) {
            out.reference = content.u8();
            out.count = content.u8();
            out.number = content.u8();
        }
        if (content.failed()) return std::nullopt;
    }
    if (in.failed() || elements.failed() || out.number == 0 || out.number > out.count) return std::nullopt;
    return out;
}

}  // namespace

std::optional<wap_push> wap_push_of(wire::octet_view wsp) {
    wire::reader in(wsp);
    (void)in.u8();  // transaction
    if (in.u8() != push) return std::nullopt;
    wire::reader headers(in.take(in.u8()));
    wap_push out;
    const auto type = headers.u8();
    if ((type & 0x80) == 0) return std::nullopt;
    out.content_type = type & 0x7F;
    while (!headers.failed() && headers.remaining() > 0) {
        const auto name = headers.u8(), value = headers.u8();
        if (name == application_id && (value & 0x80) != 0) out.application = value & 0x7F;
    }
    const auto body = in.rest();
    out.body.assign(body.begin(), body.end());
    if (in.failed() || headers.failed()) return std::nullopt;
    return out;
}

bool is_for_push_port(wire::octet_view user_data) {
    const auto header = header_of(user_data);
    return header && header->to == push_port;
}

std::optional<wap_push> push_receiver::on_message(wire::octet_view user_data) {
    const auto header = header_of(user_data);
    if (!header || header->to != push_port) return std::nullopt;
    if (header->count == 1) return wap_push_of(header->rest);
    const unsigned whole = static_cast<unsigned>(header->reference) << 8 | header->count;
    if (reference_ != whole) parts_.clear();
    reference_ = whole;
    parts_[header->number].assign(header->rest.begin(), header->rest.end());
    if (parts_.size() < header->count) return std::nullopt;
    wire::octets joined;
    for (const auto& [number, octets] : parts_) joined.insert(joined.end(), octets.begin(), octets.end());
    parts_.clear();
    reference_.reset();
    return wap_push_of(joined);
}

}  // namespace ota::sandbox
