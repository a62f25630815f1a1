#pragma once

#include "secure-channel/wire/result.hpp"

namespace ota::campaigns {

enum class errc {
    name_taken = 1,  ///< a campaign is never changed once it is created
    unknown_campaign,
    over,        ///< completed or cancelled: nothing can be done to it any more
    not_halted,  ///< only what is paused or stopped can be resumed
    halted_already,
    remembered,  ///< its event ids are still known to the intake (R22): too early to forget it
    not_over,
    unreadable,  ///< its records in the store contradict themselves, or were written by a newer program
    moved,       ///< another process drives it: read again
};
const std::error_category& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

}  // namespace ota::campaigns

template <>
struct std::is_error_code_enum<ota::campaigns::errc> : std::true_type {};
