#include "gateway/campaigns/operate.hpp"

#include "gateway/campaigns/errc.hpp"
#include "gateway/campaigns/machine.hpp"

#include <algorithm>

namespace ota::campaigns {

namespace {

constexpr std::size_t chunks_at_once = 50;

void complain(config::faults& told, std::string path, std::string what) {
    told.add({config::fault::severity::error, "", 0, std::move(path), std::move(what)});
}

bool knows(const card_profile& profile, const std::string& node) {
    return profile.find(node) != nullptr || profile.find_object(node) != nullptr;
}

bool anybody_knows(const campaign& c, const gateway_settings& settings) {
    return std::ranges::any_of(settings.profiles, [&](const auto& each) {
        return (c.cards.profile.empty() || each.first == c.cards.profile) && knows(*each.second, c.change.node);
    });
}

}  // namespace

void check_campaign(const campaign& c, const gateway_settings& settings, config::faults& told) {
    const bool profile_known = c.cards.profile.empty() || settings.profiles.contains(c.cards.profile);
    if (!profile_known) complain(told, "cards.profile", "no profile " + c.cards.profile + " is configured");
    if (profile_known && !c.change.node.empty() && !anybody_knows(c, settings)) {
        complain(told, "change.node", "no profile of these cards has the node " + c.change.node);
    }
    if (!is_permitted(settings.sources, event_source, c.change.node)) {
        complain(told, "change.node", "the setting `sources` does not let " + std::string(event_source) + " touch it");
    }
    if (c.life > settings.store.retention)
        complain(told, "life", "is longer than store.retention: a repeat of a change would not be known any more");
}

wire::result<void> create(const office& o, const campaign& c, const std::string& created_by) {
    return cards::in_transaction(
        o.desk, [&](store::transaction& tx) { return create(tx, c, created_by, o.desk.now(), o.desk.guard()); });
}

wire::result<std::vector<sheet>> all(const office& o) {
    OTA_TRY(auto tx, o.desk.state.begin());
    OTA_TRY(auto records, list(*tx));
    std::vector<sheet> out;
    for (auto& r : records) {
        OTA_TRY(auto what, find_campaign(*tx, r.name, o.desk.guard()));
        out.push_back({std::move(what), std::move(r.progress)});
    }
    return out;
}

wire::result<sheet> find(const office& o, const std::string& name) {
    OTA_TRY(auto tx, o.desk.state.begin());
    sheet out;
    OTA_TRY(out.progress, find_progress(*tx, name));
    OTA_TRY(out.what, find_campaign(*tx, name, o.desk.guard()));
    return out;
}

wire::result<void> give(const office& o, const std::string& name, order what) {
    return cards::in_transaction(o.desk, [&](store::transaction& tx) -> wire::result<void> {
        OTA_TRY(auto p, find_progress(tx, name));
        OTA_TRY(what == order::pause ? pause(p) : what == order::resume ? resume(p) : cancel(p));
        return save(tx, name, p);
    });
}

wire::result<void> forget(const office& o, const std::string& name) {
    return cards::in_transaction(
        o.desk, [&](store::transaction& tx) { return forget(tx, name, o.desk.now(), o.settings()->store.retention); });
}

wire::result<card_page> cards_of(const office& o, const std::string& name, std::optional<outcome> wanted,
                                 std::size_t from, std::size_t limit) {
    card_page out;
    std::unique_ptr<store::transaction> tx;
    std::size_t chunks = 0;
    for (auto number = from / chunk_size, read = std::size_t{0};; ++number, ++read) {
        if (read % chunks_at_once == 0) {
            tx.reset();
            OTA_TRY(tx, o.desk.state.begin());
            OTA_TRY(const auto p, find_progress(*tx, name));
            chunks = p.chunks;
        }
        if (number >= chunks) return out;
        OTA_TRY(const auto cards, find_chunk(*tx, name, number));
        for (std::size_t i = read == 0 ? from % chunk_size : 0; i < cards.size(); ++i) {
            if (wanted && cards[i].is != *wanted) continue;
            if (out.cards.size() == limit) {
                out.next = number * chunk_size + i;
                return out;
            }
            out.cards.push_back(cards[i]);
        }
    }
}

}  // namespace ota::campaigns
