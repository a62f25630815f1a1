#include "secure-channel/crypto.hpp"

#include "secure-channel/errc.hpp"

#define CRYPTOPP_ENABLE_NAMESPACE_WEAK 1  // MD5

#include <cryptopp/aes.h>
#include <cryptopp/des.h>
#include <cryptopp/gcm.h>
#include <cryptopp/hmac.h>
#include <cryptopp/md5.h>
#include <cryptopp/misc.h>
#include <cryptopp/sha.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <variant>

namespace ota::secure_channel {

namespace {

using CryptoPP::BlockTransformation;

constexpr std::size_t largest_block = 16;

/// In the order of the alternatives of `schedule`, after monostate.
enum class algorithm : std::uint8_t { none, des, triple_des_2, triple_des_3, aes };

algorithm algorithm_of(cipher c) noexcept {
    switch (c) {
        case cipher::des_cbc:
        case cipher::des_ecb: return algorithm::des;
        case cipher::triple_des_2_cbc: return algorithm::triple_des_2;
        case cipher::triple_des_3_cbc: return algorithm::triple_des_3;
        case cipher::aes_cbc: return algorithm::aes;
    }
    return algorithm::none;
}

algorithm algorithm_of(mac m) noexcept {
    switch (m) {
        case mac::des_cbc_mac: return algorithm::des;
        case mac::triple_des_2_cbc_mac: return algorithm::triple_des_2;
        case mac::triple_des_3_cbc_mac: return algorithm::triple_des_3;
        case mac::aes_cmac: return algorithm::aes;
    }
    return algorithm::none;
}

/// The schedules of DES, made fast. The library makes one bit by bit, which is three quarters of a 3DES packet's cost.
/// But each bit of a schedule is a bit of the key: the schedule of a key is the XOR of those of its single bits, and
/// these the library made once. Every row is read whatever the key, so that the time tells nothing of it.
class des_schedule : public CryptoPP::RawDES {
public:
    static void set(CryptoPP::RawDES& cipher, CryptoPP::CipherDir direction, const std::uint8_t* key) {
        static const rows forward_rows(CryptoPP::ENCRYPTION);
        static const rows backward_rows(CryptoPP::DECRYPTION);
        const auto& of_bit = direction == CryptoPP::ENCRYPTION ? forward_rows.of_bit : backward_rows.of_bit;
        words sum{};
        for (std::size_t bit = 0; bit < of_bit.size(); ++bit) {
            if (bit % 8 == 7) continue;  // parity bits take no part
            const auto mask = static_cast<std::uint32_t>(-(key[bit / 8] >> (7 - bit % 8) & 1));
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= of_bit[bit][i] & mask;
        }
        std::copy(sum.begin(), sum.end(), (cipher.*(&des_schedule::k)).begin());
        CryptoPP::SecureWipeBuffer(sum.data(), sum.size());
    }

private:
    using words = std::array<std::uint32_t, 32>;
    struct rows {
        explicit rows(CryptoPP::CipherDir direction) {
            for (std::size_t bit = 0; bit < of_bit.size(); ++bit) {
                std::array<std::uint8_t, 8> key{};
                key[bit / 8] = static_cast<std::uint8_t>(0x80 >> bit % 8);
                des_schedule made;
                made.RawSetKey(direction, key.data());
                std::copy(made.k.begin(), made.k.end(), of_bit[bit].begin());
            }
        }
        std::array<words, 64> of_bit{};
    };
};

/// The library's own ciphers, with their schedules made as above.
template <CryptoPP::CipherDir Direction, class Cipher>
class des : public Cipher {
public:
    void set_schedules(const std::uint8_t* key) { des_schedule::set(*this, Direction, key); }
};

template <CryptoPP::CipherDir Direction>
constexpr CryptoPP::CipherDir reverse = Direction == CryptoPP::ENCRYPTION ? CryptoPP::DECRYPTION : CryptoPP::ENCRYPTION;

template <CryptoPP::CipherDir Direction, class Cipher>
class triple_des_2 : public Cipher {
public:
    void set_schedules(const std::uint8_t* key) {
        des_schedule::set(this->m_des1, Direction, key);
        des_schedule::set(this->m_des2, reverse<Direction>, key + 8);
    }
};

template <CryptoPP::CipherDir Direction, class Cipher>
class triple_des_3 : public Cipher {
public:
    void set_schedules(const std::uint8_t* key) {
        const bool enciphers = Direction == CryptoPP::ENCRYPTION;
        des_schedule::set(this->m_des1, Direction, enciphers ? key : key + 16);
        des_schedule::set(this->m_des2, reverse<Direction>, key + 8);
        des_schedule::set(this->m_des3, Direction, enciphers ? key + 16 : key);
    }
};

/// A key's schedule for one direction, held in place. Degenerate keys (K1 = K2, all zero) are as good as others.
template <class Des, class TripleDes2, class TripleDes3, class Aes>
class schedule {
public:
    /// The transformation, its schedule made at the first use; nothing when the key's length does not fit.
    const BlockTransformation* ready(algorithm a, wire::octet_view key) {
        if (made_.index() == static_cast<std::size_t>(a)) return ready_;
        switch (a) {
            case algorithm::des: return make<Des>(key, key.size() == 8);
            case algorithm::triple_des_2: return make<TripleDes2>(key, key.size() == 16);
            case algorithm::triple_des_3: return make<TripleDes3>(key, key.size() == 24);
            case algorithm::aes: return make<Aes>(key, key.size() == 16 || key.size() == 24 || key.size() == 32);
            case algorithm::none: break;
        }
        return nullptr;
    }

private:
    template <class Cipher>
    const BlockTransformation* make(wire::octet_view key, bool fits) {
        if (!fits) return nullptr;
        auto& made = made_.template emplace<Cipher>();
        if constexpr (requires { made.set_schedules(key.data()); }) {
            made.set_schedules(key.data());
        } else {
            made.SetKey(key.data(), key.size());
        }
        return ready_ = &made;
    }

    std::variant<std::monostate, Des, TripleDes2, TripleDes3, Aes> made_;
    const BlockTransformation* ready_ = nullptr;
};

using forward = schedule<des<CryptoPP::ENCRYPTION, CryptoPP::DES::Encryption>,
                         triple_des_2<CryptoPP::ENCRYPTION, CryptoPP::DES_EDE2::Encryption>,
                         triple_des_3<CryptoPP::ENCRYPTION, CryptoPP::DES_EDE3::Encryption>, CryptoPP::AES::Encryption>;
using backward =
    schedule<des<CryptoPP::DECRYPTION, CryptoPP::DES::Decryption>,
             triple_des_2<CryptoPP::DECRYPTION, CryptoPP::DES_EDE2::Decryption>,
             triple_des_3<CryptoPP::DECRYPTION, CryptoPP::DES_EDE3::Decryption>, CryptoPP::AES::Decryption>;

/// CBC chain with zero IV over octets that come in parts; the last block is held back for its padding.
class chain {
public:
    explicit chain(const BlockTransformation& with) : with_(with), block_(with.BlockSize()) {}

    void feed(wire::octet_view in) {
        if (in.empty()) return;
        if (held_ != 0) {
            const auto more = std::min(block_ - held_, in.size());
            std::copy_n(in.begin(), more, last_.begin() + static_cast<std::ptrdiff_t>(held_));
            held_ += more;
            in = in.subspan(more);
            if (in.empty()) return;
            mix(last_.data(), block_);
        }
        const auto whole = (in.size() - 1) / block_ * block_;
        if (whole != 0) mix(in.data(), whole);
        held_ = in.size() - whole;
        std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(whole), held_, last_.begin());
    }

    /// ISO/IEC 9797-1 algorithm 1, padding method 1.
    void finish_zero_padded() {
        if (held_ == 0) return;
        std::fill(last_.begin() + static_cast<std::ptrdiff_t>(held_), last_.end(), 0);
        mix(last_.data(), block_);
    }

    /// RFC 4493: a full last block is masked with K1, a padded one (10*) with K2.
    void finish_cmac() {
        std::array<std::uint8_t, largest_block> mask{};
        with_.ProcessBlock(mask.data());
        double_in_field(mask);
        if (held_ != block_) {
            double_in_field(mask);
            last_[held_] = 0x80;
            std::fill(last_.begin() + static_cast<std::ptrdiff_t>(held_) + 1, last_.end(), 0);
        }
        for (std::size_t i = 0; i < block_; ++i) last_[i] ^= mask[i];
        mix(last_.data(), block_);
        CryptoPP::SecureWipeBuffer(mask.data(), mask.size());
    }

    [[nodiscard]] const std::array<std::uint8_t, largest_block>& value() const noexcept { return value_; }

private:
    static void double_in_field(std::array<std::uint8_t, largest_block>& v) noexcept {
        const std::uint8_t reduction = v[0] & 0x80 ? 0x87 : 0;
        for (std::size_t i = 0; i + 1 < v.size(); ++i) v[i] = static_cast<std::uint8_t>(v[i] << 1 | v[i + 1] >> 7);
        v.back() = static_cast<std::uint8_t>(v.back() << 1 ^ reduction);
    }
    void mix(const std::uint8_t* blocks, std::size_t length) {
        with_.AdvancedProcessBlocks(
            value_.data(), blocks, value_.data(), length,
            BlockTransformation::BT_DontIncrementInOutPointers | BlockTransformation::BT_XorInput);
    }

    const BlockTransformation& with_;
    std::size_t block_;
    std::size_t held_ = 0;
    std::array<std::uint8_t, largest_block> value_{};
    std::array<std::uint8_t, largest_block> last_{};
};

}  // namespace

secret& secret::operator=(secret&& other) noexcept {
    if (this != &other) {
        CryptoPP::SecureWipeBuffer(value_.data(), value_.size());
        value_ = std::move(other.value_);
        other.value_.clear();
    }
    return *this;
}

secret::~secret() { CryptoPP::SecureWipeBuffer(value_.data(), value_.size()); }

std::size_t block_size(cipher c) noexcept { return c == cipher::aes_cbc ? 16 : 8; }

struct key_set::schedules {
    secret kic;
    secret kid;
    std::uint8_t mac_length = 8;
    forward enciphering;
    backward deciphering;
    forward checking;
};

key_set::key_set() = default;
key_set::key_set(secret kic, secret kid, std::uint8_t mac_length) : state_(std::make_unique<schedules>()) {
    state_->kic = std::move(kic);
    state_->kid = std::move(kid);
    state_->mac_length = mac_length;
}
key_set::key_set(key_set&&) noexcept = default;
key_set& key_set::operator=(key_set&&) noexcept = default;
key_set::~key_set() = default;

std::uint8_t key_set::mac_length() const noexcept { return state_ ? state_->mac_length : 8; }

wire::result<void> key_set::encipher(cipher c, std::span<std::uint8_t> data) const {
    const auto* with = state_ ? state_->enciphering.ready(algorithm_of(c), state_->kic.view()) : nullptr;
    if (!with) return errc::bad_key;
    const auto block = block_size(c);
    if (data.size() % block != 0) return errc::bad_length;
    if (data.empty()) return BOOST_OUTCOME_V2_NAMESPACE::success();
    auto* at = data.data();
    if (c == cipher::des_ecb) {
        with->AdvancedProcessBlocks(at, nullptr, at, data.size(), BlockTransformation::BT_AllowParallel);
    } else {
        with->ProcessBlock(at);  // the IV is zero
        if (data.size() > block)
            with->AdvancedProcessBlocks(at + block, at, at + block, data.size() - block,
                                        BlockTransformation::BT_XorInput);
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> key_set::decipher(cipher c, std::span<std::uint8_t> data) const {
    const auto* with = state_ ? state_->deciphering.ready(algorithm_of(c), state_->kic.view()) : nullptr;
    if (!with) return errc::bad_key;
    const auto block = block_size(c);
    if (data.size() % block != 0) return errc::bad_length;
    if (data.empty()) return BOOST_OUTCOME_V2_NAMESPACE::success();
    auto* at = data.data();
    if (c == cipher::des_ecb) {
        with->AdvancedProcessBlocks(at, nullptr, at, data.size(), BlockTransformation::BT_AllowParallel);
    } else {
        if (data.size() > block)  // from the back, so that the block before is still ciphertext
            with->AdvancedProcessBlocks(
                at + block, at, at + block, data.size() - block,
                BlockTransformation::BT_ReverseDirection | BlockTransformation::BT_AllowParallel);
        with->ProcessBlock(at);
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> key_set::checksum(mac m, wire::octet_view head, wire::octet_view tail,
                                     std::span<std::uint8_t> out) const {
    const auto* with = state_ ? state_->checking.ready(algorithm_of(m), state_->kid.view()) : nullptr;
    if (!with) return errc::bad_key;
    if (out.empty() || out.size() > 8) return errc::bad_length;
    chain over(*with);
    over.feed(head);
    over.feed(tail);
    if (m == mac::aes_cmac) {
        over.finish_cmac();
    } else {
        over.finish_zero_padded();
    }
    std::copy_n(over.value().begin(), out.size(), out.begin());
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<wire::octets> key_set::checksum(mac m, wire::octet_view head, wire::octet_view tail) const {
    if (mac_length() != 4 && mac_length() != 8) return errc::bad_key;
    wire::octets out(mac_length());
    OTA_TRY(checksum(m, head, tail, out));
    return out;
}

bool equal_in_constant_time(wire::octet_view a, wire::octet_view b) noexcept {
    return a.size() == b.size() && CryptoPP::VerifyBufsEqual(a.data(), b.data(), a.size());
}

std::array<std::uint8_t, 32> sha256(wire::octet_view in) {
    std::array<std::uint8_t, 32> out;
    CryptoPP::SHA256 digest;
    digest.CalculateDigest(out.data(), in.data(), in.size());
    return out;
}

std::array<std::uint8_t, 16> md5(wire::octet_view in) {
    std::array<std::uint8_t, 16> out;
    CryptoPP::Weak::MD5 digest;
    digest.CalculateDigest(out.data(), in.data(), in.size());
    return out;
}

namespace {

constexpr std::uint8_t seal_version = 1;
constexpr std::size_t nonce_length = 12;
constexpr std::size_t seal_head = 1 + 4 + nonce_length;
constexpr std::size_t tag_length = 16;

}  // namespace

wire::result<key_encryption_key> key_encryption_key::load(secret key) {
    if (key.size() != 32) return errc::bad_key;
    key_encryption_key out;
    const auto id = sha256(sha256(key.view()));
    out.id_ = wire::reader(id).u32();
    out.key_ = std::move(key);
    return out;
}

wire::octets key_encryption_key::seal(wire::octet_view clear, wire::octet_view associated,
                                      const std::array<std::uint8_t, 12>& nonce) const {
    if (key_.empty()) throw std::logic_error("a key-encryption key that was never loaded");
    wire::writer out(seal_head + clear.size() + tag_length);
    out.u8(seal_version).u32(id_).put(nonce).fill(clear.size() + tag_length, 0);
    auto sealed = out.take();
    auto* body = sealed.data() + seal_head;
    CryptoPP::GCM<CryptoPP::AES>::Encryption gcm;
    gcm.SetKeyWithIV(key_.view().data(), key_.size(), nonce.data(), nonce.size());
    gcm.EncryptAndAuthenticate(body, body + clear.size(), tag_length, nonce.data(), nonce_length, associated.data(),
                               associated.size(), clear.data(), clear.size());
    return sealed;
}

wire::result<secret> key_encryption_key::open(wire::octet_view sealed, wire::octet_view associated) const {
    wire::reader in(sealed);
    const auto version = in.u8();
    const auto id = in.u32();
    const auto nonce = in.take(nonce_length);
    if (in.failed() || version != seal_version || in.remaining() < tag_length) return errc::bad_seal;
    if (key_.empty() || id != id_) return errc::wrong_key_encryption_key;
    const auto ciphertext = in.take(in.remaining() - tag_length);
    const auto tag = in.take(tag_length);
    wire::octets clear(ciphertext.size());
    CryptoPP::GCM<CryptoPP::AES>::Decryption gcm;
    gcm.SetKeyWithIV(key_.view().data(), key_.size(), nonce.data(), nonce.size());
    const bool genuine =
        gcm.DecryptAndVerify(clear.data(), tag.data(), tag.size(), nonce.data(), nonce_length, associated.data(),
                             associated.size(), ciphertext.data(), ciphertext.size());
    secret out(std::move(clear));  // wiped when the seal does not hold
    if (!genuine) return errc::bad_seal;
    return out;
}

secret key_encryption_key::derive(std::string_view purpose) const {
    if (key_.empty()) throw std::logic_error("a key-encryption key that was never loaded");
    wire::octets out(CryptoPP::SHA256::DIGESTSIZE);
    CryptoPP::HMAC<CryptoPP::SHA256> hmac(key_.view().data(), key_.size());
    hmac.CalculateDigest(out.data(), wire::as_octets(purpose).data(), purpose.size());
    return secret(std::move(out));
}

}  // namespace ota::secure_channel
