#pragma once

#include "sandbox/pcsc/virtual_slot.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ota::sandbox {

struct vpcd_address {
    std::string host = "127.0.0.1";
    std::uint16_t port = 35963;  ///< that of the driver's reader.conf; its second reader has the next one
};

/// HOST, :PORT or HOST:PORT (an IPv6 address in brackets). Nothing when it is none of these.
[[nodiscard]] std::optional<vpcd_address> parse_vpcd_address(std::string_view);

/// Before it connects again; doubled each time.
struct vpcd_waits {
    std::chrono::milliseconds first{200}, longest{5000};
};

/// Puts a card into a reader of vpcd, and again whenever the daemon comes back. One thread.
class vpcd_client {
public:
    /// tell: a sentence about each connection, for whoever looks. The card outlives this.
    vpcd_client(terminal_channel& card, vpcd_address, std::function<void(std::string_view)> tell, vpcd_waits = {});
    vpcd_client(const vpcd_client&) = delete;
    vpcd_client& operator=(const vpcd_client&) = delete;
    ~vpcd_client();

    /// Returns after `stop`, or at SIGTERM or SIGINT.
    void run();
    /// From any thread.
    void stop();
    [[nodiscard]] std::uint64_t commands() const noexcept;

private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::sandbox
