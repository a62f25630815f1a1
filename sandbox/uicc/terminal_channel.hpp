#pragma once

#include "sandbox/uicc/card.hpp"
#include "sandbox/uicc/data_bearer.hpp"
#include "sandbox/uicc/file_session.hpp"
#include "sandbox/uicc/holder_pin.hpp"
#include "sandbox/uicc/receiver.hpp"
#include "sandbox/uicc/toolkit.hpp"

#include <array>
#include <functional>
#include <optional>
#include <utility>

namespace ota::sandbox {

/// Around the packets that come over the card's data channel.
struct data_hooks {
    std::function<mishap()> befall;                                  ///< what befalls the card at the next one
    std::function<void(const card_answer&, link_time now)> handled;  ///< for a journal
};

/// The card as a terminal or a reader has it: command APDUs in, answers out, on up to four logical channels [TS 102
/// 221, 11.1.17], from switch-on until the power goes. The terminal reads what anybody may read, after VERIFY PIN what
/// is the holder's; it updates only the files that it keeps itself. Secured packets come to the card by ENVELOPE
/// (SMS-PP download); what the card wants of the terminal (91xx) is fetched and answered [TS 102 223]. A PUSH in a
/// script makes the card open a data channel; packets over it are handled like those of ENVELOPE. The `card_model` and
/// the `card` outlive this.
class terminal_channel final : public push_taker {
public:
    terminal_channel(const card_model&, card&, card_identity, data_hooks = {});
    terminal_channel(const terminal_channel&) = delete;
    terminal_channel& operator=(const terminal_channel&) = delete;

    /// A short command APDU, as ISO 7816-4 writes it. The answer ends with its status word. A command that brings data
    /// and asks for data gets them at once; otherwise 61xx tells that GET RESPONSE will. No octets: the power went,
    /// until `reset`.
    [[nodiscard]] wire::octets transmit(wire::octet_view command);
    /// The power was off and on: only the basic channel is open, the MF selected, no PIN shown, no profile told.
    void reset();
    /// What time it is for the card from now on. It acts on it when it is spoken to.
    void clock(link_time now) noexcept { now_ = now; }
    /// When the card wants to be spoken to (a real one uses TIMER MANAGEMENT).
    [[nodiscard]] std::optional<link_time> due() const { return power_ ? bearer_.due() : std::nullopt; }
    /// A PUSH of a script: taken, refused by 6A80, 6A86, 6985, by 9300 while the card has a channel already, or by 6F00
    /// with the result 30 when the terminal opens none.
    apdu_answer on_push(const apdu&) override;
    /// No data channel, none ordered.
    [[nodiscard]] bool without_channel() const noexcept { return bearer_.idle(); }
    /// Files written through this interface, each once; those of secured packets are told by `delivered`.
    [[nodiscard]] std::vector<slot_id> touched() const;

    /// What befalls the card at the next message that it gets.
    void befall(const mishap& what) { next_ = what; }
    /// What the card made of the last ENVELOPE, for a journal; told once.
    [[nodiscard]] std::optional<card_answer> delivered() { return std::exchange(delivered_, std::nullopt); }
    [[nodiscard]] bool powered() const noexcept { return power_; }
    [[nodiscard]] const terminal_facts& facts() const noexcept { return toolkit_.facts(); }

private:
    static constexpr std::size_t channel_count = 4;

    apdu_answer execute(const apdu&);
    apdu_answer manage_channel(const apdu&);
    /// Nothing: no command of the toolkit.
    std::optional<apdu_answer> toolkit_command(const apdu&);
    apdu_answer fetch(const apdu&);
    apdu_answer terminal_response(const apdu&);
    apdu_answer envelope(const apdu&);
    void notify(const card_answer&);
    void go_on();
    void on_sdu(wire::octet_view);
    [[nodiscard]] data_bearer new_bearer() const;
    void write_mirrors();
    void open(std::size_t channel);
    [[nodiscard]] bool sim() const noexcept { return model_.terminal.class_octet == 0xA0; }

    const card_model& model_;
    card& card_;
    card_identity identity_;
    std::array<std::optional<file_session>, channel_count> channels_;
    holder_pin pin_;
    toolkit toolkit_;
    data_hooks hooks_;
    link_time now_{};
    data_bearer bearer_;
    std::uint64_t orders_ = 0;
    mishap next_;
    std::optional<card_answer> delivered_;
    bool power_ = true;
};

}  // namespace ota::sandbox
