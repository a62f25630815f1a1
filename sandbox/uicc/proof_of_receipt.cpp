#include "sandbox/uicc/proof_of_receipt.hpp"

#include "secure-channel/integrity_check.hpp"

namespace ota::sandbox {

namespace sc = secure_channel;

namespace {

constexpr std::size_t udh_length = 3;
constexpr std::size_t ciphered_from = 6;  ///< CNTR, counted from RPL
constexpr std::size_t head_length = 13;   ///< RPL to the status code
constexpr std::uint8_t least_rhl = 10;

/// Octets that precede the additional response data, counted from RPL.
std::optional<std::size_t> before_data(const sc::response_expectation& e, std::uint8_t mac_length) noexcept {
    const auto check = sc::check_length(e.spi.por_integrity(), e.kid, mac_length);
    if (!check) return std::nullopt;
    return head_length + check.value();
}

/// As `seal_response`, but padded 80 00 .. as some cards do. Only for what is ciphered.
std::optional<wire::octets> seal_padded(const sc::response& r, const sc::response_expectation& e,
                                        const sc::key_set& keys, sc::cipher with) {
    const auto before = before_data(e, keys.mac_length());
    if (!before) return std::nullopt;
    const auto check = *before - head_length;
    const auto padding = sc::padding_for(*before + r.data.size() - ciphered_from, sc::block_size(with));
    wire::writer out;
    out.u8(0x02).u8(0x71).u8(0x00).u16(*before + r.data.size() + padding - 2).u8(least_rhl + check).put(r.tar.octets);
    out.u40(r.cntr.value).u8(padding).u8(static_cast<std::uint8_t>(r.status)).fill(check, 0).put(r.data);
    if (padding != 0) out.u8(0x80).fill(padding - 1, 0);
    auto made = out.take();
    const std::span<std::uint8_t> all(made);
    constexpr auto head = udh_length + head_length;
    const auto checked = sc::make_check(e.spi.por_integrity(), e.kid, keys, all.first(head), all.subspan(head + check),
                                        all.subspan(head, check));
    if (!checked || !keys.encipher(with, all.subspan(udh_length + ciphered_from))) return std::nullopt;
    return made;
}

}  // namespace

sc::response_expectation unsecured(sc::response_expectation e) noexcept {
    e.spi.spi2 &= static_cast<std::uint8_t>(~0x1C);
    return e;
}

std::size_t response_capacity(std::size_t packet_length, const sc::response_expectation& e,
                              std::uint8_t mac_length) noexcept {
    const auto before = before_data(e, mac_length);
    if (!before || packet_length < *before) return 0;
    if (e.spi.por_ciphered()) {
        const auto with = sc::cipher_of(e.kic);
        if (!with) return 0;
        packet_length -= (packet_length - ciphered_from) % sc::block_size(*with);
    }
    return packet_length < *before ? 0 : packet_length - *before;
}

std::size_t data_response_capacity(std::size_t packet_length, const sc::response_expectation& e,
                                   std::uint8_t mac_length) noexcept {
    constexpr std::size_t longer_head = 3;  // RPI and an RPL of 82 LL LL instead of one of two octets; RHL is as long
    return packet_length < longer_head ? 0 : response_capacity(packet_length - longer_head, e, mac_length);
}

std::optional<wire::octets> make_response(const sc::response& r, const sc::response_expectation& e,
                                          const sc::key_set& keys, bool padding_80) {
    const auto with = sc::cipher_of(e.kic);
    if (padding_80 && e.spi.por_ciphered() && with) return seal_padded(r, e, keys, *with);
    auto made = sc::seal_response(r, e, keys);
    if (!made) return std::nullopt;
    return std::move(made).value();
}

}  // namespace ota::sandbox
