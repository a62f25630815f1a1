#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

/// The form of a node URI in an event: "./A/B/C", UTF-8 with percent escapes [OMA DM 1.2 Tree and Description, node
/// URIs].
namespace ota::queue {

inline constexpr std::size_t max_node_uri = 512;      ///< octets, all
inline constexpr std::size_t max_node_segment = 127;  ///< octets of one name
inline constexpr std::size_t max_node_depth = 32;     ///< names

/// Empty when the URI is well formed, else what is wrong with it, without repeating any of it.
[[nodiscard]] std::optional<std::string_view> fault_of_node_uri(std::string_view uri) noexcept;

}  // namespace ota::queue
