#pragma once

#include "gateway/profile/card_profile.hpp"

/// Commands for files of a card, and the size that a script of them has [TS 102 221, 11.1; TS 51.011, 9.2].
namespace ota::flow {

/// Builds one script, keeping track of what is selected and of the room that is left.
class script_builder {
public:
    /// capacity: octets of secured data in one packet.
    script_builder(const card_application&, std::size_t capacity);

    /// Octets that a further command of `length` octets of C-APDU would leave; negative when it does not fit.
    [[nodiscard]] bool fits(std::size_t commands, std::size_t octets) const noexcept;
    /// Octets of C-APDUs that still fit, given as `commands` commands.
    [[nodiscard]] std::size_t room(std::size_t commands) const noexcept;
    /// Octets and number of the SELECT commands that this file would need now.
    [[nodiscard]] std::pair<std::size_t, std::size_t> select_cost(const node_binding&) const;

    void select(const node_binding&);
    void update_binary(std::size_t offset, wire::octet_view);
    void update_record(std::uint8_t record, wire::octet_view);
    void read_binary(std::size_t offset, std::size_t length);
    void read_record(std::uint8_t record, std::size_t length);
    void on_file(const wire::octets& command);  ///< as it is; the selected file stays selected
    void raw(const wire::octets& command);

    [[nodiscard]] std::uint8_t count() const noexcept { return static_cast<std::uint8_t>(commands_.size()); }
    [[nodiscard]] const std::vector<wire::octets>& commands() const noexcept { return commands_; }

private:
    [[nodiscard]] std::vector<wire::octets> select_commands(const node_binding&) const;
    void add(wire::octets);

    const card_application& application_;
    std::size_t capacity_;
    std::size_t used_ = 0;  ///< octets of the script so far, without the expanded template
    std::vector<wire::octets> commands_;
    std::vector<std::uint16_t> directory_;  ///< currently selected, from the MF
    std::vector<std::uint16_t> file_;       ///< currently selected, empty when none
};

}  // namespace ota::flow
