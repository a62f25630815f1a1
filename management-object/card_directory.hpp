#pragma once

#include "secure-channel/wire/octets.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The directory by which a device finds management objects on a card: the PKCS#15 application (ISO/IEC 7816-15) that
/// OMA DM 1.2 Bootstrap names. EF(DIR) tells the application, EF(ODF) where the data object directory is, EF(DODF) the
/// data objects: a label, an object identifier and a file each. Files are padded with FF; parsers pass padding over,
/// and elements that they do not know. Failures: `wire::errc::truncated`, `document_errc::bad_value`.
namespace ota::management_object {

inline constexpr std::array<std::uint8_t, 12> pkcs15_aid{0xA0, 0x00, 0x00, 0x00, 0x63, 0x50,
                                                         0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35};
/// Contents of object identifiers, without tag and length.
inline constexpr std::array<std::uint8_t, 4> oid_dm_bootstrap{0x67, 0x2B, 0x07, 0x01};  ///< 2.23.43.7.1
/// 1.3.6.1.4.1.32473.3.1: our control file, so that other readers of 2.23.43.7.1 pass it over. The arc is that of RFC
/// 5612 for examples; who issues cards puts his own.
inline constexpr std::array<std::uint8_t, 10> oid_control_file{0x2B, 0x06, 0x01, 0x04, 0x01,
                                                               0x81, 0xFD, 0x59, 0x03, 0x01};

/// "2.23.43.7.1"; empty when the octets are no object identifier, or a number in it takes more than 64 bits.
[[nodiscard]] std::string oid_text(wire::octet_view content);
/// Content octets. Error: `bad_value`.
[[nodiscard]] wire::result<wire::octets> parse_oid_text(std::string_view);

using file_path =
    std::vector<std::uint16_t>;  ///< file identifiers; from the MF when it begins with 3F00, else from the directory

/// A record of EF(DIR) [TS 102 221, 13.1; ISO/IEC 7816-15, 8.4].
///     | 61 len | 4F len AID | 50 len label | 51 len path |
struct application_template {
    wire::octets aid;
    std::string label;
    file_path path;
    bool operator==(const application_template&) const = default;
};
[[nodiscard]] wire::octets serialize_application(const application_template&);
[[nodiscard]] wire::result<application_template> parse_application(wire::octet_view record);

/// EF(ODF), 5031: the files that list data objects.
///     | A7 len | 30 len | 04 len path |  .. more object directories
[[nodiscard]] wire::octets serialize_object_directory(const std::vector<file_path>& data_object_directories);
[[nodiscard]] wire::result<std::vector<file_path>> parse_object_directory(wire::octet_view file);

/// EF(TokenInfo), 5032.
///     | 30 len | 02 01 00 | 04 len serial | 0C len manufacturer | 80 len label | 03 02 .. flags |
struct token_info {
    wire::octets serial_number;
    std::string manufacturer, label;
    bool read_only = false;       ///< for who holds the card; the issuer writes over the air
    bool login_required = false;  ///< a PIN before anything is read
    bool operator==(const token_info&) const = default;
};
[[nodiscard]] wire::octets serialize_token_info(const token_info&);
[[nodiscard]] wire::result<token_info> parse_token_info(wire::octet_view file);

/// An entry of EF(DODF). Written as opaqueDO, the form that the DM standard describes; oidDO, which cards in the field
/// use, is read too, and so is their quirk of an object identifier wrapped twice.
///     | 30 len | 30 len: 0C label, 03 flags, 04 authId, 02 userConsent | 30 len: 0C name, 06 OID | A1 len: 30 04 path
///     |
struct data_object {
    std::string label;
    bool is_private = false;  ///< read after its PIN only
    bool modifiable = false;
    wire::octets auth_id;                      ///< which PIN; may be empty
    std::optional<std::uint8_t> user_consent;  ///< 1 to 15: accesses before the user is asked again; 1 asks each time
    std::string application_name;
    wire::octets oid;
    file_path path;
    std::optional<std::uint32_t> index, length;  ///< a part of the file
    bool operator==(const data_object&) const = default;
};
[[nodiscard]] wire::octets serialize_data_objects(const std::vector<data_object>&);
/// Entries of other kinds (external, or without a path) are passed over.
[[nodiscard]] wire::result<std::vector<data_object>> parse_data_objects(wire::octet_view file);

}  // namespace ota::management_object
