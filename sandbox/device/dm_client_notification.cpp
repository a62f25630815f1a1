#include "sandbox/device/dm_client_notification.hpp"

#include "management-object/base64.hpp"

namespace ota::sandbox {
namespace {

// Octets: digest 0..15; version and ui-mode 16..17; session 21..22; length of the server's name 23; the name from 24.
constexpr std::size_t trigger_at = 16, session_at = 21, length_at = 23, name_at = 24;

std::string hexadecimal(unsigned number) {
    std::string out;
    for (; number != 0; number /= 16) out.insert(out.begin(), "0123456789ABCDEF"[number % 16]);
    return out;
}

}  // namespace

std::optional<dm_trigger> dm_trigger_of(wire::octet_view in, const dm_account& who) {
    if (in.size() < name_at || in.size() < name_at + in[length_at]) return std::nullopt;
    const unsigned version = in[16] << 2 | in[17] >> 6;
    if (version != 11) return std::nullopt;
    if (wire::as_text(in.subspan(name_at, in[length_at])) != who.server_id) return std::nullopt;
    // The digest is a message's MAC, not in Base64.
    const auto digest = management_object::to_base64(wire::as_text(in.first(trigger_at)));
    if (digest != dm_mac(who.server, in.subspan(trigger_at))) return std::nullopt;
    const unsigned session = in[session_at] << 8 | in[session_at + 1], ui = in[17] >> 4 & 3;
    if (session == 0) return std::nullopt;
    return dm_trigger{.session_id = hexadecimal(session),
                      .by_server = (in[17] >> 3 & 1) != 0,
                      .ask_user = ui == 3,
                      .tell_user = ui == 2};
}

}  // namespace ota::sandbox
