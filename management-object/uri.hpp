#pragma once

#include "management-object/fault.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ota::management_object {

/// What the device announces under ./DevDetail/URI, in characters; 0 is no limit.
struct uri_limits {
    std::uint16_t max_depth = 0;
    std::uint16_t max_tot_len = 0;
    std::uint16_t max_seg_len = 0;
};

/// Address of a node: names from the root down, unescaped. No names: the root.
struct uri {
    std::vector<std::string> segments;

    [[nodiscard]] bool is_root() const noexcept { return segments.empty(); }
    /// The node around it; of the root, the root.
    [[nodiscard]] uri parent() const;
    [[nodiscard]] std::string_view name() const noexcept;  ///< "." for the root
    [[nodiscard]] uri operator/(std::string_view name) const;
    /// Itself, or somewhere below `other`.
    [[nodiscard]] bool is_within(const uri& other) const noexcept;
    auto operator<=>(const uri&) const = default;
};

/// Reads an address of DM 1.2 (OMA-TS-DM_TND 1.2): UTF-8, "." or "./A/B" or "A/B", never a trailing "/", an empty
/// segment, ".." or "." later on; %XX are unescaped. Errors: `bad_uri`; `too_deep` and `too_large` beyond the limits.
[[nodiscard]] wire::result<uri> parse_uri(std::string_view, const uri_limits& = {});
/// "." or "./A/B", with % before what a segment cannot say (RFC 2396, clause 2).
[[nodiscard]] std::string serialize_uri(const uri&);
/// A name that a node may have: XML text without "/" and without outer white space, not empty, not "." or "..".
[[nodiscard]] bool is_node_name(std::string_view) noexcept;

/// Address of a node, of a property of it ("?prop=ACL"), or of the tree below it ("?list=StructData").
struct target {
    uri node;
    std::string prop;
    std::string list;
    auto operator<=>(const target&) const = default;
};
[[nodiscard]] wire::result<target> parse_target(std::string_view, const uri_limits& = {});
[[nodiscard]] std::string serialize_target(const target&);

}  // namespace ota::management_object
