#include "sandbox/uicc/replay_guard.hpp"

#include <algorithm>

namespace ota::sandbox {

using secure_channel::counter_mode;
using secure_channel::replay_counter;
using secure_channel::response_status;

std::uint32_t counter_key(counter_scope scope, secure_channel::key_identifier kic, secure_channel::key_identifier kid,
                          secure_channel::toolkit_reference tar) noexcept {
    if (scope == counter_scope::tar)
        return 0x0100'0000U | static_cast<std::uint32_t>(tar.octets[0] << 16 | tar.octets[1] << 8 | tar.octets[2]);
    return kid.key_version() != 0 ? kid.key_version() : kic.key_version();
}

const replay_guard::entry* replay_guard::find(std::uint32_t key) const noexcept {
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.key == key; });
    return at == entries_.end() ? nullptr : &*at;
}

response_status replay_guard::test(std::uint32_t key, counter_mode mode, std::uint64_t counter,
                                   std::uint64_t first) const noexcept {
    const auto* known = find(key);
    const auto stored = known ? known->counter : first;
    if (mode == counter_mode::ignored || mode == counter_mode::not_checked) return response_status::por_ok;
    if (stored == replay_counter::highest) return response_status::counter_blocked;
    if (counter <= stored) return response_status::counter_low;
    if (mode == counter_mode::exactly_one_higher && counter != stored + 1) return response_status::counter_high;
    return response_status::por_ok;
}

void replay_guard::accept(std::uint32_t key, counter_mode mode, std::uint64_t counter, std::uint64_t packet) {
    auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.key == key; });
    if (at == entries_.end()) {
        if (entries_.empty()) entries_.reserve(1);
        entries_.push_back({key, 0, 0});
        at = entries_.end() - 1;
    }
    at->packet = packet;
    // Without a check the value is stored all the same, and may so be lowered; with mode "ignored" nothing is.
    if (mode != counter_mode::ignored) at->counter = counter;
}

}  // namespace ota::sandbox
