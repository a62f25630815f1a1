#pragma once

#include "sandbox/device/dm_client_commands.hpp"

/// Answers that go out in as many messages as the server's MaxMsgSize asks for.
namespace ota::sandbox {

class dm_outbox {
public:
    void put(dm_answers more);
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
    /// The server does not take the object that goes in chunks: the rest of it stays.
    void give_up_object();

    /// Moves answers into the message while it stays within `room` octets; Results that are too long alone go in
    /// chunks, one chunk a message [DM Protocol 1.2, 7]. `keep` octets stay free for what the caller still adds.
    void fill(management_object::dm::message&, management_object::dm::encoding, std::size_t room, std::size_t keep);

private:
    [[nodiscard]] bool put_chunk(management_object::dm::message&, management_object::dm::encoding, std::size_t room);

    dm_answers waiting_;
    std::size_t gone_ = 0;  // octets sent of the data of the first Results waiting
};

/// Octets of the message in this encoding.
[[nodiscard]] std::size_t dm_message_size(const management_object::dm::message&, management_object::dm::encoding);

}  // namespace ota::sandbox
