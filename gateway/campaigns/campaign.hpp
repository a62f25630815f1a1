#pragma once

#include "config/settings.hpp"
#include "gateway/campaigns/calendar.hpp"
#include "queue/event.hpp"

#include <optional>
#include <string>
#include <vector>

/// One change for many cards, as an operator writes it down (docs/campaigns.md).
namespace ota::campaigns {

/// The change that each card gets. Names are those of a change event.
struct change {
    queue::operation op = queue::operation::replace;
    std::string node, from, format, type;
    std::optional<std::string> value;
    bool operator==(const change&) const = default;
};

/// Which cards: those that every word given fits, or a list.
struct selection {
    std::string profile, label, iccid_prefix;
    std::vector<std::string> iccids;  ///< sorted, each once
    bool operator==(const selection&) const = default;
};
inline constexpr std::size_t most_listed = 100'000;

/// The first cards, spread evenly over the selection; the others wait for how they end.
struct canary {
    std::size_t cards = 0;  ///< or a share of the selection
    double share = 0;
    double failure_rate = 0.05;                              ///< above it the campaign stops, with the canary and later
    std::chrono::milliseconds wait{std::chrono::hours(24)};  ///< for cards that do not answer
    bool operator==(const canary&) const = default;
};

/// Whose clock the hours are read on.
struct zone_choice {
    std::string name = "UTC";  ///< of the IANA database; for every card whose label does not say another
    std::string label;         ///< key of the label that names a card's zone; empty: none
    bool operator==(const zone_choice&) const = default;
};

struct campaign {
    std::string name;  ///< 1 to 64 of a-z, 0-9 and . _ -
    campaigns::change change;
    selection cards;
    std::optional<campaigns::canary> canary;
    std::optional<wall_time> start, end;
    zone_choice zone;
    opening hours;
    double pace = 0;                    ///< cards per second; 0: as fast as the gateway takes them
    unsigned sms_per_card_and_day = 0;  ///< 0: no cap
    std::int8_t priority = -4;          ///< behind single changes
    queue::bearer_wish bearer = queue::bearer_wish::any;
    std::chrono::milliseconds life{std::chrono::days(7)};  ///< of each change, from its creation (R18)
    std::size_t open = 100'000;                            ///< changes under way at once
    bool operator==(const campaign&) const = default;
};

/// Every fault at once; what could be read otherwise. Whether profiles, nodes and zones exist is not asked here.
[[nodiscard]] campaign read_campaign(const config::node& root);
/// A document in JSON: `${..}` in it stands for itself.
[[nodiscard]] campaign read_campaign_json(std::string_view json, config::faults&);
/// A file in YAML or JSON; `${file:..}` and `${env:..}` are replaced.
[[nodiscard]] campaign load_campaign(const std::string& file, config::faults&);

/// As a document that read_campaign_json takes, without the value and the list of cards: those are kept apart.
[[nodiscard]] std::string serialize_campaign(const campaign&);

/// Source of every change of a campaign; its id is NAME/ICCID. A repeat is a duplicate (R22).
inline constexpr std::string_view event_source = "otagw/campaigns";
[[nodiscard]] std::string event_id(std::string_view campaign, std::string_view iccid);
/// The change event for a card, as JSON: always the same for the same `at`, the moment at which it was decided on. Or
/// why it is none.
[[nodiscard]] std::variant<std::string, queue::unreadable> event_for(const campaign&, const std::string& iccid,
                                                                     wall_time at);
/// It is of no use any more from then on.
[[nodiscard]] wall_time expiry(const campaign&, wall_time at);

}  // namespace ota::campaigns
