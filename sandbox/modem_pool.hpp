#pragma once

#include "sandbox/card_network.hpp"
#include "sandbox/radio_network.hpp"

#include <memory>
#include <set>
#include <unordered_map>

namespace ota::sandbox {

/// Terminals for cards that are in no device: each is there only while its card has a data channel, from the PUSH on,
/// and does nothing else. A card without one answers the network by itself. A machine, as `device_pool`: time is passed
/// in. Not thread-safe; network and radio outlive this.
class modem_pool final : public network {
public:
    /// share: of the cards: their terminal can open channels. The others refuse PUSH.
    modem_pool(card_network&, radio_network&, double share, std::uint64_t seed);
    ~modem_pool() override;

    sms_report deliver(const sms_deliver&) override;
    void on_lost(const sms_deliver& sms) override { cards_.on_lost(sms); }

    void on_tick(instant now);
    [[nodiscard]] std::optional<instant> next_due() const;
    [[nodiscard]] std::size_t alive() const noexcept { return modems_.size(); }
    /// Watches every command APDU with its answer; for tests.
    using watcher = std::function<void(std::size_t card, wire::octet_view command, wire::octet_view answer)>;
    void watch(watcher w) { watch_ = std::move(w); }

private:
    struct modem;
    class on_demand;

    modem& make(std::size_t card, instant now);
    void settle(modem&, instant now);

    card_network& cards_;
    radio_network& radio_;
    double share_;
    std::uint64_t seed_;
    std::unordered_map<std::size_t, std::unique_ptr<modem>> modems_;  // by card
    std::set<std::pair<instant, std::size_t>> calendar_;
    watcher watch_;
};

}  // namespace ota::sandbox
