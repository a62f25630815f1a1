#pragma once

#include "gateway/store/leases.hpp"

#include <memory>
#include <thread>

namespace ota::cluster {

/// Left in the store by each tool that had it for itself, never the same twice: gateways that were away meanwhile see it
/// (membership_parts::mark).
inline constexpr const char* alone_mark = "alone";

/// Keeps every gateway away from a store for as long as it lives: for tools that change what gateways rely on.
class alone {
public:
    /// `locked`: a gateway, or another such tool, is at work. Nothing for a store without leases: who opened a file has it for itself.
    [[nodiscard]] static wire::result<std::unique_ptr<alone>> take(store::store&,
                                                                   const std::function<void(std::span<std::uint8_t>)>& random);
    alone(const alone&) = delete;
    alone& operator=(const alone&) = delete;
    ~alone();

private:
    alone(store::lease_table& table, std::string holder) : table_(table), holder_(std::move(holder)) {}
    [[nodiscard]] wire::result<void> hold();

    store::lease_table& table_;
    std::string holder_;
    std::jthread keeper_;
};

}  // namespace ota::cluster
