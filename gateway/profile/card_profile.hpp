#pragma once

#include "management-object/elementary_file.hpp"
#include "secure-channel/remote_script.hpp"
#include "secure-channel/security_header.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ota {

enum class file_structure : std::uint8_t { transparent, linear_fixed };
/// Which key a counter belongs to: cards keep one per key version or one per TAR (facts differ by vendor).
enum class counter_scope : std::uint8_t { key_version, tar };
/// R20.
enum class refresh_policy : std::uint8_t { none, card, script };

/// An application (TAR) of a card: where scripts go and how files are selected there.
struct card_application {
    std::string name;  ///< second step of its nodes' URIs: "USIM" in ./SC/USIM/SPN
    secure_channel::toolkit_reference tar;
    secure_channel::script_format format = secure_channel::script_format::compact;
    std::uint8_t class_octet = 0x00;                 ///< 00 UICC, A0 SIM
    std::vector<std::uint16_t> directory;            ///< file identifiers from the MF (excluded) to the default DF; may be empty
};

/// What a node of the tree is on this card.
struct node_binding {
    enum class kind : std::uint8_t { file, script };
    std::string uri;
    kind is = kind::file;
    std::size_t application = 0;                     ///< index into card_profile::applications
    // kind::file
    std::vector<std::uint16_t> path;                 ///< file identifiers below the MF, the file last
    file_structure structure = file_structure::transparent;
    std::uint8_t record = 0;                         ///< from 1, linear fixed
    std::size_t size = 0;                            ///< octets of the file or record
    management_object::file_form form = management_object::file_form::raw;
    bool volatile_file = false;                      ///< R19: the terminal or user writes it too
    bool readable = true;                            ///< Get access; false: its value is a secret (R24)
    bool writable = true;
    // kind::script (exec)
    std::vector<wire::octets> commands;
};

struct card_profile {
    std::string name;
    std::uint64_t hash = 0;  ///< first 8 octets of SHA-256 over the profile's canonical text (R2)
    secure_channel::security_parameters spi;
    std::uint8_t kic_algorithm = 2;  ///< low nibbles; the key version comes from the card
    std::uint8_t kid_algorithm = 2;
    counter_scope scope = counter_scope::key_version;
    bool wide_reference = false;     ///< 16-bit concatenation reference
    std::size_t max_segments = 5;    ///< reassembly buffer of the card
    std::size_t max_response = 118;  ///< octets of one read answer that surely fit a proof of receipt
    refresh_policy refresh = refresh_policy::none;
    std::vector<wire::octets> refresh_script;  ///< commands appended to a script under refresh_policy::script
    std::chrono::milliseconds answer_timeout{std::chrono::minutes(15)};  ///< after submission: then the packet is repeated
    std::chrono::milliseconds validity{std::chrono::hours(24)};          ///< SMSC validity of one sending
    std::chrono::milliseconds validity_margin{std::chrono::minutes(10)}; ///< R6: closed at validity + margin
    unsigned repeats = 2;            ///< repeats of the same octets after answer_timeout before the validity decides
    unsigned attempts = 3;           ///< packets tried for one change before it fails
    std::chrono::milliseconds retry_backoff{std::chrono::seconds(30)};   ///< first wait after a temporary refusal; doubles up to tenfold
    double pause_share = 0.5;        ///< R14: share of the last cards failing alike that pauses the profile
    unsigned pause_sample = 20;      ///< of how many last cards
    bool allow_unverified = false;   ///< R25: success without a signed proof is told as `unverified` instead of read back
    std::vector<card_application> applications;
    std::map<std::string, node_binding, std::less<>> nodes;  ///< by URI

    [[nodiscard]] const node_binding* find(std::string_view uri) const noexcept {
        auto at = nodes.find(uri);
        return at == nodes.end() ? nullptr : &at->second;
    }
};

using profile_set = std::map<std::string, std::shared_ptr<const card_profile>, std::less<>>;

}  // namespace ota
