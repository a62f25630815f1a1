#include "gateway/campaigns/errc.hpp"

namespace ota::campaigns {

namespace {

class room_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "campaigns"; }
    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::name_taken: return "a campaign of this name exists: choose another name";
            case errc::unknown_campaign: return "there is no campaign of this name";
            case errc::over: return "the campaign is over";
            case errc::not_halted: return "the campaign is neither paused nor stopped";
            case errc::halted_already: return "the campaign is paused or stopped already";
            case errc::remembered:
                return "the campaign ended within store.retention: the ids of its changes are still known, so its name "
                       "cannot be used again yet";
            case errc::not_over: return "the campaign is not over: cancel it first";
            case errc::unreadable: return "the campaign's records in the store cannot be read by this program";
            case errc::moved: return "another process has moved the campaign on meanwhile";
        }
        return "unknown error of the campaigns";
    }
};

}  // namespace

const std::error_category& category() noexcept {
    static const room_category instance;
    return instance;
}

}  // namespace ota::campaigns
