#pragma once

#include "gateway/smpp/message.hpp"
#include "gateway/smpp/message_id.hpp"
#include "gateway/smpp/tables.hpp"
#include "gateway/smpp/validity.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// How the gateway is bound to its SMSCs. Plain values: whoever reads the configuration fills them in.
namespace ota::smpp {

enum class bind_mode : std::uint8_t {
    transceiver,
    transmitter_receiver,  ///< each bind is a pair of sessions
};

struct tls_settings {
    bool on = false;
    std::string ca_file;      ///< PEM; empty: the system's own
    bool verify = true;       ///< check the chain and the name
    std::string server_name;  ///< SNI and the name to check; empty: the route's host
    bool operator==(const tls_settings&) const = default;
};

/// One account at one SMSC.
struct route_settings {
    std::string name;
    std::string host;
    std::uint16_t port = 2775;
    std::string system_id;
    std::string password;
    std::string system_type;
    bind_mode mode = bind_mode::transceiver;
    unsigned binds = 1;
    unsigned window = 10;  ///< unanswered submits per bind
    tls_settings tls;

    address source;  ///< a short code that routes back to this account
    std::uint8_t destination_ton = 1;
    std::uint8_t destination_npi = 1;
    std::string service_type;
    std::uint8_t esm_class = 0;            ///< mode bits; the user data header bit is always added
    std::uint8_t protocol_id = 0x7F;       ///< (U)SIM data download
    std::uint8_t data_coding = 0xF6;       ///< class 2, 8 bit
    std::uint8_t registered_delivery = 1;  ///< receipt for success and failure

    std::vector<std::string> prefixes;  ///< of the destination; the longest match wins; none: serves every destination
    int priority = 0;  ///< among equally long prefixes the lower is used first, the others are fail-over
    double rate_in_segments_per_s = 0;  ///< of the whole route; 0: no limit of ours

    id_forms ids;
    validity_form validity = validity_form::absolute;
    std::chrono::seconds validity_maximum{std::chrono::hours(48)};
    std::map<std::uint32_t, status_class> vendor_statuses;  ///< overrides of the table, e.g. for 0x400 to 0x4FF

    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds response_timeout{30'000};
    std::chrono::milliseconds enquire_interval{30'000};  ///< of silence before we ask
    std::chrono::milliseconds reconnect_minimum{1'000};
    std::chrono::milliseconds reconnect_maximum{60'000};
    std::chrono::milliseconds answer_within{5'000};  ///< R4: an unanswered deliver_sm gets 0x64 then
    bool operator==(const route_settings&) const = default;
};

struct client_settings {
    std::vector<route_settings> routes;
    std::uint64_t seed = 0;  ///< of the jitter; 0: from the system
};

/// Every fault of the settings, one sentence each, named by route and field. Empty: good.
[[nodiscard]] std::vector<std::string> faults(const client_settings&);

}  // namespace ota::smpp
