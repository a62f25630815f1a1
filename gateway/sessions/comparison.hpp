#pragma once

#include "gateway/profile/card_profile.hpp"
#include "management-object/node.hpp"
#include "management-object/uri.hpp"

/// What a device tells of a management object, beside what the card was attested to hold.
namespace ota::sessions {

/// The object in the image without its secrets, which no device tells. Nothing: the image holds none.
[[nodiscard]] std::optional<management_object::node> tellable(const management_object_binding&, wire::octet_view image);

/// The same nodes with the same values. Formats, access lists and time stamps are the device's own; so are names of
/// secrets that it tells without their values.
[[nodiscard]] bool agrees(const management_object_binding&, const management_object::node& on_card,
                          const management_object::node& at_device);

struct leaf_value {
    std::string at;  ///< whole address
    std::string value;
};
/// Every leaf of the object with its address in the tree: for devices that do not tell whole subtrees.
[[nodiscard]] std::vector<leaf_value> leaves(const management_object_binding&, const management_object::node& on_card);

}  // namespace ota::sessions
