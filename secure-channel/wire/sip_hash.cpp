#include "secure-channel/wire/sip_hash.hpp"

#include <bit>

namespace ota::wire {

namespace {

struct sip_state {
    std::uint64_t v0, v1, v2, v3;

    void round() noexcept {
        v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
        v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
        v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
        v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
    }
    void compress(std::uint64_t word) noexcept {
        v3 ^= word;
        round(), round();
        v0 ^= word;
    }
};

std::uint64_t little_endian(std::string_view octets) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < octets.size(); ++i)
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(octets[i])) << (8 * i);
    return word;
}

}  // namespace

std::uint64_t sip_hash(const sip_key& key, std::string_view octets) noexcept {
    sip_state s{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
                key.k1 ^ 0x7465646279746573};
    std::size_t at = 0;
    for (; octets.size() - at >= 8; at += 8) s.compress(little_endian(octets.substr(at, 8)));
    s.compress(little_endian(octets.substr(at)) | static_cast<std::uint64_t>(octets.size()) << 56);
    s.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace ota::wire
