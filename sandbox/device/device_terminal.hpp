#pragma once

#include "sandbox/device/data_channels.hpp"
#include "sandbox/device/device_model.hpp"
#include "sandbox/uicc/object_reader.hpp"
#include "sandbox/uicc/sms_download.hpp"

namespace ota::sandbox {

/// A card in the device's slot.
struct card_slot {
    card_transmit transmit;
    std::function<void()> reset;     ///< the power goes off and on
    std::optional<std::string> pin;  ///< that the holder entered at switch-on
};

/// REFRESH [TS 102 223, 6.4.7]. No files: any may have changed.
struct refresh_order {
    std::uint8_t qualifier = 0;
    std::vector<management_object::file_path> files;
};

/// What came of a message handed to the card.
struct sms_outcome {
    bool reached = false;                ///< the card answered
    bool busy = false;                   ///< 9300: the network keeps the message
    std::optional<wire::octets> report;  ///< what the card wants back with the deliver report
};

/// The terminal: tells its profile, hands messages to the card, fetches and answers what the card wants [TS 102 223].
class device_terminal {
public:
    struct handlers {
        std::function<bool(wire::octet_view tpdu)> send;    ///< SEND SHORT MESSAGE; false: no network
        std::function<void(const refresh_order&)> refresh;  ///< before the card gets its response
        data_channels* channels = nullptr;                  ///< none: the terminal opens no channels; outlives this
    };
    device_terminal(device_model who, handlers h) : who_(std::move(who)), handlers_(std::move(h)) {}

    void insert(card_slot slot) { slot_ = std::move(slot); }
    void remove() {
        slot_.reset();
        if (handlers_.channels != nullptr) handlers_.channels->reset();
    }
    [[nodiscard]] bool has_card() const noexcept { return slot_.has_value(); }

    /// Reset, TERMINAL PROFILE, and what the card wants then. false: no card answers.
    bool power_on();
    /// ENVELOPE (SMS-PP download), and what the card wants then.
    sms_outcome deliver(const download&);
    /// STATUS: does the card want something? false: no card answers.
    bool poll();
    /// What befell the data channels, and what the card wants then. false: no card answers.
    bool bring_events();

    /// Any command of the device's own. No octets: no card answers.
    wire::octets transmit(wire::octet_view command);
    [[nodiscard]] const std::optional<std::string>& pin() const { return slot_->pin; }
    /// Digits of EF(ICCID), or nothing.
    [[nodiscard]] std::optional<std::string> iccid();
    /// Command APDUs since the beginning.
    [[nodiscard]] std::uint64_t commands() const noexcept { return commands_; }

private:
    wire::octets tell_profile();
    void serve();
    void answer(wire::octet_view command);
    [[nodiscard]] std::uint8_t local_information(std::uint8_t what, wire::writer& told) const;

    device_model who_;
    handlers handlers_;
    std::optional<card_slot> slot_;
    std::uint64_t commands_ = 0;
    bool wants_ = false, serving_ = false;
    std::uint8_t waiting_ = 0;  ///< octets to fetch, as 91xx told
};

}  // namespace ota::sandbox
