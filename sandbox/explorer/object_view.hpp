#pragma once

#include "gateway/profile/card_profile.hpp"
#include "management-object/tnds.hpp"
#include "sandbox/uicc/object_reader.hpp"

#include <string>

namespace ota::sandbox {

/// Where an object stands, as its document says.
[[nodiscard]] management_object::uri address_of(const management_object::placed_node&);
/// Its nodes line by line with format and value. Secrets (R24) are masked: those of the profile, and those that no DM
/// server gets.
[[nodiscard]] std::string tree_of(const management_object::placed_node&, const card_profile&);
/// The same as a TNDS document in XML; leaves that are secret have no value.
[[nodiscard]] wire::result<std::string> xml_of(management_object::placed_node, const card_profile&);
/// The objects of a card in a table: address, label, file, generation, flags, octets, and whether they are whole.
[[nodiscard]] std::string table_of(const objects_on_card&);
/// "ask, autonomous, PIN"; "-" for none.
[[nodiscard]] std::string flags_of(const object_on_card&);

}  // namespace ota::sandbox
