#pragma once

#include <cstdint>
#include <string>
#include <system_error>

namespace ota::management_object {

/// Status codes of DM 1.2 (OMA-TS-DM_RepPro, chapter 10); the failing ones are the errors of the tree's operations.
enum class dm_status : std::uint16_t {
    ok = 200,
    accepted_for_processing = 202,
    authentication_accepted = 212,  ///< for the whole session
    chunk_accepted = 213,
    operation_cancelled = 214,
    not_executed = 215,
    atomic_roll_back_ok = 216,
    not_modified = 304,
    bad_request = 400,
    invalid_credentials = 401,
    forbidden = 403,
    not_found = 404,
    command_not_allowed = 405,
    optional_feature_not_supported = 406,
    missing_credentials = 407,
    request_timeout = 408,
    incomplete_command = 412,
    request_entity_too_large = 413,
    uri_too_long = 414,
    unsupported_media_type_or_format = 415,
    requested_size_too_big = 416,
    already_exists = 418,
    device_full = 420,
    size_mismatch = 424,
    permission_denied = 425,
    command_failed = 500,
    command_not_implemented = 501,
    service_unavailable = 503,
    application_error = 506,
    atomic_failed = 507,
    refresh_required = 508,
    data_store_failure = 510,
    atomic_roll_back_failed = 516,
    atomic_response_too_large = 517,
};
const std::error_category& dm_status_category() noexcept;
inline std::error_code make_error_code(dm_status s) noexcept { return {static_cast<int>(s), dm_status_category()}; }
/// The status that an error of this room answers with: itself, or 400, 414, 415.. for document errors, else 500.
[[nodiscard]] dm_status status_for(const std::error_code&) noexcept;
/// 2xx.
[[nodiscard]] constexpr bool is_success(dm_status s) noexcept { return static_cast<int>(s) / 100 == 2; }

}  // namespace ota::management_object

template <>
struct std::is_error_code_enum<ota::management_object::dm_status> : std::true_type {};
