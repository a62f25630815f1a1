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

namespace ota::management_object::ddf {
struct description;
}

namespace ota {

enum class file_structure : std::uint8_t { transparent, linear_fixed, ber_tlv };
/// Which key a counter belongs to: cards keep one per key version or one per TAR (facts differ by vendor).
enum class counter_scope : std::uint8_t { key_version, tar };
/// R20.
enum class refresh_policy : std::uint8_t { none, card, script };

/// An application (TAR) of a card: where scripts go and how files are selected there.
struct card_application {
    std::string name;  ///< second step of its nodes' URIs: "USIM" in ./SC/USIM/SPN
    secure_channel::toolkit_reference tar;
    secure_channel::script_format format = secure_channel::script_format::compact;
    std::uint8_t class_octet = 0x00;       ///< 00 UICC, A0 SIM
    std::vector<std::uint16_t> directory;  ///< file identifiers from the MF (excluded) to the default DF; may be empty
};

/// What a node of the tree is on this card.
struct node_binding {
    enum class kind : std::uint8_t { file, script };
    std::string uri;
    kind is = kind::file;
    std::size_t application = 0;  ///< index into card_profile::applications
    // kind::file
    std::vector<std::uint16_t> path;  ///< file identifiers below the MF, the file last
    file_structure structure = file_structure::transparent;
    std::uint8_t record = 0;  ///< from 1, linear fixed
    std::size_t size = 0;     ///< octets of the file or record
    management_object::file_form form = management_object::file_form::raw;
    bool volatile_file = false;  ///< R19: the terminal or user writes it too
    bool readable = true;        ///< Get access; false: its value is a secret (R24)
    bool writable = true;
    // kind::script (exec)
    std::vector<wire::octets> commands;
};

/// How a management object lies in its file: WBXML whose values have slots, the shortest WBXML, or an object of a
/// BER-TLV file for each value (management-object/card_image.hpp).
enum class object_layout : std::uint8_t { slotted, plain, ber_tlv };

/// A management object that the card holds, in a file of its own below the directory of PKCS#15.
struct management_object_binding {
    std::string uri;                    ///< where its topmost node hangs in the DM tree: ./IMPS
    std::string label;                  ///< as the user sees it
    std::string object_id;              ///< urn:oma:mo:.., DDFName of the topmost node; may be empty
    node_binding file;                  ///< its image (management-object/card_image.hpp)
    std::optional<node_binding> spare;  ///< A/B: written in turn with `file`; the directory tells which is valid
    object_layout layout =
        object_layout::slotted;  ///< ber_tlv: SET DATA in place of UPDATE BINARY (management-object/tlv_layout.hpp)
    bool ask = false;            ///< the user is asked before a device takes it over (userConsent)
    bool autonomous = false;     ///< a device that took it over connects to the server by itself
    bool pin = false;            ///< a terminal reads it after the holder's PIN only (a private data object)
    bool mirror = false;         ///< the card writes it, of the device that it is in; no device takes it over
    std::vector<std::string> secrets;  ///< addresses relative to `uri` whose values nobody may get (R24)
    std::shared_ptr<const management_object::ddf::description> description;  ///< may be absent: then all is allowed
    std::uint64_t description_hash = 0;
    wire::octets factory_image;  ///< what the file holds when the card is made

    [[nodiscard]] std::uint16_t file_identifier() const noexcept { return file.path.empty() ? 0 : file.path.back(); }
    [[nodiscard]] std::uint16_t spare_identifier() const noexcept { return spare ? spare->path.back() : 0; }
};

/// The directory of the management objects: PKCS#15 (management-object/card_directory.hpp), and our control file.
struct object_directory {
    std::size_t application = 0;      ///< index into card_profile::applications: who writes there
    std::vector<std::uint16_t> path;  ///< of the directory, below the MF
    node_binding list;                ///< EF(DODF): what data objects there are
    node_binding control;             ///< the control file (management-object/control_file.hpp)
};

enum class bip_protocol : std::uint8_t { cat_tp, tcp };

/// The way to a card by a data channel (BIP): what a PUSH tells it, and when the corridor asks for it.
struct bip_channel {
    bip_protocol protocol = bip_protocol::cat_tp;  ///< PUSH 01 and 02, or 03 and 04 [TS 102 226, 9]
    std::size_t push_application = 0;              ///< index into card_profile::applications: whose TAR takes the PUSH
    std::string access_name;                       ///< APN, dotted; empty: the card's or the terminal's own
    wire::octets bearer{0x03};         ///< bearer description; empty: the card's own. 03: the terminal's default bearer
    std::uint16_t buffer_size = 1400;  ///< octets of the terminal's buffer
    std::string login, password;       ///< both or none; the password is a secret: never logged
    std::uint16_t cat_tp_port = 8080;  ///< ours, independent of the UDP port; protocol cat_tp only
    unsigned threshold = 4;            ///< short messages that a change would need: from here on a channel is asked for
    std::size_t max_packet = 4096;     ///< octets of the largest packet over it; the card's max SDU may be less
    std::chrono::milliseconds connect_timeout{
        std::chrono::minutes(5)};  ///< after the PUSH's delivery: then the card did not come
    std::chrono::milliseconds answer_timeout{std::chrono::minutes(2)};  ///< for the proof of a packet over the channel
    unsigned retries = 2;  ///< further PUSHes before the change goes by short messages
    std::chrono::milliseconds back_off{std::chrono::minutes(1)};  ///< before the next PUSH; doubles
    std::chrono::milliseconds rest{std::chrono::hours(24)};  ///< after the last of them: so long by short messages only
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
    std::chrono::milliseconds answer_timeout{
        std::chrono::minutes(15)};                               ///< after submission: then the packet is repeated
    std::chrono::milliseconds validity{std::chrono::hours(24)};  ///< SMSC validity of one sending
    std::chrono::milliseconds validity_margin{std::chrono::minutes(10)};  ///< R6: closed at validity + margin
    unsigned repeats = 2;   ///< repeats of the same octets after answer_timeout before the validity decides
    unsigned attempts = 3;  ///< packets tried for one change before it fails
    std::chrono::milliseconds retry_backoff{
        std::chrono::seconds(30)};  ///< first wait after a temporary refusal; doubles up to tenfold
    double pause_share = 0.5;       ///< R14: share of the last cards failing alike that pauses the profile
    unsigned pause_sample = 20;     ///< of how many last cards
    bool allow_unverified =
        false;  ///< R25: success without a signed proof is told as `unverified` instead of read back
    std::vector<card_application> applications;
    std::optional<bip_channel> bip;                             ///< none: short messages only
    std::map<std::string, node_binding, std::less<>> nodes;     ///< by URI
    std::optional<object_directory> objects_at;                 ///< when the card holds management objects
    std::vector<management_object_binding> management_objects;  ///< in the order of the control file

    [[nodiscard]] const node_binding* find(std::string_view uri) const noexcept {
        auto at = nodes.find(uri);
        return at == nodes.end() ? nullptr : &at->second;
    }
    /// The management object whose topmost node this is.
    [[nodiscard]] const management_object_binding* object(std::string_view uri) const noexcept {
        for (const auto& each : management_objects) {
            if (each.uri == uri) return &each;
        }
        return nullptr;
    }
    /// The management object that this node belongs to: that with the longest URI which is the node's or above it.
    [[nodiscard]] const management_object_binding* find_object(std::string_view uri) const noexcept {
        const management_object_binding* best = nullptr;
        for (const auto& object : management_objects) {
            const auto& root = object.uri;
            const bool within = uri.starts_with(root) && (uri.size() == root.size() || uri[root.size()] == '/');
            if (within && (best == nullptr || best->uri.size() < root.size())) best = &object;
        }
        return best;
    }
};

using profile_set = std::map<std::string, std::shared_ptr<const card_profile>, std::less<>>;

}  // namespace ota
