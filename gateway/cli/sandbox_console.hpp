#pragma once

#include "gateway/profile/gateway_settings.hpp"
#include "queue/event.hpp"
#include "sandbox/population.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// A sandbox that stays, to be looked at: who may come in, the words that lead there, and changes now and then.
namespace ota::cli {

/// A token of this run alone, with every role. It lies in `place`, readable by its owner only, and the settings name
/// it. False with `why`.
[[nodiscard]] bool let_console_in(gateway_settings&, const std::filesystem::path& place, std::string& token,
                                  std::string& why);

/// Where the console is, and a command to paste that changes a card. `token` stands in the link, for this run only.
[[nodiscard]] std::string console_greeting(const gateway_settings&, std::uint16_t port, const std::string& token,
                                           const sandbox::population&, const card_profile&);

/// Changes of ordinary cards one after another, and a few bad ones, so that failures have something to show.
class trickle {
public:
    trickle(const sandbox::population& who, const card_profile& profile, std::uint64_t seed)
        : who_(who), profile_(profile), seed_(seed) {}
    [[nodiscard]] queue::change_event next(queue::wall_time now);

private:
    const sandbox::population& who_;
    const card_profile& profile_;
    std::uint64_t seed_;
    std::vector<queue::change_event> round_;
    std::size_t given_ = 0;
    std::string last_id_;
};

}  // namespace ota::cli
