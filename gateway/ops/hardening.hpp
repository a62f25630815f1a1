#pragma once

#include <cstddef>
#include <system_error>

/// R24: what a crash, a debugger or the swap could take from a process that holds keys. To be called first in main.
namespace ota::ops {

/// No core file (RLIMIT_CORE 0, soft and hard) and not dumpable: no core pipe, no ptrace by the same user.
/// Children inherit the limit.
[[nodiscard]] std::error_code forbid_core_dumps();

/// Keeps every present and future page out of the swap. Needs CAP_IPC_LOCK or a sufficient RLIMIT_MEMLOCK.
[[nodiscard]] std::error_code lock_memory();

/// Keeps the pages that hold [data, data + size) out of any dump, whoever takes it. Whole pages: neighbours as well.
[[nodiscard]] std::error_code exclude_from_dumps(const void* data, std::size_t size);

}  // namespace ota::ops
