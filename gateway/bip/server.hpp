#pragma once

#include "gateway/bip/callers.hpp"
#include "gateway/bip/exchange_settings.hpp"
#include "secure-channel/wire/sip_hash.hpp"

#include <memory>
#include <optional>
#include <string>

namespace ota::bip {

struct server_settings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                 ///< UDP; 0: any free one
    std::optional<std::uint16_t> tcp_port;  ///< none: no TCP variant
    std::chrono::seconds tcp_keep_alive{20};
    exchange_settings exchange;
    callers_settings callers;
    std::chrono::milliseconds remember{30 * 60'000};  ///< a used identification opens nothing
    std::size_t remembered = 40'000;                  ///< of these at most
    wire::sip_key dice;                               ///< random and secret
};

struct server_status {
    bip::counts cat_tp, tcp;
    bip::figures now;
};

/// The bearer of data channels, on one thread of its own.
class server final : public bearer::links {
public:
    /// The observer must outlive the server.
    server(server_settings, const secure_channel::key_encryption_key&, bearer::link_observer&);
    ~server() override;  ///< stops

    /// Opens its ports; false with `error` filled when that fails (port taken, no such address).
    [[nodiscard]] bool start(std::string& error);
    [[nodiscard]] std::uint16_t udp_port() const noexcept;
    [[nodiscard]] std::uint16_t tcp_port() const noexcept;  ///< 0: none

    void transmit(bearer::link_id, bearer::submission_id, wire::octets packet) override;
    void keep(bearer::link_id, bool work) override;
    void close(bearer::link_id) override;

    /// No new links; those without work close, the others once their work is done (`keep` false).
    void drain();
    /// Drains until all links have ended or the time is over, then ends the rest. No observer call comes after it
    /// returned. Not from an observer call.
    void shutdown(std::chrono::milliseconds at_most);

    /// Of a moment ago.
    [[nodiscard]] server_status status() const;

private:
    class shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace ota::bip
