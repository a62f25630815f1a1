#pragma once

#include "secure-channel/wire/octets.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

/// The only unit that sees the cryptographic library.
namespace ota::secure_channel {

/// Octets that are wiped when they go out of scope. Move-only, so that no copy is left behind unseen.
class secret {
public:
    secret() = default;
    explicit secret(wire::octets value) : value_(std::move(value)) {}
    secret(secret&& other) noexcept : value_(std::move(other.value_)) { other.value_.clear(); }
    secret& operator=(secret&& other) noexcept;
    ~secret();

    [[nodiscard]] wire::octet_view view() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return value_.size(); }
    [[nodiscard]] secret clone() const { return secret(wire::octets(value_)); }

private:
    wire::octets value_;
};

enum class cipher : std::uint8_t { des_cbc, des_ecb, triple_des_2_cbc, triple_des_3_cbc, aes_cbc };
enum class mac : std::uint8_t { des_cbc_mac, triple_des_2_cbc_mac, triple_des_3_cbc_mac, aes_cmac };

[[nodiscard]] std::size_t block_size(cipher) noexcept;  ///< octets: 8 or 16

/// One key version of a card: KIc (ciphering) and KID (integrity), and the length of its cryptographic checksum.
/// Key schedules are made on first use and kept, so a key set that lives from send to proof of receipt pays for them
/// once. One key set is used by one thread at a time.
class key_set {
public:
    key_set();
    /// kic, kid: 8, 16, 24 or 32 octets, or empty when unused; mac_length: octets of a CC, 4 or 8 (a property of the
    /// key on the card, not of KID).
    key_set(secret kic, secret kid, std::uint8_t mac_length = 8);
    key_set(key_set&&) noexcept;
    key_set& operator=(key_set&&) noexcept;
    ~key_set();

    [[nodiscard]] std::uint8_t mac_length() const noexcept;

    /// CBC (or ECB) with zero IV, in place. `errc::bad_length` unless the length is a multiple of the block;
    /// `errc::bad_key` when the KIc does not fit the algorithm.
    [[nodiscard]] wire::result<void> encipher(cipher, std::span<std::uint8_t>) const;
    [[nodiscard]] wire::result<void> decipher(cipher, std::span<std::uint8_t>) const;
    /// The most significant mac_length octets of the MAC over the concatenation of the two parts.
    /// `errc::bad_key` when the KID does not fit the algorithm, or mac_length is neither 4 nor 8.
    [[nodiscard]] wire::result<wire::octets> checksum(mac, wire::octet_view head, wire::octet_view tail) const;
    /// The same into `out`, whose size takes the place of mac_length: 1 to 8 octets.
    [[nodiscard]] wire::result<void> checksum(mac, wire::octet_view head, wire::octet_view tail,
                                              std::span<std::uint8_t> out) const;

private:
    struct schedules;
    std::unique_ptr<schedules> state_;
};

/// Equality in a time that depends on the lengths alone.
[[nodiscard]] bool equal_in_constant_time(wire::octet_view, wire::octet_view) noexcept;

/// SHA-256 of the input.
[[nodiscard]] std::array<std::uint8_t, 32> sha256(wire::octet_view);

/// MD5 of the input [RFC 1321]. Broken as a digest; here because the credentials of OMA DM 1.2 are made with it.
[[nodiscard]] std::array<std::uint8_t, 16> md5(wire::octet_view);

/// AES-256-GCM under a key-encryption key. A sealed value is `| version 1 | kek id 4 | nonce 12 | ciphertext | tag 16
/// |`.
class key_encryption_key {
public:
    /// 32 octets; anything else is `errc::bad_key`. The kek id is the first 4 octets of SHA-256 of the key's SHA-256.
    [[nodiscard]] static wire::result<key_encryption_key> load(secret);

    /// nonce: 12 octets that are never used twice under this key (the caller's random).
    [[nodiscard]] wire::octets seal(wire::octet_view clear, wire::octet_view associated,
                                    const std::array<std::uint8_t, 12>& nonce) const;
    /// `errc::wrong_key_encryption_key` when sealed under another one, `errc::bad_seal` when altered or moved.
    [[nodiscard]] wire::result<secret> open(wire::octet_view sealed, wire::octet_view associated) const;
    /// 32 octets for another use than wrapping: HMAC-SHA-256 of the purpose under the key [RFC 5869, 2.3]. They tell
    /// nothing of the key nor of the octets for another purpose.
    [[nodiscard]] secret derive(std::string_view purpose) const;
    [[nodiscard]] std::uint32_t id() const noexcept { return id_; }

private:
    secret key_;
    std::uint32_t id_ = 0;
};

}  // namespace ota::secure_channel
