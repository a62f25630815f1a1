#pragma once

#include "gateway/profile/card_profile.hpp"
#include "management-object/card_image.hpp"
#include "management-object/control_file.hpp"

/// What the files around the management objects of a card hold.
namespace ota {

inline constexpr std::uint16_t object_directory_file = 0x5031, token_info_file = 0x5032;  // [ISO/IEC 7816-15, 7.3]

/// The record of EF(DIR) that leads to the directory of PKCS#15.
[[nodiscard]] wire::octets application_record(const object_directory&);
/// EF(ODF), without padding.
[[nodiscard]] wire::octets object_directory_image(const object_directory&);
/// EF(TokenInfo) of a card, without padding; the serial number is its ICCID.
[[nodiscard]] wire::octets token_info_image(const card_profile&, std::string_view iccid);
/// EF(DODF) for what the control file says: objects that are not active are not listed, and those with two files point
/// to the valid one. Without padding: `list_image` pads.
[[nodiscard]] wire::octets data_objects_of(const card_profile&, const management_object::control_file&);
[[nodiscard]] wire::octets list_image(const card_profile&, const management_object::control_file&);

/// The control file of a card as it is made: generation 0 of every object that devices take over.
[[nodiscard]] management_object::control_file factory_control(const card_profile&);
/// Padded to the file.
[[nodiscard]] wire::octets control_image(const card_profile&, const management_object::control_file&);

/// The form of the object's images.
[[nodiscard]] management_object::image_form form_of(const management_object_binding&) noexcept;
/// The entry of the object in a card's control file: of its file, or of its spare one. Null when there is none.
[[nodiscard]] const management_object::control_entry* entry_of(const management_object_binding&,
                                                               const management_object::control_file&) noexcept;
const management_object::control_entry* entry_of(const management_object_binding&,
                                                 management_object::control_file&&) = delete;
/// May the value be told? By the list of secrets, and by the description: a leaf without Get. `relative` is below the
/// object.
[[nodiscard]] bool is_secret(const management_object_binding&, const management_object::uri& relative);
/// Does the object hold any secret? Then its images are kept wrapped (R24).
[[nodiscard]] bool holds_secrets(const management_object_binding&);

}  // namespace ota
