#pragma once

#include "config/settings.hpp"
#include "gateway/profile/card_profile.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The parts of which `load_profiles` is made. Seen only inside this folder.
namespace ota::profile_reader {

/// Weak settings that a profile asks to be let through.
struct permissions {
    bool single_des = false;
    bool no_cc = false;
    bool no_counter = false;
    bool unsigned_por = false;
    bool no_por = false;
};

/// Octets in hexadecimal at `key`, `size` of them. Absent: `otherwise`, or a fault when there is none. After a fault:
/// the same, or no octets.
[[nodiscard]] wire::octets octets_at(const config::node&, std::string_view key, std::size_t size,
                                     const std::optional<wire::octets>& otherwise = std::nullopt);
/// File identifiers, four hex digits each.
[[nodiscard]] std::vector<std::uint16_t> file_identifiers_at(const config::node&, std::string_view key);
/// Commands in hexadecimal, each a C-APDU that the script format can carry.
[[nodiscard]] std::vector<wire::octets> commands_at(const config::node&, std::string_view key,
                                                    secure_channel::script_format);

/// SPI against KIc, KID and permissions; warns of what a permitted weakness or a counter mode means (R3, R10, R11,
/// R25).
void check_security(const config::node& at, const card_profile&, const permissions&);

/// Reads `nodes` into the profile, whose applications are known, and checks them against each other and the profile.
void read_nodes(const config::node& list, card_profile&);

/// Reads `management_objects` into the profile, whose applications and nodes are known. Files that it names start at
/// the folder of the profile's own file.
void read_management_objects(const config::node& at, card_profile&);

/// Reads `bip` into the profile, whose SPI, segments and applications are known.
void read_bip_channel(const config::node& at, card_profile&);

/// Octets of script that a packet of this profile carries at most.
[[nodiscard]] std::size_t script_room(const card_profile&) noexcept;

/// Everything that the profile says, one setting a line, in one order: equal texts are equal profiles.
[[nodiscard]] std::string canonical_text(const card_profile&);

}  // namespace ota::profile_reader
