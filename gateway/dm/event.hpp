#pragma once

#include "gateway/dm/account.hpp"
#include "gateway/dm/order.hpp"

#include <variant>

/// What a session tells its owner, in the order in which it happened.
namespace ota::dm {

/// The device has proven who it is.
struct authenticated {
    std::string device;
    scheme how = scheme::md5;
    std::string key;  ///< of the account
};
/// To be stored with the account before the reply goes out; nothing: unchanged.
struct nonces {
    std::optional<std::string> client_nonce, server_nonce;
};
/// Alert 1200 or 1201: the session is a session.
struct started {
    bool by_server = false;
};
/// What package 1 tells of ./DevInfo.
struct device_info {
    std::vector<std::pair<std::string, std::string>> values;  ///< address, value
};
struct answered {
    order_answer what;
};
/// Alert 1224 (event at the device) or 1226 (generic: what became of an Exec, what the user said, drift).
struct alerted {
    std::uint16_t code = 0;
    std::string correlator;
    std::vector<management_object::dm::item> items;
};
enum class ending : std::uint8_t {
    completed,
    aborted_by_device,
    aborted_by_owner,
    unauthenticated,  ///< the device did not prove who it is
    server_refused,   ///< the device did not take our credentials
    not_started,      ///< package 1 without Alert 1200 or 1201
    too_many_faults,
    too_many_messages,
    silent,
};
[[nodiscard]] std::string_view to_string(ending) noexcept;
struct ended {
    ending why = ending::completed;
};

using event = std::variant<authenticated, nonces, started, device_info, answered, alerted, ended>;
using events = std::vector<event>;

}  // namespace ota::dm
