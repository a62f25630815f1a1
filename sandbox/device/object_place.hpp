#pragma once

#include "management-object/tree.hpp"

#include <string>
#include <vector>

/// Where objects of a card stand in a device's tree. Nothing of another origin is ever overwritten: not what the maker
/// put there, not what a server or the user added, not another object of the card.
namespace ota::sandbox {

/// May an object stand at `at`? Nothing stands there (or what it replaces: `ours`), and what is above is no object of
/// its own.
[[nodiscard]] bool may_stand(const management_object::node& root, const management_object::uri& at, bool ours);
/// Puts it there in place of what was; missing nodes above are made. Error: that of the tree; then nothing has changed.
[[nodiscard]] wire::result<void> put_object(management_object::node& root, const management_object::uri& at,
                                            management_object::node top);
/// Takes it away, with nodes above that `put_object` made and that hold nothing any more.
void take_away(management_object::node& root, const management_object::uri& at);

/// AAuthSecret, AAuthData, AuthSecret: what no server gets [DMAcc, connectivity objects].
[[nodiscard]] bool is_secret_name(std::string_view) noexcept;
/// The object's own node, unless the card gave it a list: all rights to these servers, Get to everybody. Its secrets:
/// Replace to the servers, else to nobody, and Get to none.
void grant(management_object::node& top, const std::vector<std::string>& servers, bool has_own_list);

}  // namespace ota::sandbox
