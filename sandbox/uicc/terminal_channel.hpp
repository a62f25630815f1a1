#pragma once

#include "sandbox/uicc/file_session.hpp"

#include <array>
#include <optional>

namespace ota::sandbox {

/// The card as the terminal sees it: command APDUs in, answers out, on up to four logical channels [TS 102 221, 11.1.17].
/// The terminal reads what anybody may read; it updates only the files that it keeps itself. Nothing here is remembered but
/// what is selected: a channel dies with the session, and a `card_model`, the store and the ICCID outlive it.
class terminal_channel {
public:
    terminal_channel(const card_model&, file_store&, std::string_view iccid);

    /// A short command APDU, as ISO 7816-4 writes it. The answer ends with its status word. A command that brings data and
    /// asks for data gets them at once; otherwise 61xx tells that GET RESPONSE will.
    [[nodiscard]] wire::octets transmit(wire::octet_view command);
    /// The power was off and on: only the basic channel is open, and the MF selected.
    void reset();
    /// Files written through this interface, each once.
    [[nodiscard]] std::vector<slot_id> touched() const;

private:
    static constexpr std::size_t channel_count = 4;

    apdu_answer execute(const apdu&);
    apdu_answer manage_channel(const apdu&, std::size_t from);
    void open(std::size_t channel);

    const card_model& model_;
    file_store& store_;
    std::string_view iccid_;
    std::array<std::optional<file_session>, channel_count> channels_;
};

}  // namespace ota::sandbox
