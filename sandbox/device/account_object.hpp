#pragma once

#include "management-object/node.hpp"
#include "sandbox/device/dm_client_account.hpp"

#include <optional>

namespace ota::sandbox {

/// The account that a DMAcc object describes [OMA DM StdObj 1.2]: the first address of AppAddr with the first of its
/// ports, the credentials CLCRED and SRVCRED of AppAuth, AAuthPref. Nothing without an address, a ServerID or our
/// credentials.
[[nodiscard]] std::optional<dm_account> account_of(const management_object::node& object);

}  // namespace ota::sandbox
