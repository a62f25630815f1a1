#include "secure-channel/security_header.hpp"

namespace ota::secure_channel {

// [TS 102 225, 5.1.2]
std::optional<cipher> cipher_of(key_identifier kic) noexcept {
    switch (kic.algorithm()) {
        case 0x1: return cipher::des_cbc;
        case 0x2: return cipher::aes_cbc;
        case 0x5: return cipher::triple_des_2_cbc;
        case 0x9: return cipher::triple_des_3_cbc;
        case 0xD: return cipher::des_ecb;
        default: return std::nullopt;
    }
}

// [TS 102 225, 5.1.3.2]
std::optional<mac> mac_of(key_identifier kid) noexcept {
    switch (kid.algorithm()) {
        case 0x1: return mac::des_cbc_mac;
        case 0x2: return mac::aes_cmac;
        case 0x5: return mac::triple_des_2_cbc_mac;
        case 0x9: return mac::triple_des_3_cbc_mac;
        default: return std::nullopt;
    }
}

// [TS 102 225, 5.1.3.1]; nibble 0 ("known by both") is CRC-32 in every card seen.
std::optional<std::size_t> redundancy_check_length(key_identifier kid) noexcept {
    switch (kid.algorithm()) {
        case 0x1: return 2;
        case 0x0:
        case 0x5: return 4;
        default: return std::nullopt;
    }
}

std::string_view describe(response_status status) noexcept {
    switch (status) {
        case response_status::por_ok: return "PoR OK";
        case response_status::integrity_failed: return "RC/CC/DS failed";
        case response_status::counter_low: return "CNTR low";
        case response_status::counter_high: return "CNTR high";
        case response_status::counter_blocked: return "CNTR blocked";
        case response_status::ciphering_error: return "ciphering error";
        case response_status::unidentified_security_error: return "unidentified security error";
        case response_status::insufficient_memory: return "insufficient memory to process";
        case response_status::more_time: return "more time needed";
        case response_status::tar_unknown: return "TAR unknown";
        case response_status::insufficient_security_level: return "insufficient security level";
        case response_status::follows_by_submit: return "actual response follows by SMS-SUBMIT";
        case response_status::follows_by_ussd: return "actual response follows by USSD";
    }
    return "reserved status";
}

}  // namespace ota::secure_channel
