#pragma once

#include "sandbox/smsc_settings.hpp"
#include "sandbox/uicc/receiver.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// What the SMSC reaches: subscribers with cards. Declared here, so that simulated cards and foreign ones stand in for
/// each other.
namespace ota::sandbox {

/// An SMS-DELIVER: with protocol identifier 7F for the card, else for the terminal.
struct sms_deliver {
    std::uint64_t submitted = 0;  ///< its place in the order in which the SMSC took messages, from 1
    std::string_view msisdn;      ///< digits
    wire::octet_view user_data;   ///< from UDHL on
    instant now{};
};

struct sms_report {
    acknowledgement how = acknowledgement::accepted;
    std::uint8_t failure_cause = 0;       ///< TP-FCS, when refused
    std::optional<wire::octets> report;   ///< user data of the deliver report
    std::vector<wire::octets> submitted;  ///< user data of the card's own messages to the sender, in order
};

class network {
public:
    virtual ~network() = default;
    /// Hands the message to the subscriber's card and brings its answer.
    virtual sms_report deliver(const sms_deliver&) = 0;
    /// Hands 8-bit data for a port to the subscriber's terminal, past the card. Who has no terminal passes it over.
    virtual sms_report deliver_to_terminal(const sms_deliver&) { return {}; }
    /// A message that was taken and will never arrive.
    virtual void on_lost(const sms_deliver&) {}
};

}  // namespace ota::sandbox
