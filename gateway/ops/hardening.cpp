#include "gateway/ops/hardening.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>

namespace ota::ops {
namespace {

std::error_code outcome_of(int returned) {
    return returned == 0 ? std::error_code{} : std::error_code{errno, std::system_category()};
}

}  // namespace

std::error_code forbid_core_dumps() {
    const rlimit none{0, 0};
    if (const auto failed = outcome_of(::setrlimit(RLIMIT_CORE, &none))) return failed;
    // The limit does not stop a core_pattern that pipes into a program; this does.
    return outcome_of(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

std::error_code lock_memory() { return outcome_of(::mlockall(MCL_CURRENT | MCL_FUTURE)); }

std::error_code exclude_from_dumps(const void* data, std::size_t size) {
    if (size == 0) return {};
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(data) / page * page;
    const auto end = (reinterpret_cast<std::uintptr_t>(data) + size + page - 1) / page * page;
    return outcome_of(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTDUMP));
}

}  // namespace ota::ops
