#include "sandbox/explorer/card_dialogue.hpp"
#include "sandbox/uicc/status_word.hpp"

#include <array>

namespace ota::sandbox {

namespace sw = status_word;

namespace {

struct meaning {
    std::uint16_t status;
    std::string_view text;
};

constexpr std::array meanings{
    meaning{sw::ok, "done"},
    meaning{sw::deactivated_warning, "selected; the file is deactivated"},
    meaning{sw::more_data_available, "more data waits"},
    meaning{sw::more_data_expected, "more data is expected"},
    meaning{sw::toolkit_is_busy, "the card's toolkit is busy"},
    meaning{sw::wrong_length, "wrong length"},
    meaning{sw::channel_not_supported, "no such logical channel"},
    meaning{sw::not_for_this_structure, "the command does not fit the file's structure"},
    meaning{sw::security_not_satisfied, "not allowed: after the PIN, or to the issuer alone (over the air, secured)"},
    meaning{sw::pin_blocked, "the PIN is blocked"},
    meaning{sw::deactivated, "the file is deactivated"},
    meaning{sw::conditions_not_satisfied, "not now"},
    meaning{sw::no_file_selected, "no file is selected"},
    meaning{sw::wrong_data, "the data is not understood"},
    meaning{sw::file_not_found, "no such file"},
    meaning{sw::record_not_found, "no such record"},
    meaning{sw::no_room, "no room"},
    meaning{sw::wrong_parameters, "wrong P1 or P2"},
    meaning{sw::data_not_found, "no such data"},
    meaning{sw::file_exists, "the file is there already"},
    meaning{sw::wrong_offset, "beyond the end of the file"},
    meaning{sw::unknown_instruction, "unknown instruction"},
    meaning{sw::unknown_class, "unknown class"},
    meaning{0x9400, "no file is selected"},
    meaning{0x9402, "no such record"},
    meaning{0x9404, "no such file"},
    meaning{0x9408, "the command does not fit the file's structure"},
    meaning{0x9804, "not allowed: after the PIN, or to the issuer alone (over the air, secured)"},
    meaning{0x9810, "the file is deactivated"},
    meaning{0x9840, "the PIN is blocked"},
};

std::string_view family_meaning(std::uint16_t status) {
    switch (status & 0xFF00) {
        case sw::answer_waits:
        case sw::answer_waits_sim: return "so many octets wait for GET RESPONSE (last octet)";
        case sw::wrong_le: return "ask again for so many octets (last octet)";
        case sw::command_waits:
            return "done; the card wants something of the terminal: FETCH so many octets (last octet)";
        default: break;
    }
    return (status & 0xFFF0) == sw::tries_left ? "wrong; so many tries are left (last digit)" : "unknown";
}

}  // namespace

std::string meaning_of(std::uint16_t status) {
    if (status == 0) return "no answer: the card has no power (reset gives it back)";
    auto text = family_meaning(status);
    for (const auto& each : meanings)
        if (each.status == status) text = each.text;
    return wire::to_hex(wire::writer().u16(status).take()) + " " + std::string(text);
}

}  // namespace ota::sandbox
