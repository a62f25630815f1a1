#pragma once

#include "sandbox/device/device.hpp"

namespace ota::sandbox {

/// The session that a device is in.
struct device::running {
    running(management_object::uri where, dm_account a) : account_at(std::move(where)), account(std::move(a)) {}
    management_object::uri account_at;
    dm_account account;
    std::size_t alerts = 0;  ///< of the device's outbox, handed to the client
    std::optional<dm_client> client;
};

}  // namespace ota::sandbox
