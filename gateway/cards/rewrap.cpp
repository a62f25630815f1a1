#include "gateway/cards/rewrap.hpp"

#include "gateway/cards/key_check.hpp"
#include "gateway/flow/keyring.hpp"

namespace ota::cards {

namespace {

using secure_channel::key_encryption_key;

constexpr std::size_t page = 5000;

/// Opens under either key, seals under the new one, and remembers whether the old one was needed.
class hands {
public:
    hands(const key_encryption_key& from, const key_encryption_key& to, const random_octets& random)
        : from_(from), to_(to), random_(random) {}

    wire::result<secure_channel::secret> open(wire::octet_view sealed, std::string_view purpose) {
        auto fresh = to_.open(sealed, wire::as_octets(purpose));
        if (fresh) return fresh;
        auto old = from_.open(sealed, wire::as_octets(purpose));
        if (old) needed_ = true;
        return old;
    }
    wire::octets seal(wire::octet_view clear, std::string_view purpose) { return wrap(to_, clear, purpose, random_); }
    /// Whether the old key was needed since the last call.
    bool take_needed() noexcept { return std::exchange(needed_, false); }

    flow::guard guard() {
        flow::guard g;
        g.seal = [this](wire::octet_view clear, std::string_view purpose) { return seal(clear, purpose); };
        g.open = [this](wire::octet_view sealed, std::string_view purpose) -> wire::result<wire::octets> {
            OTA_TRY(const auto clear, open(sealed, purpose));
            return wire::octets(clear.view().begin(), clear.view().end());
        };
        return g;
    }

private:
    const key_encryption_key& from_;
    const key_encryption_key& to_;
    const random_octets& random_;
    bool needed_ = false;
};

/// True when the card's row has changed; an error when it cannot be read.
wire::result<bool> rewrap_card(store::card_row& row, hands& h) {
    bool changed = false;
    (void)h.take_needed();
    if (!row.sealed_keys.empty()) {
        const auto purpose = flow::keys_purpose(row.iccid);
        OTA_TRY(const auto clear, h.open(row.sealed_keys, purpose));
        if (h.take_needed()) {
            row.sealed_keys = h.seal(clear.view(), purpose);
            changed = true;
        }
    }
    const auto guard = h.guard();
    OTA_TRY(const auto twin, flow::parse_twin(row.twin, guard));
    if (h.take_needed()) {
        row.twin = flow::serialize_twin(twin, guard);
        changed = true;
    }
    return changed;
}

wire::result<void> rewrap_values(store::store& state, hands& h, rewrap_report& report) {
    OTA_TRY(auto tx, state.begin());
    for (const auto* prefix : {"parked/", "ready/", "campaign-value/"}) {
        const bool parked = prefix != std::string_view("campaign-value/");
        OTA_TRY(const auto values, tx->values(prefix));
        for (const auto& [name, sealed] : values) {
            const auto octets = wire::from_hex(sealed);
            if (!octets) continue;
            (void)h.take_needed();
            const auto purpose = parked ? std::string("parked") : name;  // a campaign's value is bound to its name
            auto clear = h.open(octets.value(), purpose);
            if (!clear || !h.take_needed()) continue;
            OTA_TRY(tx->set_value(name, wire::to_hex(h.seal(clear.value().view(), purpose))));
            if (parked) ++report.parked;
        }
    }
    return tx->commit();
}

}  // namespace

wire::result<rewrap_report> rewrap(store::store& state, const key_encryption_key& from, const key_encryption_key& to,
                                   const random_octets& random,
                                   const std::function<void(const rewrap_report&)>& on_page) {
    rewrap_report report;
    OTA_TRY(begin_rewrap(state, from, to));
    hands h(from, to, random);
    std::string after;
    while (true) {
        store::card_filter filter;
        filter.after_iccid = after;
        filter.limit = page;
        OTA_TRY(auto tx, state.begin());
        OTA_TRY(auto cards, tx->list_cards(filter));
        std::vector<store::card_row> changed;
        for (auto& card : cards) {
            ++report.cards;
            auto said = rewrap_card(card, h);
            if (!said) {
                report.unreadable.push_back(card.iccid);
            } else if (said.value()) {
                changed.push_back(card);
            } else {
                ++report.already;
            }
        }
        OTA_TRY(tx->update_cards(changed));
        OTA_TRY(tx->commit());
        report.rewrapped += changed.size();
        if (on_page) on_page(report);
        if (cards.size() < page) break;
        after = cards.back().iccid;
    }
    OTA_TRY(rewrap_values(state, h, report));
    OTA_TRY(end_rewrap(state, to, random, report.cards == 0 || report.unreadable.size() < report.cards));
    return report;
}

}  // namespace ota::cards
