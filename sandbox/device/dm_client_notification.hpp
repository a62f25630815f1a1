#pragma once

#include "sandbox/device/dm_client_account.hpp"

/// Package 0 as a device takes it [DM Notification 1.2, 6.2].
namespace ota::sandbox {

/// What a genuine notification asks for.
struct dm_trigger {
    std::string session_id;  ///< of the session to be started, as in its messages: hexadecimal
    bool by_server = false;  ///< else a user had the server ask
    bool ask_user = false;   ///< ui-mode: nothing happens before the user agrees
    bool tell_user = false;  ///< ui-mode: the user is shown that it happens
};

/// Nothing: it is cut short, of another version, not from this server, or its digest is not made with the server's
/// password and the nonce that we gave last. A notification that has led to a session is therefore good no more.
[[nodiscard]] std::optional<dm_trigger> dm_trigger_of(wire::octet_view notification, const dm_account&);

}  // namespace ota::sandbox
