#pragma once

#include "sandbox/uicc/terminal_channel.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ota::sandbox {

struct card_reply {
    std::uint16_t status = 0;  ///< 0: no answer, the card has no power
    wire::octets data;
    /// Warnings and 91xx too.
    [[nodiscard]] bool good() const noexcept;
};

/// What a reader says to a card, on its basic channel, in the class of the card (00, or A0 of a classic SIM).
class card_dialogue {
public:
    explicit card_dialogue(terminal_channel& card, bool sim) : card_(card), sim_(sim) {}

    /// Any command, as it is.
    card_reply send(wire::octet_view command);
    /// Identifiers from the MF on, the MF itself may be left out. The answer is the file's description: an FCP
    /// template, or the fixed form of a SIM.
    card_reply select(const std::vector<std::uint16_t>& path);
    card_reply select_name(wire::octet_view aid);
    /// The current transparent file from `offset` on: `length` octets, or all when nothing is said. The data read
    /// before an error is in the reply.
    card_reply read(std::size_t offset, std::optional<std::size_t> length);
    card_reply read_record(std::uint8_t number);
    card_reply verify(std::string_view pin);

private:
    card_reply header(std::uint8_t ins, std::uint16_t p1_p2, wire::octet_view data, std::optional<std::uint8_t> le);

    terminal_channel& card_;
    bool sim_;
};

/// "9000 done", "6982 ..": the status word and what it says [TS 102 221, 10.2.1; class A0: TS 51.011, 9.4].
[[nodiscard]] std::string meaning_of(std::uint16_t status);

}  // namespace ota::sandbox
