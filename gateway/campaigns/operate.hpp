#pragma once

#include "gateway/campaigns/estimate.hpp"
#include "gateway/campaigns/records.hpp"

/// What operators do with campaigns: the same for the command line, which works beside a running gateway, and for the
/// API.
namespace ota::campaigns {

/// Everything outlives it.
struct office {
    const cards::desk& desk;
    std::function<std::shared_ptr<const gateway_settings>()> settings;  ///< those in force
};

/// What only the settings can tell: profile, node, who may touch it, retention. Every fault at once.
void check_campaign(const campaign&, const gateway_settings&, config::faults&);

/// A running gateway begins within a second. `errc::name_taken`.
[[nodiscard]] wire::result<void> create(const office&, const campaign&, const std::string& created_by);

struct sheet {
    campaign what;
    campaigns::progress progress;
};
/// By name.
[[nodiscard]] wire::result<std::vector<sheet>> all(const office&);
/// `errc::unknown_campaign`.
[[nodiscard]] wire::result<sheet> find(const office&, const std::string& name);

enum class order : std::uint8_t { pause, resume, cancel };
[[nodiscard]] wire::result<void> give(const office&, const std::string& name, order);
[[nodiscard]] wire::result<void> forget(const office&, const std::string& name);

struct card_page {
    std::vector<card_mark> cards;
    std::optional<std::size_t> next;  ///< number of the card to go on with; nothing: that was all
};
/// From card number `from` on, in the order of ICCIDs; at most `limit`.
[[nodiscard]] wire::result<card_page> cards_of(const office&, const std::string& name, std::optional<outcome>,
                                               std::size_t from, std::size_t limit);

}  // namespace ota::campaigns
