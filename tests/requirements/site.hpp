#pragma once

#include "gateway/cards/notify.hpp"
#include "gateway/cli/gateway_process.hpp"
#include "queue/event.hpp"
#include "sandbox/device_pool.hpp"
#include "sandbox/peers.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

/// An operator's whole site in one process, over the real path: change events in the log, the gateway, SMPP on
/// loopback, cards in devices, DM sessions over HTTP, statuses in the log.
namespace ota::requirements {

struct site_options {
    std::size_t cards = 3;
    std::function<void(card_profile&)> edit;  ///< of the sample profile
    sandbox::device_options devices = all_of_them();
    /// Every card is in a device. One that calls before the gateway has the card's proof is not known yet: it calls
    /// again soon.
    static sandbox::device_options all_of_them() {
        return {.share = 1,
                .retry = {.attempts = 30, .first = std::chrono::seconds(1), .longest = std::chrono::seconds(2)}};
    }
    sandbox::smsc_settings smsc;
};

class site {
public:
    explicit site(site_options = {});
    ~site();

    /// The card that the test is about: the first whose device knows mail.
    [[nodiscard]] std::size_t card() const noexcept { return card_; }
    [[nodiscard]] const card_profile& profile() const { return peers_->profile(); }
    [[nodiscard]] sandbox::peers& peers() { return *peers_; }

    /// Publishes a change event for the card; its id.
    std::string publish(queue::change_event);
    std::string change(queue::operation, const std::string& node, const std::string& value = {});
    std::string replace(const std::string& node, const std::string& value) {
        return change(queue::operation::replace, node, value);
    }
    /// An account of the DM server with secrets of the card's own; waits until the card has it and, where the card says
    /// so, its device has called.
    void give_account();

    /// `otagw cards notify` for the card, beside the running gateway: its exit code, and what it says.
    int notify(const cards::notify_call&, std::string& said);

    /// Of the event's final status, which it waits for; empty when none comes.
    std::string state(const std::string& id);
    std::string reason(const std::string& id);
    std::string value(const std::string& id);  ///< of a get
    /// Waits until that is so; false after a minute.
    [[nodiscard]] bool wait(const std::function<bool()>&);
    /// Waits until nothing is on its way and no device has anything left to do.
    void settle();
    /// A later status of the event, by now.
    bool told(const std::string& id, const std::string& later);

    [[nodiscard]] std::optional<std::string> on_card(const std::string& node);
    [[nodiscard]] std::optional<std::string> at_device(const std::string& node, std::optional<std::size_t> device = {});
    [[nodiscard]] sandbox::device_counts devices() { return peers_->snapshot().devices; }
    void with_devices(const std::function<void(sandbox::device_pool&, sandbox::instant)>& look) {
        ASSERT_TRUE(peers_->with_devices(look));
    }
    /// Everything that the gateway wrote: store, logs, metrics.
    [[nodiscard]] std::string everything_written();

private:
    void read_statuses();
    struct log;

    std::filesystem::path place_;
    gateway_settings settings_;
    std::unique_ptr<sandbox::peers> peers_;
    std::unique_ptr<cli::gateway_process> gateway_;
    std::unique_ptr<log> log_;
    std::size_t card_ = 0;
    unsigned last_ = 0;
};

inline constexpr const char* imps_address = "./IMPS/AppAddr/x/Addr";
inline constexpr const char* mail_address = "./Email/AppAddr/x/Addr";

}  // namespace ota::requirements
