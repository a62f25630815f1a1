#include "gateway/dm/notification.hpp"

namespace ota::dm {
namespace {

constexpr std::uint64_t version_1_1 = 11;
constexpr std::size_t digest_length = 16;
// Places of the fields in the first five octets of the trigger, counted from the right.
constexpr unsigned version_shift = 30, ui_shift = 28, initiator_shift = 27;

wire::result<void> check(const notification& n) {
    if (n.server_id.empty() || n.server_id.size() > 255) return errc::bad_server_identifier;
    if (n.session_id == 0) return errc::bad_session_identifier;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

}  // namespace

wire::result<received_notification> parse_notification(wire::octet_view in) {
    wire::reader read(in);
    received_notification out;
    const auto digest = read.take(digest_length);
    const auto bits = read.u40();
    out.what.session_id = read.u16();
    const auto server = read.take(read.u8());
    const auto vendor = read.rest();
    if (read.failed()) return wire::errc::truncated;
    if (bits >> version_shift != version_1_1) return errc::unknown_version;
    out.what.ui = static_cast<ui_mode>(bits >> ui_shift & 3);
    out.what.by = static_cast<initiator>(bits >> initiator_shift & 1);
    out.what.server_id = wire::as_text(server);
    out.what.vendor.assign(vendor.begin(), vendor.end());
    out.digest.assign(digest.begin(), digest.end());
    out.trigger.assign(in.begin() + digest_length, in.end());
    OTA_TRY(check(out.what));
    return out;
}

wire::result<wire::octets> serialize_notification(const notification& n, const identity& server,
                                                  std::string_view server_nonce) {
    OTA_TRY(check(n));
    wire::writer trigger;
    trigger.u40(version_1_1 << version_shift | static_cast<std::uint64_t>(n.ui) << ui_shift |
                static_cast<std::uint64_t>(n.by) << initiator_shift);
    trigger.u16(n.session_id).u8(n.server_id.size()).put(wire::as_octets(n.server_id)).put(n.vendor);
    wire::writer out;
    const auto body = trigger.take();
    out.put(notification_digest(server, server_nonce, body)).put(body);
    return out.take();
}

bool is_genuine(const received_notification& n, const identity& server, std::string_view server_nonce) {
    if (n.what.server_id != server.name) return false;
    return secure_channel::equal_in_constant_time(notification_digest(server, server_nonce, n.trigger), n.digest);
}

std::string session_id_text(std::uint16_t id) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (int shift = 12; shift >= 0; shift -= 4) {
        const auto digit = id >> shift & 15;
        if (digit != 0 || !out.empty()) out += digits[digit];
    }
    return out;
}

}  // namespace ota::dm
