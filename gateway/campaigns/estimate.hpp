#pragma once

#include "gateway/campaigns/campaign.hpp"
#include "gateway/cards/desk.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <map>

/// What a campaign would do, without doing any of it.
namespace ota::campaigns {

struct profile_estimate {
    std::size_t cards = 0, changes = 0;          ///< selected; active, so that they get a change
    std::size_t sampled = 0;                     ///< of these, on which the gateway's plan was rehearsed
    double messages = 0;                         ///< short messages a card, on average of the sample
    bool at_least = false;                       ///< cards have to be read first
    std::map<std::string, std::size_t> refused;  ///< of the sample, by "reason: detail"
};

struct estimate {
    std::size_t cards = 0, changes = 0;
    std::map<std::string, std::size_t> skipped;  ///< by reason
    double messages = 0;                         ///< short messages in all, without repeats
    bool at_least = false;
    wall_time begins_at{};
    std::optional<wall_time>
        ends_at;  ///< of the last change's creation; nothing: no pace and no rate of routes bounds it
    std::map<std::string, profile_estimate> profiles;
    std::vector<std::string> warnings;
};

inline constexpr std::size_t sample_size = 20;  ///< cards of a profile

/// Walks over all cards, some thousand in a transaction.
[[nodiscard]] wire::result<estimate> assess(const cards::desk&, const gateway_settings&, const campaign&);
[[nodiscard]] std::string serialize_estimate(const estimate&);
void print_estimate(const estimate&, std::ostream&);

}  // namespace ota::campaigns
