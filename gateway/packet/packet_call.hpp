#pragma once

#include "secure-channel/cat_tp/pdu.hpp"
#include "secure-channel/command_packet.hpp"
#include "secure-channel/remote_script.hpp"
#include "secure-channel/response_packet.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// One call of the packet tool, with its values still as text, and what it gives.
namespace ota::packet_tool {

enum class action { seal, open, open_response, decode_cat_tp };

/// Hexadecimal texts, named as the options of the command line with underscores. Keys are optional where unused.
struct packet_call {
    action what = action::seal;
    std::optional<std::string> spi, spi2, kic, kid, kic_key, kid_key, tar, cntr, data;
    std::optional<unsigned>
        mac_length;  ///< octets, 4 or 8; when a packet is opened, without it the packet's own counts
    secure_channel::framing framing = secure_channel::framing::short_message;
    std::vector<std::string> hex;  ///< the packet or PDU, or the user data of each of its parts, from the UDH on
};

/// Why a call came to nothing. `usage`: an argument was missing or malformed. The text never holds a value given.
struct refusal {
    std::string text;
    bool usage = false;
};

/// The remote command script in a packet's data, where it parses as one.
struct script_seen {
    bool parses = false;
    secure_channel::script_format format = secure_channel::script_format::compact;
    std::vector<wire::octets> commands;    ///< of a command packet
    secure_channel::script_answer answer;  ///< of a response packet
};

struct sealed {
    wire::octets packet;
};

/// What stands before a packet's header.
struct frame_seen {
    wire::octets udh;        ///< of the first short message; empty: not given, or a data bearer
    std::size_t length = 0;  ///< CPL or RPL
    std::size_t header = 0;  ///< CHL or RHL
};
struct opened_command {
    secure_channel::opened_command packet;
    script_seen script;
    frame_seen frame;
};

/// Why a packet stays closed, though nothing is wrong with it.
struct closed_reason {
    bool keys_needed = true;  ///< else: an algorithm that is not offered
    std::string missing;      ///< a sentence
};
/// A command packet as far as it can be read without keys. What is ciphered is not guessed at.
struct closed_command {
    secure_channel::opened_command packet;  ///< where something is ciphered its header up to TAR alone
    std::size_t ciphered = 0;               ///< octets, from CNTR on
    frame_seen frame;
    closed_reason why;
};
/// The same of a response, which does not say itself whether it is ciphered.
struct closed_response {
    secure_channel::toolkit_reference tar;
    std::size_t rest = 0;  ///< octets after TAR
    frame_seen frame;
    closed_reason why;
};
struct opened_response {
    secure_channel::opened_response packet;
    script_seen script;
};

/// A CAT_TP PDU that is whole, but for its checksum maybe.
struct decoded_pdu {
    cat_tp::pdu pdu;
    std::uint8_t first_octet = 0;  ///< its flags as they were sent: an EACK may list nothing
    bool checksum_ok = false;
};

using outcome =
    std::variant<refusal, sealed, opened_command, opened_response, closed_command, closed_response, decoded_pdu>;

[[nodiscard]] outcome perform(const packet_call&);

/// A command as it came: from CPL or CPI on, or the user data of each short message, from the UDH on.
struct command_seen {
    wire::octets packet;  ///< from CPL or CPI on, joined
    wire::octets udh;     ///< of the first short message; empty: not given
};
[[nodiscard]] std::variant<command_seen, refusal> join_command(const std::vector<wire::octets>& parts,
                                                               secure_channel::framing);
/// Under keys at hand.
[[nodiscard]] outcome open_command_under(const secure_channel::key_set&, const command_seen&, secure_channel::framing);

/// A response as it came: the user data of each short message, from the UDH on, or one SDU.
struct response_seen {
    wire::octets packet;         ///< from RPL on, joined; of a data bearer the SDU
    wire::octets first_segment;  ///< user data of the first short message; empty: it came over a data bearer
};
[[nodiscard]] std::variant<response_seen, refusal> join_response(const std::vector<wire::octets>& parts,
                                                                 secure_channel::framing);
[[nodiscard]] outcome open_response_under(const secure_channel::key_set&, const response_seen&,
                                          const secure_channel::response_expectation&);

/// Neither a refusal, nor closed, nor a check that does not hold.
[[nodiscard]] bool is_good(const outcome&) noexcept;

}  // namespace ota::packet_tool
