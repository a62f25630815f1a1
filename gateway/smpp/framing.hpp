#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstddef>
#include <cstdint>

/// Cuts a stream of octets into PDUs.
namespace ota::smpp {

/// Longest PDU that is followed: a message_payload of 64 Ki octets and all other fields fit.
inline constexpr std::uint32_t longest_pdu = 70'000;

enum class framing : std::uint8_t {
    whole,   ///< a PDU of `length` octets is in front
    more,    ///< the PDU in front is not complete
    absurd,  ///< command_length is below 16 or above `longest_pdu`: nothing behind it can be found
};

struct frame {
    framing what = framing::more;
    std::size_t length = 0;
};

/// What is in front of the octets received.
[[nodiscard]] frame look(wire::octet_view received) noexcept;

}  // namespace ota::smpp
