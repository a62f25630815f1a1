#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How the simulated SMSC and the network behind it behave. Shares are probabilities, 0 to 1.
namespace ota::sandbox {

using instant = std::chrono::sys_time<std::chrono::microseconds>;

/// How message ids are written.
enum class id_form : std::uint8_t {
    decimal,
    hexadecimal,
    padded,  ///< ten decimal digits
    uuid,
    hex_then_decimal,  ///< hexadecimal in submit_sm_resp, decimal in the receipt
    decimal_then_hex,
    empty,  ///< submit_sm_resp with an empty id
};

/// How the user data of an SMS-DELIVER-REPORT comes to the ESME: SMPP 3.4 has no place for it.
enum class report_form : std::uint8_t {
    deliver_sm,       ///< copies esm_class, protocol_id and data_coding of the submit
    message_payload,  ///< a deliver_sm whose user data is in the TLV
    data_sm,
    receipt,  ///< message_payload of the delivery receipt
    dropped,  ///< not at all
    any,      ///< each time another of those that arrive
};

struct smsc_settings {
    std::uint64_t seed = 1;
    std::string system_id;  ///< empty: any bind is welcome
    std::string password;

    id_form ids = id_form::decimal;
    report_form reports = report_form::deliver_sm;
    bool empty_reports = false;  ///< a deliver report without user data becomes an empty deliver_sm with UDHI

    bool receipt_text = true;
    bool receipt_tlvs = true;
    double receipt_early = 0;  ///< before the submit response, and the proof of receipt with it
    double receipt_twice = 0;
    double receipt_missing = 0;
    double receipt_late = 0;
    std::chrono::milliseconds receipt_delay{5'000};  ///< of a late one

    std::chrono::milliseconds delay_min{0};  ///< network: from submit to the card
    std::chrono::milliseconds delay_max{0};
    double loss = 0;         ///< never reaches the card; its receipt may claim that it did
    double answer_loss = 0;  ///< the card acts, its proof of receipt is lost
    double duplicates = 0;   ///< reaches the card twice
    double reordering = 0;   ///< held back so that later ones overtake it
    std::chrono::milliseconds reordering_delay{200};
    unsigned retries = 3;  ///< deliveries tried again when the card was busy or gone
    std::chrono::milliseconds retry_delay{2'000};

    unsigned rate_limit = 0;              ///< messages per second and account, beyond: 0x58; 0: none
    double throttling = 0;                ///< 0x58 without a reason
    double queue_full = 0;                ///< 0x14 without a reason
    double system_errors = 0;             ///< 0x08
    std::size_t queue_limit = 1'000'000;  ///< messages waiting, beyond: 0x14

    double response_loss = 0;       ///< taken, but never answered
    std::uint64_t drop_every = 0;   ///< cuts every connection at each n-th submit; 0: never
    std::uint64_t stall_every = 0;  ///< stops answering at each n-th submit; 0: never
    std::chrono::milliseconds stall_for{3'000};
    std::chrono::milliseconds redelivery_delay{1'000};  ///< of a deliver_sm that was not accepted
    unsigned redeliveries = 100;
};

[[nodiscard]] std::optional<id_form> id_form_named(std::string_view) noexcept;
[[nodiscard]] std::optional<report_form> report_form_named(std::string_view) noexcept;

}  // namespace ota::sandbox
