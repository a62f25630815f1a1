#include "secure-channel/cat_tp/errc.hpp"

namespace ota::cat_tp {

namespace {

class room_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "cat-tp"; }
    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::bad_checksum: return "the PDU's checksum does not fit its octets";
            case errc::bad_header_length: return "the PDU's header length does not fit its flags";
            case errc::illegal_flags: return "no PDU has these flags together, or its acknowledgement is missing";
            case errc::bad_identification: return "the length of the identification contradicts the header's";
            case errc::data_not_allowed: return "a SYN, RST or NUL carries data";
            case errc::bad_version: return "a CAT_TP version has two bits";
            case errc::too_long: return "more octets than a PDU's header or a UDP datagram can carry";
            case errc::not_open: return "the CAT_TP connection does not stand";
            case errc::closing: return "the CAT_TP connection is being closed";
            case errc::empty_sdu: return "an SDU of no octets cannot be sent";
            case errc::sdu_too_long: return "the SDU is larger than the peer takes";
            case errc::backlog_full: return "too many octets wait for the peer's acknowledgement";
        }
        return "unknown CAT_TP error";
    }
};

}  // namespace

const std::error_category& category() noexcept {
    static const room_category instance;
    return instance;
}

}  // namespace ota::cat_tp
