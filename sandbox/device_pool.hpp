#pragma once

#include "sandbox/card_network.hpp"
#include "sandbox/device/device.hpp"
#include "sandbox/device_counts.hpp"
#include "sandbox/device_options.hpp"
#include "sandbox/radio_network.hpp"

#include <memory>
#include <set>

namespace ota::sandbox {

/// What a device made of an object that it met on its card last.
enum class object_sight : std::uint8_t { unseen, held, refused, unanswered, unsupported };
[[nodiscard]] std::string_view to_string(object_sight) noexcept;

/// A message of a device's session on its way to the server; the answer comes to `on_answer`.
struct device_message {
    std::size_t device = 0;
    std::uint64_t exchange = 0;
    std::string server_uri;
    dm_request what;
};

/// The devices that cards of a network are in, with the people who hold them: short messages go through the terminal,
/// users are asked, sessions begin when the card says so. A machine: time is passed in, messages for servers go out by
/// a function. A card without a device is reached as before. Not thread-safe; the network outlives this.
class device_pool final : public network {
public:
    using poster = std::function<void(device_message)>;

    /// Devices for a share of the network's cards, off. `post` may not call back. others: who brings messages to the
    /// cards without a device; absent: the network itself. radio: where the devices' data channels lead; absent: they
    /// have none.
    device_pool(card_network&, const device_options&, std::uint64_t seed, poster post, network* others = nullptr,
                radio_network* radio = nullptr);
    ~device_pool() override;

    void switch_on(instant now);

    sms_report deliver(const sms_deliver&) override;
    /// A push for the DM client begins a session; other data go nowhere.
    sms_report deliver_to_terminal(const sms_deliver&) override;
    void on_lost(const sms_deliver& sms) override { cards_.on_lost(sms); }
    /// What a server answered; nothing: no answer came. That of an exchange which is over is passed over.
    void on_answer(std::size_t device, std::uint64_t exchange, const std::optional<dm_response>&, instant now);
    /// Late answers of users, and sessions that are due.
    void on_tick(instant now);
    [[nodiscard]] std::optional<instant> next_due() const;

    // The user's hand.
    /// A device without a card, switched on; its number.
    std::size_t add_device(device_model, instant now);
    /// Takes the card out of its device and puts it into that one, whose own card then lies on the table: the network
    /// does not reach it. false: no such card or device.
    bool insert(std::size_t card, std::size_t device, instant now);
    /// The user has the device call the DM server of its card's first account. false: there is none, or a session is
    /// under way.
    bool call(std::size_t device, instant now);
    /// false: no device, or its tree refuses the value.
    bool edit(std::size_t device, const management_object::uri&, std::string value, instant now);

    /// The device that the card is in; nothing when it is in none.
    [[nodiscard]] std::optional<std::size_t> device_of(std::size_t card) const;
    [[nodiscard]] const device* find(std::size_t device) const;
    [[nodiscard]] object_sight sight(std::size_t device, const management_object::uri& object) const;
    /// A session is under way or due at once, or a user has still to answer.
    [[nodiscard]] bool busy(instant now) const;
    [[nodiscard]] const device_counts& counts() const noexcept { return counts_; }

private:
    struct holder;
    struct question {
        std::size_t device = 0;
        management_object::uri object;
    };

    holder& make(device_model, std::size_t number);
    [[nodiscard]] holder* at(std::size_t device) const;
    void put_in(holder&, std::size_t card, instant now);
    void take_out(holder&);
    consent ask(holder&, const offered_object&);
    /// What a call to the device brought: messages to send, events, another time to wake it.
    void settle(holder&, instant now);
    void note(holder&, const device_event&);
    void on_channel(std::size_t device, instant now);
    void set_clock(holder&, instant now);

    card_network& cards_;
    network& others_;
    radio_network* radio_;
    device_options options_;
    std::uint64_t seed_;
    poster post_;
    std::vector<std::unique_ptr<holder>> devices_;  // by number, those of cards first; null where a card has none
    std::vector<std::size_t> place_;                // device of each card, or one of the two below
    std::set<std::pair<instant, std::size_t>> calendar_;
    std::multimap<instant, question> answers_;
    std::uint64_t exchanges_ = 0;
    device_counts counts_;
};

}  // namespace ota::sandbox
