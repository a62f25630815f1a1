#pragma once

#include "management-object/fault.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ota::management_object {

/// What an access control list speaks about. Copy needs the rights of the Get and Add that it stands for.
enum class access : std::uint8_t { add, del, exec, get, replace };
inline constexpr std::size_t access_count = 5;
[[nodiscard]] std::string_view to_string(access) noexcept;
[[nodiscard]] std::optional<access> access_named(std::string_view) noexcept;

/// Access control list (OMA-TS-DM_TND 1.2): for each command the servers that may use it.
class access_control_list {
public:
    /// Nothing said: the node inherits the whole list of its nearest ancestor that has one.
    [[nodiscard]] bool empty() const noexcept;
    /// `server` itself, or everybody. An empty list allows nothing.
    [[nodiscard]] bool allows(access, std::string_view server) const noexcept;
    void allow(access, std::string server);  ///< "*" is everybody
    [[nodiscard]] const std::vector<std::string>& servers(access a) const noexcept {
        return may_[static_cast<std::size_t>(a)];
    }

    auto operator<=>(const access_control_list&) const = default;

private:
    std::array<std::vector<std::string>, access_count> may_;  // sorted; {"*"} is everybody
};

/// "Add=*&Get=alpha+beta". Each command at most once; identifiers are printable without = & * + or white space.
/// Error: `bad_value`.
[[nodiscard]] wire::result<access_control_list> parse_acl(std::string_view);
/// Commands in the order of the alphabet, servers too.
[[nodiscard]] std::string serialize_acl(const access_control_list&);
/// Of a root that says nothing else: Add=*&Get=*.
[[nodiscard]] access_control_list default_acl();

}  // namespace ota::management_object
