#include "gateway/dm/errc.hpp"

namespace ota::dm {
namespace {

class category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "dm"; }
    [[nodiscard]] std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::unknown_version: return "the notification is not of version 1.1";
            case errc::bad_server_identifier: return "a server identifier has 1 to 255 octets";
            case errc::bad_session_identifier: return "a session identifier is not zero";
            case errc::notification_too_long: return "a notification goes into 255 short messages at most";
        }
        return "unknown error of a DM session";
    }
};

}  // namespace

const std::error_category& dm_category() noexcept {
    static const category instance;
    return instance;
}

}  // namespace ota::dm
