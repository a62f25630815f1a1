#pragma once

#include "secure-channel/wire/octets.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// The control file of a card: which management objects it holds, in which generation, and the check sum that says that
/// each is whole. A file of ours beside the standard directory; a device that does not know it misses nothing but the
/// detection of change. It is written last, so that it is the commit record of every script: until then no object that
/// the script touched has the check sum that it tells.
namespace ota::management_object {

///     | 44 4D | 01 | flags | generation | count | CRC-32 | entry | entry | .. | FF ..
///     |   2   | 1  |   1   |     2      |   1   |   4    |  11   |
/// The CRC is that of wire/crc.hpp (IEEE 802.3, polynomial 04C11DB7), over all before it and all entries.
///     entry: | file | generation | flags | used length | CRC-32 of the used octets |
///            |  2   |     2      |   1   |      2      |            4              |
struct control_entry {
    std::uint16_t file = 0;        ///< identifier of the file that holds the object now
    std::uint16_t generation = 0;  ///< counts the object's changes; after FFFF comes 0000
    bool ask = false;              ///< bit 0: the user is asked before a device takes the object over
    bool autonomous = false;       ///< bit 1: a device that took it over connects to the server by itself
    bool active = true;            ///< bit 2: the object is offered to devices
    bool secret = false;           ///< bit 3: it holds values that nobody may read over a session
    std::uint16_t used = 0;        ///< octets of the object, without the file's padding
    std::uint32_t crc = 0;
    auto operator<=>(const control_entry&) const = default;
};

struct control_file {
    std::uint8_t flags = 0;        ///< none defined
    std::uint16_t generation = 0;  ///< counts the changes of all objects
    std::vector<control_entry> entries;

    /// Of this file, or null.
    [[nodiscard]] const control_entry* find(std::uint16_t file) const& noexcept;
    [[nodiscard]] control_entry* find(std::uint16_t file) & noexcept;
    const control_entry* find(std::uint16_t file) const&& = delete;  // it would point into a value that is gone
    auto operator<=>(const control_file&) const = default;
};

/// Octets of a control file of so many entries.
[[nodiscard]] constexpr std::size_t control_file_octets(std::size_t entries) noexcept { return 11 + 11 * entries; }

/// At most 255 entries; more are `document_errc::too_large`.
[[nodiscard]] wire::result<wire::octets> serialize_control_file(const control_file&);
/// Padding of FF may follow. `wire::errc::truncated` and `trailing_octets`, `document_errc::unknown_version`,
/// `bad_value` for another magic number or a wrong check sum.
[[nodiscard]] wire::result<control_file> parse_control_file(wire::octet_view);

/// Octets of an image without the padding that ends it. No WBXML document ends with FF.
[[nodiscard]] std::size_t used_length(wire::octet_view image) noexcept;
/// Is the image, as read from its file, the whole object that the entry speaks of?
[[nodiscard]] bool confirms(const control_entry&, wire::octet_view image) noexcept;
/// The control file after the object in file `from` became `image` in file `to` (the same, or its pair): length, check
/// sum, generations. Nothing when no entry has `from`.
[[nodiscard]] std::optional<control_file> with_image(control_file, std::uint16_t from, std::uint16_t to,
                                                     wire::octet_view image);

}  // namespace ota::management_object
