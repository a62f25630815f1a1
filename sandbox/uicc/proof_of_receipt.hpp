#pragma once

#include "sandbox/uicc/card_model.hpp"
#include "secure-channel/response_packet.hpp"

#include <optional>

namespace ota::sandbox {

/// Protection of one proof of receipt: what the command's SPI2, KIc and KID asked, or nothing where the card cannot.
[[nodiscard]] secure_channel::response_expectation unsecured(secure_channel::response_expectation) noexcept;

/// Octets of additional response data that fit a proof of receipt of `packet_length` octets, RPL included.
[[nodiscard]] std::size_t response_capacity(std::size_t packet_length, const secure_channel::response_expectation&,
                                            std::uint8_t mac_length) noexcept;

/// The same for a packet that goes back over a data bearer, its identifier included.
[[nodiscard]] std::size_t data_response_capacity(std::size_t packet_length, const secure_channel::response_expectation&,
                                                 std::uint8_t mac_length) noexcept;

/// The user data of a proof of receipt, from `02 71 00` on; nothing when its algorithms are not the card's.
[[nodiscard]] std::optional<wire::octets> make_response(const secure_channel::response&,
                                                        const secure_channel::response_expectation&,
                                                        const secure_channel::key_set&, bool padding_80);

}  // namespace ota::sandbox
