#pragma once

#include "gateway/data_bearer.hpp"
#include "secure-channel/crypto.hpp"

#include <optional>

/// The identification that a PUSH gives to a card, and that the card's SYN (or Identification Packet) brings back.
///     | card | packet | MAC |
///     |  8   |   8    |  8  |
/// Unguessable, and verifiable by every instance without asking the store: the MAC is under a key derived from the
/// key-encryption key that all instances share. It proves that we made the PUSH, not that the PUSH still counts: that
/// the corridor knows.
namespace ota::bearer {

/// One object is used by one thread at a time.
class push_tokens {
public:
    static constexpr std::size_t size = 24;

    explicit push_tokens(const secure_channel::key_encryption_key&);

    [[nodiscard]] wire::octets make(push_id) const;
    /// Nothing when the identification is not one of ours. Takes the same time whichever octet of the MAC is wrong.
    [[nodiscard]] std::optional<push_id> verify(wire::octet_view identification) const;

private:
    [[nodiscard]] std::array<std::uint8_t, 8> mac_of(wire::octet_view name) const;

    secure_channel::key_set key_;
};

}  // namespace ota::bearer
