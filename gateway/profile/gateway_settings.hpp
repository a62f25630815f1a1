#pragma once

#include "config/settings.hpp"
#include "gateway/profile/bip_settings.hpp"
#include "gateway/profile/card_profile.hpp"
#include "gateway/profile/http_settings.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ota {

/// How a message id is compared: an SMSC may write it one way in submit_sm_resp and another way in the receipt.
enum class message_id_form : std::uint8_t { as_is, hex, decimal, strip_zeros, case_fold };
enum class bind_mode : std::uint8_t { transceiver, split };
enum class validity_form : std::uint8_t { relative, absolute, none };

/// What an SMSC means by a command_status that SMPP 3.4 does not define.
enum class vendor_status : std::uint8_t { throttle, temporary, session, permanent };

struct tls_settings {
    bool enabled = false;
    std::string ca_file;  ///< PEM; empty: the system's authorities
    bool verify = true;
    std::string server_name;  ///< SNI and name in the certificate; empty: the host
    bool operator==(const tls_settings&) const = default;
};

/// One way to an SMSC.
struct route_settings {
    std::string name;
    std::string host = "127.0.0.1";
    std::uint16_t port = 2775;
    std::string system_id;
    std::string password;  ///< a secret: never logged
    std::string system_type;
    bind_mode mode = bind_mode::transceiver;
    unsigned binds = 1;     ///< connections over all instances; `split` opens one transmitter and one receiver for each
    unsigned window = 100;  ///< submits without an answer, per bind
    std::string source_address;
    std::uint8_t source_ton = 0;
    std::uint8_t source_npi = 0;
    std::uint8_t destination_ton = 1;
    std::uint8_t destination_npi = 1;
    std::uint8_t data_coding = 0xF6;  ///< 8 bit, class 2
    std::uint8_t protocol_id = 0x7F;  ///< (U)SIM data download
    std::uint8_t esm_class = 0x40;    ///< user data header indicator
    std::uint8_t registered_delivery = 1;
    std::string service_type;
    std::vector<std::string> prefixes;  ///< of destination numbers; empty: every number
    int priority = 0;  ///< among equally long prefixes the lower is used first, the others are fail-over
    double rate = 0;   ///< segments per second over all binds of all instances; 0: unlimited
    message_id_form submit_id_form = message_id_form::as_is;
    message_id_form receipt_id_form = message_id_form::as_is;
    validity_form validity = validity_form::relative;
    std::chrono::milliseconds validity_maximum{std::chrono::hours(48)};  ///< the longest that the SMSC takes
    std::map<std::uint32_t, vendor_status> vendor_statuses;              ///< by command_status
    std::chrono::milliseconds enquire_link{std::chrono::seconds(30)};
    std::chrono::milliseconds connect_timeout{std::chrono::seconds(10)};
    std::chrono::milliseconds response_timeout{std::chrono::seconds(10)};
    std::chrono::milliseconds reconnect_min{500};
    std::chrono::milliseconds reconnect_max{std::chrono::seconds(30)};
    tls_settings tls;
    bool operator==(const route_settings&) const = default;
};

enum class store_kind : std::uint8_t { sqlite, postgres };
enum class queue_kind : std::uint8_t { embedded, kafka };
enum class unknown_card_policy : std::uint8_t { reject, park };
enum class log_level : std::uint8_t { debug, info, warning, error };

/// The store of many instances.
struct postgres_settings {
    std::string connection;  ///< libpq: postgresql://user@host:5432/database, or host=.. dbname=..
    std::string password;    ///< a secret: never logged
    std::string schema = "otagw";
    unsigned connections = 4;                 ///< at most, of this instance
    std::chrono::milliseconds lease{10'000};  ///< for how long an instance holds what it has without renewing it
    bool migrate = false;  ///< bring the schema up to date at the start; else `otagw store migrate` does
    bool operator==(const postgres_settings&) const = default;
};

struct store_settings {
    store_kind kind = store_kind::sqlite;
    postgres_settings postgres;
    std::string path;                                            ///< empty: <data directory>/otagw.db
    std::chrono::milliseconds retention{std::chrono::days(30)};  ///< of closed events and of dedupe keys (R22)
    bool operator==(const store_settings&) const = default;
};

struct kafka_settings {
    std::string bootstrap_servers;
    std::string group = "otagw";
    std::string instance_id;                        ///< static membership; empty: none
    std::map<std::string, std::string> properties;  ///< of librdkafka; may hold secrets: never logged
    bool operator==(const kafka_settings&) const = default;
};

struct queue_settings {
    queue_kind kind = queue_kind::embedded;
    kafka_settings kafka;
    std::string directory;  ///< empty: <data directory>/queue
    std::chrono::milliseconds retention{std::chrono::days(7)};
    bool operator==(const queue_settings&) const = default;
};

/// DM sessions of devices: POST /dm on the HTTP server.
struct dm_settings {
    std::size_t sessions = 1000;                                 ///< at once; a device beyond them gets 503
    std::size_t max_message = 64 * 1024;                         ///< octets of a device's message
    std::chrono::milliseconds silence{std::chrono::minutes(5)};  ///< without a message before a session is given up
    bool allow_basic = false;                                    ///< accounts with AAuthPref BASIC: passwords in clear
    bool operator==(const dm_settings&) const = default;
};

struct flow_settings {
    std::size_t batch = 1000;                                        ///< operations in one transaction (R1)
    std::chrono::milliseconds commit_window{5};                      ///< longest wait for a transaction to fill (R1)
    std::size_t submissions_in_flight = 20'000;                      ///< segments without an answer, over all routes
    std::chrono::milliseconds event_life{std::chrono::days(7)};      ///< R18, of an event that names no end
    unknown_card_policy unknown_card = unknown_card_policy::reject;  ///< R23
    std::chrono::milliseconds drain_deadline{std::chrono::seconds(30)};  ///< of a graceful stop
    bool operator==(const flow_settings&) const = default;
};

/// Which nodes a CloudEvents source may touch.
struct source_rule {
    std::string name;  ///< pattern for `source`: `*` stands for any run of characters
    std::vector<std::string>
        nodes;  ///< URI prefixes, whole steps: "./SC/USIM" covers "./SC/USIM/SPN", not "./SC/USIM2"
    bool operator==(const source_rule&) const = default;
};
/// True when there are no rules, or when one rule that matches the source covers the URI.
[[nodiscard]] bool is_permitted(const std::vector<source_rule>&, std::string_view source,
                                std::string_view uri) noexcept;

/// Everything that the gateway is told. The defaults run an embedded gateway without routes.
struct gateway_settings {
    std::string data_directory = "otagw-data";
    std::string key_encryption_key_file;  ///< 32 octets, or 64 hex digits; empty: <data directory>/kek
    store_settings store;
    queue_settings queue;
    http_settings http;
    dm_settings dm;
    bip_settings bip;
    log_level log = log_level::info;
    bool mask_cards = false;  ///< the log shows the last digits of ICCIDs and numbers only
    flow_settings flow;
    std::vector<route_settings> routes;
    std::vector<source_rule> sources;
    profile_set profiles;

    /// The paths as used: what was set, or the place below the data directory.
    [[nodiscard]] std::string store_path() const;
    [[nodiscard]] std::string queue_directory() const;
    [[nodiscard]] std::string key_encryption_key_path() const;
    [[nodiscard]] std::string audit_directory() const;
};

/// Loads a settings file and the profile files that it names; relative paths in it are relative to its own folder.
[[nodiscard]] gateway_settings load_gateway_settings(const std::string& file, config::faults&);
/// The same from a document in memory; `folder` stands for the file's folder.
[[nodiscard]] gateway_settings read_gateway_settings(const config::node& root, const std::string& folder,
                                                     config::faults&);

}  // namespace ota
