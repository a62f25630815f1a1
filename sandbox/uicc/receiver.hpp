#pragma once

#include "sandbox/uicc/card.hpp"
#include "sandbox/uicc/card_model.hpp"
#include "sandbox/uicc/script_runner.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace ota::sandbox {

/// What befalls a card while it handles one message; chosen by whoever runs the simulation.
struct mishap {
    bool busy = false;                        ///< the toolkit is busy: refused with TP-FCS D4, nothing happens
    bool insufficient_memory = false;         ///< status 07; the counter is burnt all the same
    std::optional<unsigned> power_cut_after;  ///< the power goes after so many commands of the script
};

/// How the card answers an SMS-DELIVER.
enum class acknowledgement : std::uint8_t {
    accepted,  ///< RP-ACK
    refused,   ///< RP-ERROR, with `failure_cause`
    none,      ///< the card or its power is gone
};

/// What the card saw of one packet, for the journal.
struct packet_trace {
    secure_channel::security_parameters spi;
    std::uint8_t kic = 0;
    std::uint8_t kid = 0;
    std::array<std::uint8_t, 3> tar{};
    std::uint32_t counter_key = 0;
    bool opened = false;  ///< the checksum was right (or none was asked): the counter is known
    std::uint64_t counter = 0;
    std::uint64_t hash = 0;  ///< of the packet, see hash_of
    bool duplicate = false;  ///< the same octets as the packet accepted last
    secure_channel::response_status status{};
    bool executed = false;  ///< its script ran, or began to
    bool torn = false;
    std::size_t commands = 0;
    std::vector<command_trace> ran;
    std::vector<slot_id> touched;
};

struct card_answer {
    acknowledgement how = acknowledgement::accepted;
    std::uint8_t failure_cause = 0;       ///< TP-FCS
    bool concatenated = false;            ///< the message was a segment
    std::optional<wire::octets> report;   ///< user data of the deliver report, from UDHL on
    std::vector<wire::octets> submitted;  ///< user data of messages that the card sends by SMS-SUBMIT, in order
    std::optional<packet_trace> packet;   ///< when a packet was complete
};

inline constexpr std::uint8_t toolkit_busy = 0xD4;  ///< TP-FCS [TS 23.040, 9.2.3.22]

/// The first 8 octets of SHA-256: names a packet in the journal.
[[nodiscard]] std::uint64_t hash_of(wire::octet_view packet);

/// One SMS-DELIVER with protocol identifier 7F: the receiving entity of TS 102 225 and TS 31.115. A pure function of
/// the card, its identity, the message and what befalls it.
[[nodiscard]] card_answer on_message(const card_model&, card&, const card_identity&, wire::octet_view user_data,
                                     const mishap&, push_taker* pushes = nullptr);

/// One SDU of a data bearer: a whole packet, judged by the same rules. Its answer is the `report`, the SDU that goes
/// back, of at most so many octets. `busy` befalls no SDU.
[[nodiscard]] card_answer on_sdu(const card_model&, card&, const card_identity&, wire::octet_view sdu, const mishap&,
                                 std::size_t largest_answer, push_taker* pushes = nullptr);

/// What a whole packet says to this card, without any effect on it: for messages that never arrived.
[[nodiscard]] packet_trace look_into(const card_model&, const card_identity&, wire::octet_view packet);

}  // namespace ota::sandbox
