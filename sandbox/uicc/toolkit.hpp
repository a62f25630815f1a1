#pragma once

#include "gateway/profile/card_profile.hpp"
#include "sandbox/uicc/toolkit_message.hpp"
#include "secure-channel/wire/octets.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ota::sandbox {

/// What the card has learnt of the terminal that it is in. Empty: not told.
struct terminal_facts {
    wire::octets profile;          ///< of TERMINAL PROFILE
    std::string imei;              ///< 15 digits
    std::string language;          ///< ISO 639, two letters
    std::string software_version;  ///< of the IMEISV, two digits
    bool operator==(const terminal_facts&) const = default;
};

/// Commands that the card gives the terminal [TS 102 223, 6.4 and 6.6]: one at a time, fetched by the terminal and
/// closed by its response. Nothing is waiting until the terminal has sent its profile. A machine; it ends with the
/// power.
///     | D0 len | 81 03 number type qualifier | 82 02 81 to | .. |
class toolkit {
public:
    /// Asks for IMEI, IMEISV and language, when the card keeps a mirror of the device.
    void on_terminal_profile(wire::octet_view profile, bool curious);
    /// REFRESH, file change notification, of these files (paths from below the MF on). Those already waiting are
    /// joined; too many for one command become a full file change notification.
    void refresh(const std::vector<std::vector<std::uint16_t>>& files);
    /// SEND SHORT MESSAGE.
    void send(wire::octets tpdu);
    /// Any other command, whose response its giver wants to know.
    void give(proactive_command);
    /// The response to the last command that was given so; told once.
    [[nodiscard]] std::optional<terminal_response> answered() { return std::exchange(answered_, std::nullopt); }

    /// Octets of the command that waits to be fetched; 0 when there is none, or the last has no response yet.
    [[nodiscard]] std::size_t waiting() const noexcept;
    /// Nothing when there is none.
    [[nodiscard]] std::optional<wire::octets> fetch();
    /// false: it answers no command of ours. A terminal that is busy (general result 20) or cannot (30 and above) is
    /// not asked again.
    bool on_terminal_response(wire::octet_view response);

    [[nodiscard]] const terminal_facts& facts() const noexcept { return facts_; }

private:
    struct command {
        std::uint8_t type = 0, qualifier = 0, to = 0;
        std::vector<std::vector<std::uint16_t>> files;  ///< of REFRESH
        wire::octets element;                           ///< what follows the device identities
        bool given = false;
    };
    [[nodiscard]] wire::octets serialize(const command&) const;
    void learn(std::uint8_t tag, wire::octet_view value);

    bool ready_ = false;  ///< the terminal told its profile
    bool open_ = false;   ///< the front command is with the terminal
    std::uint8_t number_ = 1;
    std::deque<command> commands_;
    std::optional<terminal_response> answered_;
    terminal_facts facts_;
};

}  // namespace ota::sandbox
