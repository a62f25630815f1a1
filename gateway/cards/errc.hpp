#pragma once

#include "secure-channel/wire/result.hpp"

namespace ota::cards {

enum class errc {
    bad_header = 1,  ///< the first line does not name the columns
    key_file_missing,
    key_file_open,       ///< readable by others than its owner
    key_file_malformed,  ///< neither 32 octets nor 64 hexadecimal digits
    key_file_exists,     ///< a key file is never overwritten
    key_file_unwritable,
    key_folder_missing,  ///< of a key file to be made
    wrong_key,           ///< the store was written under another key-encryption key
    rewrap_cut_off,      ///< the store is partly under one key, partly under another
    bad_label,
    unknown_card,
    card_is_replaced,  ///< nothing is done to a replaced card any more
    card_is_erased,    ///< nor to an erased one
    not_suspended,
    same_card,
    unreadable_card,  ///< its stored state or keys cannot be read
    stopped,
    no_number,   ///< nothing can be sent to the card's device
    no_account,  ///< the card is not attested to hold an account of a DM server
};
const std::error_category& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

}  // namespace ota::cards

template <>
struct std::is_error_code_enum<ota::cards::errc> : std::true_type {};
