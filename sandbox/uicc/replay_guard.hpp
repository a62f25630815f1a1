#pragma once

#include "gateway/profile/card_profile.hpp"
#include "secure-channel/security_header.hpp"

#include <cstdint>
#include <vector>

namespace ota::sandbox {

/// What a counter is kept per: a key version, or a TAR.
[[nodiscard]] std::uint32_t counter_key(counter_scope, secure_channel::key_identifier kic,
                                        secure_channel::key_identifier kid,
                                        secure_channel::toolkit_reference tar) noexcept;

/// The counters of one card, and the test of a new one against them [TS 102 225, 5.1.4].
class replay_guard {
public:
    struct entry {
        std::uint32_t key = 0;
        std::uint64_t counter = 0;
        std::uint64_t packet = 0;  ///< hash of the packet that was accepted last
    };

    /// por_ok, counter_low, counter_high or counter_blocked. `first`: the counter that the card left the factory with.
    [[nodiscard]] secure_channel::response_status test(std::uint32_t key, secure_channel::counter_mode,
                                                       std::uint64_t counter, std::uint64_t first) const noexcept;
    /// Takes the counter over; called after the checksum and before the script, so that a failed script burns it too.
    void accept(std::uint32_t key, secure_channel::counter_mode, std::uint64_t counter, std::uint64_t packet);

    [[nodiscard]] const entry* find(std::uint32_t key) const noexcept;
    [[nodiscard]] std::size_t allocated() const noexcept { return entries_.capacity() * sizeof(entry); }

private:
    std::vector<entry> entries_;
};

}  // namespace ota::sandbox
