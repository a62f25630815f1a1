#include "gateway/campaigns/admission.hpp"

#include "gateway/cards/labels.hpp"

namespace ota::campaigns {

std::string zone_of(const campaign& c, std::string_view labels) {
    if (c.zone.label.empty()) return c.zone.name;
    const auto known = cards::parse_labels(labels);
    if (!known) return c.zone.name;
    const auto at = known.value().find(c.zone.label);
    return at != known.value().end() && is_zone(at->second) ? at->second : c.zone.name;
}

wire::result<admission> admit(const campaign& c, const store::card_row* card,
                              const std::function<wire::result<card_account>(wall_time since)>& account,
                              wall_time now) {
    if (card == nullptr) return admission{outcome::skipped, now, "unknown-card"};
    if (card->is != store::standing::active) return admission{outcome::skipped, now, store::name_of(card->is)};
    const auto zone = zone_of(c, card->labels);
    const auto opens = next_opening(c.hours, zone, now);
    if (!opens) return admission{outcome::skipped, now, "never-open"};
    if (*opens > now) return admission{outcome::waiting, *opens, "hours"};
    if (c.sms_per_card_and_day != 0) {
        OTA_TRY(const auto has, account(day_begins(zone, now)));
        if (has.needed > c.sms_per_card_and_day) return admission{outcome::skipped, now, "sms-cap"};
        if (has.sent + has.needed > c.sms_per_card_and_day)
            return admission{outcome::waiting, next_day(zone, now), "sms-cap"};
    }
    return admission{outcome::open, now, {}};
}

}  // namespace ota::campaigns
