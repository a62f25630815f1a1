#pragma once

#include "gateway/profile/card_profile.hpp"
#include "sandbox/uicc/file_tree.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace ota::sandbox {

/// How a card answers a packet that fails its security checks. Real cards do all of these.
enum class failure_answer : std::uint8_t {
    unsecured,  ///< a proof of receipt without checksum and ciphering, whatever SPI2 asked
    silent,     ///< nothing at all
};

/// Ways in which cards of one maker differ from another's.
struct card_quirks {
    failure_answer on_failure = failure_answer::unsecured;
    bool replay_as_unidentified = false;     ///< status 06, unsecured, counter zero, instead of 02
    bool padding_80 = false;                 ///< answers are padded 80 00 .. instead of 00 ..
    std::size_t deliver_report_limit = 140;  ///< octets of user data in a deliver report
    std::size_t response_segments = 5;       ///< most segments of a proof of receipt sent by submit
    std::size_t data_answer_limit = 4096;    ///< octets of an answer over a data bearer
};

/// An application that takes remote scripts.
struct application_model {
    secure_channel::toolkit_reference tar;
    secure_channel::script_format format = secure_channel::script_format::compact;
    std::uint8_t class_octet = 0;
    file_id default_directory = 0;
    std::uint8_t minimum_security = 0;  ///< MSL, in the layout of SPI1
};

/// What all cards of one profile share. Immutable; outlives the cards.
struct card_model {
    card_model(const card_profile&, card_quirks);

    [[nodiscard]] const application_model* find(secure_channel::toolkit_reference) const noexcept;
    /// The command ends scripts of a profile whose scripts ask for REFRESH (R20).
    [[nodiscard]] bool asks_for_refresh(std::uint8_t cla, std::uint8_t ins) const noexcept;
    /// Class and instruction of commands that the profile's scripts use and the file system does not know: the card has
    /// an applet that takes them.
    [[nodiscard]] bool applet_takes(std::uint8_t cla, std::uint8_t ins) const noexcept;

    file_tree tree;
    std::vector<application_model> applications;
    application_model terminal;  ///< the interface to the terminal: class 00, or A0 of a classic SIM; the MF at first
    counter_scope scope;
    std::uint8_t kic_algorithm;
    std::uint8_t kid_algorithm;
    std::size_t max_segments;
    card_quirks quirks;
    refresh_policy refresh = refresh_policy::none;
    std::vector<management_object_binding> mirrors;  ///< objects that the card writes, of the device that it is in

private:
    void take_applet_commands(const std::vector<wire::octets>& commands);
    using header = std::pair<std::uint8_t, std::uint8_t>;
    std::vector<header> applet_commands_, refresh_commands_;
};

}  // namespace ota::sandbox
