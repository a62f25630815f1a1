#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

namespace ota::bip {

using ip_address = std::array<std::uint8_t, 16>;  ///< IPv6, or IPv4 as ::ffff:a.b.c.d

/// Where a card's datagrams come from: mostly a NAT's address and a port of the day.
struct endpoint {
    ip_address address{};
    std::uint16_t port = 0;
    auto operator<=>(const endpoint&) const = default;
};

/// Whom limits count: an IPv4 address, or the first 64 bits of an IPv6 address, which one customer has to himself.
[[nodiscard]] inline ip_address source_of(const endpoint& from) noexcept {
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    auto out = from.address;
    if (!std::equal(mapped.begin(), mapped.end(), out.begin())) std::fill(out.begin() + 8, out.end(), std::uint8_t{0});
    return out;
}

/// What a connection is known by: both its UDP address and its CAT_TP ports.
struct path {
    endpoint card;
    std::uint16_t card_port = 0, own_port = 0;  ///< CAT_TP
    auto operator<=>(const path&) const = default;
};

/// Only paths and addresses of who showed an identification of ours are ever put into a map, so nobody can choose them
/// to collide.
struct path_hash {
    std::size_t operator()(const path& p) const noexcept {
        std::array<char, 22> octets{};
        std::memcpy(octets.data(), p.card.address.data(), 16);
        std::memcpy(octets.data() + 16, &p.card.port, 2);
        std::memcpy(octets.data() + 18, &p.card_port, 2);
        std::memcpy(octets.data() + 20, &p.own_port, 2);
        return std::hash<std::string_view>()({octets.data(), octets.size()});
    }
};
struct ip_hash {
    std::size_t operator()(const ip_address& a) const noexcept {
        return std::hash<std::string_view>()({reinterpret_cast<const char*>(a.data()), a.size()});
    }
};

}  // namespace ota::bip
