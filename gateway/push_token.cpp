#include "gateway/push_token.hpp"

#include <stdexcept>

namespace ota::bearer {
namespace {

constexpr std::size_t name_size = 16;

}  // namespace

push_tokens::push_tokens(const secure_channel::key_encryption_key& kek)
    : key_(secure_channel::secret(), kek.derive("push identification 1")) {}

wire::octets push_tokens::make(push_id push) const {
    wire::writer out(size);
    out.u64(static_cast<std::uint64_t>(push.card)).u64(static_cast<std::uint64_t>(push.packet));
    const auto mac = mac_of(out.buffer());
    return out.put(mac).take();
}

std::optional<push_id> push_tokens::verify(wire::octet_view identification) const {
    if (identification.size() != size) return std::nullopt;
    const auto name = identification.first(name_size);
    const auto mac = mac_of(name);
    if (!secure_channel::equal_in_constant_time(mac, identification.subspan(name_size))) return std::nullopt;
    wire::reader in(name);
    push_id out;
    out.card = static_cast<std::int64_t>(in.u64());
    out.packet = static_cast<std::int64_t>(in.u64());
    return out;
}

std::array<std::uint8_t, 8> push_tokens::mac_of(wire::octet_view name) const {
    std::array<std::uint8_t, 8> out{};
    // The derived key always fits AES; a fault of the library must not let a token pass.
    if (!key_.checksum(secure_channel::mac::aes_cmac, name, {}, out))
        throw std::logic_error("no MAC under a derived key");
    return out;
}

}  // namespace ota::bearer
