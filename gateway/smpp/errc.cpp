#include "gateway/smpp/errc.hpp"

#include <string>

namespace ota::smpp {
namespace {

class category final : public std::error_category {
public:
    const char* name() const noexcept override { return "smpp"; }
    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::unknown_command: return "no SMPP command has this command_id";
            case errc::bad_command_length: return "command_length cannot be right; the stream cannot be followed";
            case errc::wrong_command_length: return "command_length is not the size of the PDU";
        }
        return "unknown SMPP failure";
    }
};

}  // namespace

const std::error_category& smpp_category() noexcept {
    static const category instance;
    return instance;
}

}  // namespace ota::smpp
