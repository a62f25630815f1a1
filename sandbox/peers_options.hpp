#pragma once

#include "gateway/profile/card_profile.hpp"
#include "sandbox/card_network.hpp"
#include "sandbox/demo_profile.hpp"
#include "sandbox/device_options.hpp"
#include "sandbox/radio_options.hpp"
#include "sandbox/smsc_settings.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ota::sandbox {

struct peers_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: any free one
    unsigned window = 1000;  ///< deliver_sm in flight per session
    std::size_t cards = 1000;
    std::size_t first_card = 0;
    std::uint64_t seed = 1;
    std::size_t aes_key_length = 16;
    std::uint8_t mac_length = 8;
    std::shared_ptr<const card_profile> profile;  ///< none: demo_profile()
    smsc_settings smsc;
    card_quirks quirks;
    mishap_shares mishaps;
    device_options devices;
    radio_options radio;
    std::string journal_file;   ///< empty: no journal
    std::string cards_file;     ///< the CSV of the cards is written here at the start; empty: not
    std::string external_card;  ///< a command that takes the cards' place, see external_network
};

/// Who the cards of these options are.
[[nodiscard]] population_settings population_of(const peers_options&);

/// Devices speak with UICCs; a SIM (class A0) is for older ones.
[[nodiscard]] bool fits_devices(const card_profile&) noexcept;

/// Reads `--name value` and `--name=value`; false with `error` filled at the first that is wrong.
[[nodiscard]] bool parse_peers_options(const std::vector<std::string>& arguments, peers_options&, std::string& error);
/// A line per option.
[[nodiscard]] std::string peers_usage();

}  // namespace ota::sandbox
