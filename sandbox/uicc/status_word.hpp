#pragma once

#include <cstdint>

/// Status words of a UICC [TS 102 221, 10.2.1] and of a classic SIM, class A0 [TS 51.011, 9.4].
namespace ota::sandbox::status_word {

inline constexpr std::uint16_t ok = 0x9000;
inline constexpr std::uint16_t answer_waits = 0x6100;      ///< + octets, class 00
inline constexpr std::uint16_t answer_waits_sim = 0x9F00;  ///< + octets, class A0
inline constexpr std::uint16_t wrong_le = 0x6C00;          ///< + octets to ask for
inline constexpr std::uint16_t deactivated_warning = 0x6283;
inline constexpr std::uint16_t answer_truncated = 0x62F1;     ///< [TS 102 226, 5.2.1.3]
inline constexpr std::uint16_t more_data_available = 0x62F1;  ///< [TS 102 221, 11.3.1]
inline constexpr std::uint16_t more_data_expected = 0x63F1;   ///< [TS 102 221, 11.3.2]
inline constexpr std::uint16_t command_waits = 0x9100;        ///< + octets to FETCH
inline constexpr std::uint16_t toolkit_is_busy = 0x9300;      ///< [TS 102 221, 10.2.1.1]
inline constexpr std::uint16_t tries_left = 0x63C0;           ///< + tries
inline constexpr std::uint16_t wrong_length = 0x6700;
inline constexpr std::uint16_t channel_not_supported = 0x6881;
inline constexpr std::uint16_t not_for_this_structure = 0x6981;
inline constexpr std::uint16_t security_not_satisfied = 0x6982;
inline constexpr std::uint16_t pin_blocked = 0x6983;
inline constexpr std::uint16_t deactivated = 0x6984;
inline constexpr std::uint16_t conditions_not_satisfied = 0x6985;
inline constexpr std::uint16_t no_file_selected = 0x6986;
inline constexpr std::uint16_t wrong_data = 0x6A80;
inline constexpr std::uint16_t file_not_found = 0x6A82;
inline constexpr std::uint16_t record_not_found = 0x6A83;
inline constexpr std::uint16_t no_room = 0x6A84;
inline constexpr std::uint16_t wrong_parameters = 0x6A86;
inline constexpr std::uint16_t data_not_found = 0x6A88;
inline constexpr std::uint16_t file_exists = 0x6A89;
inline constexpr std::uint16_t wrong_offset = 0x6B00;
inline constexpr std::uint16_t unknown_instruction = 0x6D00;
inline constexpr std::uint16_t unknown_class = 0x6E00;
inline constexpr std::uint16_t no_precise_diagnosis = 0x6F00;

/// The same fault in the words of class A0.
[[nodiscard]] constexpr std::uint16_t in_class_a0(std::uint16_t sw) noexcept {
    switch (sw) {
        case no_file_selected: return 0x9400;
        case record_not_found: return 0x9402;
        case file_not_found: return 0x9404;
        case not_for_this_structure: return 0x9408;
        case security_not_satisfied: return 0x9804;
        case deactivated: return 0x9810;
        case deactivated_warning: return ok;
        case pin_blocked: return 0x9840;
        case wrong_parameters: return wrong_offset;
        default: break;
    }
    if ((sw & 0xFF00) == answer_waits) return static_cast<std::uint16_t>(answer_waits_sim | (sw & 0xFF));
    if ((sw & 0xFFF0) == tries_left) return 0x9804;
    if ((sw & 0xFF00) == wrong_le) return static_cast<std::uint16_t>(wrong_length | (sw & 0xFF));
    return sw;
}

}  // namespace ota::sandbox::status_word
