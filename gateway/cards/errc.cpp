#include "gateway/cards/errc.hpp"

namespace ota::cards {

namespace {

class room_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "cards"; }
    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::bad_header: return "the first line does not name the columns";
            case errc::key_file_missing: return "the key-encryption key's file does not exist or cannot be read";
            case errc::key_file_open: return "the key-encryption key's file may be read by others: chmod 600 it";
            case errc::key_file_malformed:
                return "the key-encryption key's file should hold 32 octets or 64 hexadecimal digits";
            case errc::key_file_exists: return "the file exists; a key file is never overwritten";
            case errc::key_file_unwritable: return "the key file cannot be written";
            case errc::key_folder_missing:
                return "its folder does not exist: make it first, for its owner only (mkdir -m 700)";
            case errc::wrong_key:
                return "not the key-encryption key that the store was written under; give the right one (a key is "
                       "changed with "
                       "`otagw keys rewrap`)";
            case errc::rewrap_cut_off:
                return "the store is partly under one key-encryption key and partly under another: `otagw keys rewrap` "
                       "was cut "
                       "off; run it again with the same two keys";
            case errc::bad_label:
                return "a label is key=value (or key- to remove it): letters, digits and . _ - : / @ +";
            case errc::unknown_card: return "no such card is imported";
            case errc::card_is_replaced: return "the card was replaced by another";
            case errc::card_is_erased: return "the card was erased";
            case errc::not_suspended: return "the card is neither suspended nor in quarantine";
            case errc::same_card: return "a card cannot replace itself";
            case errc::unreadable_card:
                return "the card's stored state or keys cannot be read with this key-encryption key";
            case errc::stopped: return "stopped on request";
            case errc::no_number: return "the card has no number";
            case errc::no_account:
                return "the card is not known to hold an account of a DM server: its device could not call";
        }
        return "unknown error of the card desk";
    }
};

}  // namespace

const std::error_category& category() noexcept {
    static const room_category instance;
    return instance;
}

}  // namespace ota::cards
