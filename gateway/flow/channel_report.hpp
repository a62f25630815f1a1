#pragma once

#include <cstddef>

namespace ota::flow {

/// What became of data channels.
struct channel_report {
    std::size_t pushes = 0, opened = 0, failed = 0;
    std::size_t packets = 0;               ///< sent over them
    std::size_t short_messages_saved = 0;  ///< that the packets whose proofs came would have taken

    channel_report& operator+=(const channel_report& more) noexcept {
        pushes += more.pushes;
        opened += more.opened;
        failed += more.failed;
        packets += more.packets;
        short_messages_saved += more.short_messages_saved;
        return *this;
    }
};

}  // namespace ota::flow
