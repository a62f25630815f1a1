#pragma once

#include "management-object/ddf.hpp"
#include "management-object/dm_status.hpp"

/// Does a tree follow its description, and may a command be used on a node of it.
namespace ota::management_object::ddf {

enum class flaw : std::uint8_t {
    unknown_node,     ///< the description has no such node
    missing_node,     ///< a node that must be there is not
    too_many,         ///< more nodes of a kind than allowed
    other_format,     ///< another format than described
    other_type,       ///< a MIME type that is not among those described
    malformed_value,  ///< the value is not of the node's format
    same_name,        ///< two nodes that differ in nothing but case, where case does not count; or in nothing at all
};
[[nodiscard]] std::string_view to_string(flaw) noexcept;

struct finding {
    uri node;  ///< of a missing node: where it should be
    flaw what = flaw::unknown_node;
    auto operator<=>(const finding&) const = default;
};
/// Every flaw of the tree below `top`, which stands at `at`; none: the tree follows the description. Nodes below an
/// unknown node are not told one by one, and those that a maker adds below an Ext are his own.
[[nodiscard]] std::vector<finding> check(const node& top, const description&, const uri& at = {});

/// The description of the node at an address relative to a node described by `top` (which has the empty address); named
/// nodes go before those that anybody may name. Null when there is none.
[[nodiscard]] const description* find(const description& top, const uri& relative) noexcept;

/// May the command be used on the node at this address, by its description. 404 not described, 405 not allowed. A node
/// may be added when it or the node around it allows Add; a permanent node is never added, deleted or copied over.
[[nodiscard]] wire::result<void> allows(const description& top, const uri& relative, command);

}  // namespace ota::management_object::ddf
