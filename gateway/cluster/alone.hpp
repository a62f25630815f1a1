#pragma once

#include "gateway/store/leases.hpp"

#include <memory>
#include <thread>

namespace ota::cluster {

/// Keeps every gateway away from a store for as long as it lives: for tools that change what gateways rely on.
class alone {
public:
    /// Gateways that were away meanwhile start anew behind a change (store::tool_mark).
    enum class purpose : std::uint8_t { looks, changes };

    /// `locked`: a gateway, or another such tool, is at work. Nothing for a store without leases: who opened a file has
    /// it for itself.
    [[nodiscard]] static wire::result<std::unique_ptr<alone>> take(
        store::store&, const std::function<void(std::span<std::uint8_t>)>& random, purpose);
    alone(const alone&) = delete;
    alone& operator=(const alone&) = delete;
    ~alone();

private:
    alone(store::lease_table& table, std::string holder) : table_(table), holder_(std::move(holder)) {}
    [[nodiscard]] wire::result<void> hold();

    store::lease_table& table_;
    std::string holder_;
    bool held_ = false;
    std::jthread keeper_;
};

}  // namespace ota::cluster
