#pragma once

#include "sandbox/uicc/file_session.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace ota::sandbox {

/// One command that ran: its header, P3 and status word. The data of commands is nobody's business but the card's.
struct command_trace {
    std::array<std::uint8_t, 5> header{};
    std::uint16_t sw = 0;
    auto operator<=>(const command_trace&) const = default;
};

struct script_run {
    wire::octets answer;       ///< the additional response data of the proof of receipt
    std::size_t commands = 0;  ///< in the script
    std::vector<command_trace> ran;
    std::vector<slot_id> touched;  ///< slots written
    bool torn = false;             ///< the power went: nothing answers
};

struct script_limits {
    std::size_t answer = 0;                        ///< octets that fit the proof of receipt
    std::optional<unsigned> power_cut_after = {};  ///< commands
};

/// Takes the PUSH commands of scripts [TS 102 226, 9].
class push_taker {
public:
    virtual ~push_taker() = default;
    virtual apdu_answer on_push(const apdu&) = 0;
};

/// Runs a remote script on one card's files until its end or the first error. [TS 102 226, 5.2] pushes: none: the card
/// does not know PUSH.
[[nodiscard]] script_run run_script(const card_model&, const application_model&, file_store&, std::string_view iccid,
                                    wire::octet_view script, const script_limits&, push_taker* pushes = nullptr);

}  // namespace ota::sandbox
