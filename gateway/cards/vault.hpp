#pragma once

#include "gateway/flow/twin.hpp"
#include "secure-channel/crypto.hpp"

#include <functional>
#include <span>
#include <string>

/// The key-encryption key: its file, and what is wrapped under it (R24).
namespace ota::cards {

using random_octets = std::function<void(std::span<std::uint8_t>)>;

/// Random octets of the kernel (getrandom). Throws std::system_error when the kernel gives none.
void system_random(std::span<std::uint8_t>);

enum class when_missing : std::uint8_t { fail, create };

/// 32 octets, or 64 hexadecimal digits and white space behind them. `key_file_open` when anybody but the owner may read
/// it. `create` makes a new one when there is none, as `generate_key_file` does.
[[nodiscard]] wire::result<secure_channel::key_encryption_key> load_key_encryption_key(
    const std::string& path, when_missing = when_missing::fail);

/// 64 random hexadecimal digits and a newline, mode 0600, durable. `key_file_exists` rather than overwriting one,
/// `key_folder_missing` when there is no folder for it.
[[nodiscard]] wire::result<void> generate_key_file(const std::string& path, const random_octets& = system_random);

[[nodiscard]] wire::octets wrap(const secure_channel::key_encryption_key&, wire::octet_view clear,
                                std::string_view purpose, const random_octets&);

/// The guard of twins, as the corridor has it. The key must outlive it.
[[nodiscard]] flow::guard guard_under(const secure_channel::key_encryption_key&, random_octets);

}  // namespace ota::cards
