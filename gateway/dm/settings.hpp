#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <string>

namespace ota::dm {

/// What a session takes and gives; sizes in octets.
struct settings {
    std::string address;       ///< of the server, in the Source of its messages; empty: as the device calls it
    bool allow_basic = false;  ///< let accounts use syncml:auth-basic, which shows the password to whoever reads along
    std::uint32_t max_message = 64 * 1024;      ///< of a message from the device; told to it as MaxMsgSize
    std::uint32_t max_object = 1024 * 1024;     ///< of an object put together from chunks; told as MaxObjSize
    std::size_t max_results = 4 * 1024 * 1024;  ///< of all that the device gives to one package of ours
    std::uint32_t largest_reply = 64 * 1024;    ///< of ours, when the device tells no MaxMsgSize
    std::uint32_t largest_refusal = 4096;       ///< of ours, to who has not proven to be a device
    std::size_t max_messages = 500;             ///< from the device, in one session
    std::size_t max_commands = 1000;            ///< in one message from the device, groups counted with all they hold
    std::size_t commands_at_once = 50;          ///< orders in one message of ours
    unsigned tolerated_faults = 3;              ///< malformed or misplaced messages before the session is given up
    std::chrono::seconds silence{300};          ///< without a message from the device before the session is given up
};

/// What a session met, for metrics.
struct counts {
    std::uint64_t messages = 0;            ///< taken for the first time
    std::uint64_t repeated = 0;            ///< the same octets again: answered as before
    std::uint64_t too_large = 0;           ///< 413
    std::uint64_t other_type = 0;          ///< 415
    std::uint64_t malformed = 0;           ///< 400: neither XML nor WBXML of a DM message
    std::uint64_t other_version = 0;       ///< 505, 513
    std::uint64_t other_session = 0;       ///< 400: another session or device than before
    std::uint64_t out_of_order = 0;        ///< 400: a message number that went before
    std::uint64_t too_many_commands = 0;   ///< 413
    std::uint64_t after_end = 0;           ///< a message after the session's end
    std::uint64_t unavailable = 0;         ///< 503: nobody could say whose device it is
    std::uint64_t unknown_device = 0;      ///< 401, as for a wrong password
    std::uint64_t no_credentials = 0;      ///< 407
    std::uint64_t wrong_credentials = 0;   ///< 401: wrong password, stale or replayed nonce
    std::uint64_t refused_by_device = 0;   ///< it did not take our credentials
    std::uint64_t commands_refused = 0;    ///< 403, 405, 406, 501: what a device may not send
    std::uint64_t unknown_references = 0;  ///< Status or Results for nothing that was sent
    std::uint64_t chunks_received = 0;
    std::uint64_t chunks_sent = 0;
    std::uint64_t size_mismatches = 0;      ///< 424
    std::uint64_t results_refused = 0;      ///< 413: an object, or all Results together, beyond the limit
    std::uint64_t interrupted_objects = 0;  ///< 1225, by either side
    bool operator==(const counts&) const = default;
};

/// Number by number; a count is nothing but numbers.
inline counts& operator+=(counts& sum, const counts& more) {
    using numbers = std::array<std::uint64_t, sizeof(counts) / sizeof(std::uint64_t)>;
    auto to = std::bit_cast<numbers>(sum);
    const auto from = std::bit_cast<numbers>(more);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
    return sum = std::bit_cast<counts>(to);
}

}  // namespace ota::dm
