#pragma once

#include "sandbox/uicc/card.hpp"
#include "sandbox/uicc/file_session.hpp"
#include "sandbox/uicc/holder_pin.hpp"
#include "sandbox/uicc/receiver.hpp"
#include "sandbox/uicc/toolkit.hpp"

#include <array>
#include <optional>
#include <utility>

namespace ota::sandbox {

/// The card as a terminal or a reader has it: command APDUs in, answers out, on up to four logical channels [TS 102 221, 11.1.17],
/// from switch-on until the power goes. The terminal reads what anybody may read, after VERIFY PIN what is the holder's; it
/// updates only the files that it keeps itself. Secured packets come to the card by ENVELOPE (SMS-PP download); what the card
/// wants of the terminal (91xx) is fetched and answered [TS 102 223]. The `card_model` and the `card` outlive this.
class terminal_channel {
public:
    terminal_channel(const card_model&, card&, card_identity);
    terminal_channel(const terminal_channel&) = delete;
    terminal_channel& operator=(const terminal_channel&) = delete;

    /// A short command APDU, as ISO 7816-4 writes it. The answer ends with its status word. A command that brings data and
    /// asks for data gets them at once; otherwise 61xx tells that GET RESPONSE will. No octets: the power went, until `reset`.
    [[nodiscard]] wire::octets transmit(wire::octet_view command);
    /// The power was off and on: only the basic channel is open, the MF selected, no PIN shown, no profile told.
    void reset();
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
    void write_mirrors();
    void open(std::size_t channel);
    [[nodiscard]] bool sim() const noexcept { return model_.terminal.class_octet == 0xA0; }

    const card_model& model_;
    card& card_;
    card_identity identity_;
    std::array<std::optional<file_session>, channel_count> channels_;
    holder_pin pin_;
    toolkit toolkit_;
    mishap next_;
    std::optional<card_answer> delivered_;
    bool power_ = true;
};

}  // namespace ota::sandbox
