#include "secure-channel/errc.hpp"

namespace ota::secure_channel {

namespace {

class room_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "secure-channel"; }
    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::bad_key: return "the key's length does not fit the algorithm";
            case errc::wrong_key_encryption_key: return "the value was sealed under another key-encryption key";
            case errc::bad_seal: return "the sealed value was altered, or belongs to another card or purpose";
            case errc::unsupported_algorithm:
                return "KIc or KID names no algorithm (implicit, proprietary or reserved)";
            case errc::digital_signature: return "SPI asks for a digital signature, which is not offered";
            case errc::reserved_value: return "SPI holds a reserved coding";
            case errc::bad_length: return "a length field (CPL, CHL, RPL or RHL) contradicts the octets present";
            case errc::bad_padding_counter: return "PCNTR is larger than the data";
            case errc::not_a_command_packet: return "no command packet identifier (IEI 70, or CPI 01 on a data bearer)";
            case errc::not_a_response_packet:
                return "no response packet identifier (IEI 71, or RPI 02 on a data bearer)";
            case errc::bad_user_data_header: return "an element of the user data header is malformed";
            case errc::too_long: return "more octets than the format can carry";
            case errc::bad_script: return "a remote command script or its answer is malformed";
            case errc::no_packet_identifier: return "the user data has no packet identifier (IEI 70 or 71)";
            case errc::bad_reference: return "a concatenation reference is 0, or does not fit its element";
            case errc::bad_push: return "a PUSH command is malformed, or breaks a rule of its objects";
            case errc::unknown_stream_packet: return "the stream goes on with octets that begin no packet";
        }
        return "unknown secure channel error";
    }
};

}  // namespace

const std::error_category& category() noexcept {
    static const room_category instance;
    return instance;
}

}  // namespace ota::secure_channel
