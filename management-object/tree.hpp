#pragma once

#include "management-object/dm_status.hpp"
#include "management-object/node.hpp"
#include "management-object/uri.hpp"

/// Operations on a management tree as DM 1.2 defines them. Every error is the `dm_status` that a DM session would
/// answer; a failed operation changes nothing.
namespace ota::management_object {

/// Who edits, when, and within which limits.
struct editing {
    std::string_view server = {};  ///< checked against the access control lists; empty: the owner, who may all
    std::string_view tstamp = {};  ///< becomes the TStamp of changed nodes; empty: they keep theirs
    uri_limits limits = {};
};

/// Nodes nested deeper than this are refused, whatever the limits say.
inline constexpr std::size_t deepest_tree = 64;

/// A tree with nothing but its root, which everybody may add to and get from.
[[nodiscard]] node empty_tree();

[[nodiscard]] const node* find(const node& root, const uri&) noexcept;
[[nodiscard]] node* find(node& root, const uri&) noexcept;
/// The node's own list, else that of the nearest ancestor that has one, whole (never merged), else Add=*&Get=*.
[[nodiscard]] const access_control_list& effective_acl(const node& root, const uri&) noexcept;

/// Adds the node, with all below it, under the address's last name. 404 no parent, 405 the parent is a leaf, 418
/// exists, 415 a value is not of its format, 414 beyond the limits, 425 no Add right on the parent.
[[nodiscard]] wire::result<void> add(node& root, const uri&, node added, const editing& = {});
/// New value of a leaf, counted in VerNo. 404, 405 not a leaf, 415 not of the format, 425 no Replace right.
[[nodiscard]] wire::result<void> replace(node& root, const uri&, std::string value, const editing& = {});
/// Removes the node and all below it. 404, 405 the root, 425 no Delete right.
[[nodiscard]] wire::result<void> remove(node& root, const uri&, const editing& = {});
/// Adds a copy of `from` at `to`. 404, 418, 405 into itself or under a leaf, 425 no Get right there or no Add right
/// here.
[[nodiscard]] wire::result<void> copy(node& root, const uri& from, const uri& to, const editing& = {});
/// The value of a leaf, or the names of an interior node's children joined by "/" [DM TND 1.2]. 404, 425.
[[nodiscard]] wire::result<std::string> get(const node& root, const uri&, const editing& = {});

/// `?prop=`: ACL, Format, Name, Size, Title, TStamp, Type, VerNo. 404, 406 no such property, 425.
[[nodiscard]] wire::result<std::string> get_property(const node& root, const uri&, std::string_view prop,
                                                     const editing& = {});
/// ACL, Name (a rename) and Title can be replaced, the others are 405. 400 malformed, 418 the name is taken; an ACL of
/// an interior node needs Replace on it or on its parent, that of a leaf Replace on its parent.
[[nodiscard]] wire::result<void> replace_property(node& root, const uri&, std::string_view prop, std::string_view value,
                                                  const editing& = {});

}  // namespace ota::management_object
