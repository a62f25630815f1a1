#pragma once

#include "sandbox/uicc/file_store.hpp"
#include "sandbox/uicc/replay_guard.hpp"
#include "sandbox/uicc/segment_buffer.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace ota::sandbox {

/// What one card remembers between two messages. Who it is and its keys come with each message (population).
struct card {
    file_store files;
    replay_guard counters;
    std::unique_ptr<segment_buffer> pending;  ///< while a concatenated message is incomplete
};

/// Who a card is, for the time of one message.
struct card_identity {
    std::string iccid;
    std::uint8_t key_version = 1;
    secure_channel::key_set keys;
    std::uint64_t first_counter = 0;
};

}  // namespace ota::sandbox
