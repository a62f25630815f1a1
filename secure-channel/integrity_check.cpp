#include "secure-channel/integrity_check.hpp"

#include "secure-channel/wire/crc.hpp"

namespace ota::secure_channel {

wire::result<std::size_t> check_length(integrity asked, key_identifier kid, std::uint8_t mac_length) noexcept {
    switch (asked) {
        case integrity::none: return 0u;
        case integrity::redundancy_check:
            if (const auto length = redundancy_check_length(kid)) return *length;
            return errc::unsupported_algorithm;
        case integrity::cryptographic_checksum:
            if (!mac_of(kid)) return errc::unsupported_algorithm;
            if (mac_length != 4 && mac_length != 8) return errc::bad_key;
            return std::size_t{mac_length};
        case integrity::digital_signature: break;
    }
    return errc::digital_signature;
}

wire::result<void> make_check(integrity asked, key_identifier kid, const key_set& keys, wire::octet_view head,
                              wire::octet_view tail, std::span<std::uint8_t> out) {
    if (asked == integrity::cryptographic_checksum) {
        const auto algorithm = mac_of(kid);
        if (!algorithm) return errc::unsupported_algorithm;
        return keys.checksum(*algorithm, head, tail, out);
    }
    if (asked == integrity::digital_signature) return errc::digital_signature;
    if (asked == integrity::none) return BOOST_OUTCOME_V2_NAMESPACE::success();
    // Both checks are sent most significant octet first.
    const std::uint32_t check = out.size() == 2 ? wire::crc16(head, tail) : wire::crc32(head, tail);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(check >> 8 * (out.size() - 1 - i));
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<verification> verify_check(integrity asked, key_identifier kid, const key_set& keys, wire::octet_view head,
                                        wire::octet_view tail, wire::octet_view received) {
    if (asked == integrity::none) return verification::not_asked;
    OTA_TRY(const auto length, check_length(asked, kid, keys.mac_length()));
    // A checksum shorter than the key's is no checksum: its length is a property of the key, not of the sender's
    // choice.
    if (received.size() != length) return verification::mismatch;
    std::array<std::uint8_t, longest_check> expected{};
    OTA_TRY(make_check(asked, kid, keys, head, tail, std::span(expected).first(length)));
    return equal_in_constant_time(std::span(expected).first(length), received) ? verification::verified
                                                                               : verification::mismatch;
}

}  // namespace ota::secure_channel
