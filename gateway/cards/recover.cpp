#include "gateway/cards/recover.hpp"

#include "gateway/flow/reasons.hpp"
#include "gateway/flow/receipt.hpp"
#include "gateway/flow/tally.hpp"
#include "gateway/store/tools_instance.hpp"

#include <algorithm>
#include <iterator>

namespace ota::cards {

namespace {

constexpr std::size_t page = 5000;

bool exactly_one(const card_profile* p) noexcept {
    return p != nullptr && p->spi.counter() == secure_channel::counter_mode::exactly_one_higher;
}

/// A card that was first used after the copy was taken has no counter in it: it begins one, so that it leaps too.
wire::result<void> begin_counters(const desk& d, const store::card_row& row, const card_profile& profile,
                                  flow::twin& twin) {
    const auto purpose = flow::keys_purpose(row.iccid);
    OTA_TRY(const auto clear, d.kek.open(row.sealed_keys, wire::as_octets(purpose)));
    OTA_TRY(const auto keys, flow::parse_keys(clear.view()));
    for (const auto& k : keys) {
        for (const auto& a : profile.applications)
            (void)flow::counter_of(twin, flow::counter_key_of(profile, k.version, a.tar));
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

class recovery {
public:
    recovery(const desk& d, std::uint64_t leap) : d_(d), leap_(leap), guard_(d.guard()), now_(d.now()) {}

    /// False: the card is left as it is.
    bool recover(store::card_row& row, std::vector<store::history_row>& history,
                 std::vector<store::outbox_row>& states) {
        if (row.is == store::standing::erased) return false;
        auto parsed = flow::parse_twin(row.twin, guard_);
        if (!parsed) return skip(row);
        auto& twin = parsed.value();
        const auto held = d_.profiles.find(row.profile);
        const auto* profile = held.get();
        if (profile == nullptr) {
            ++report.unconfigured;
        } else if (!begin_counters(d_, row, *profile, twin)) {
            report.unreadable.push_back(row.iccid);  // it cannot send without its keys either
        }
        const bool exact = exactly_one(profile);
        const bool had_packet = twin.in_flight.has_value();
        flow::on_recover(twin, profile, exact ? 0 : leap_);
        if (had_packet) ++report.unknown;
        report.counters += exact ? 0 : twin.counters.size();
        if (exact && row.is == store::standing::active) quarantine(row, twin);
        const auto seq = ids_.next(now_);
        history.push_back({seq, row.id, twin.last_history, now_,
                           R"({"what":"recovered","leap":)" + std::to_string(exact ? 0 : leap_) + "}"});
        twin.last_history = seq;
        // Of every node: what was told of it since the copy was made counts no more.
        if (d_.card_states)
            std::ranges::move(flow::card_state_rows(twin, row.iccid, {}, now_, ids_), std::back_inserter(states));
        row.twin = flow::serialize_twin(twin, guard_);
        row.due = now_;
        return true;
    }

    recover_report report;

private:
    bool skip(const store::card_row& row) {
        report.unreadable.push_back(row.iccid);
        return false;
    }
    /// R10: the next counter has to be the card's plus one, and nobody knows the card's: its issuer reads it, `cards
    /// import` brings it here, `cards resume` lets the card go on.
    void quarantine(store::card_row& row, flow::twin& twin) {
        row.is = store::standing::quarantined;
        twin.hold = flow::reason::counter_out_of_step;
        ++report.out_of_step;
    }

    const desk& d_;
    std::uint64_t leap_;
    flow::guard guard_;
    store::wall_time now_;
    store::id_source ids_{store::tools_instance};
};

}  // namespace

wire::result<recover_report> recover(const desk& d, std::uint64_t leap,
                                     const std::function<void(const recover_report&)>& on_page) {
    recovery work(d, leap);
    OTA_TRY(auto tx, d.state.begin());
    std::string after;
    while (true) {
        store::card_filter filter;
        filter.after_iccid = after;
        filter.limit = page;
        OTA_TRY(auto cards, tx->list_cards(filter));
        std::vector<store::card_change> changes;
        std::vector<store::history_row> history;
        std::vector<store::outbox_row> states;
        for (auto& card : cards) {
            ++work.report.cards;
            if (work.recover(card, history, states))
                changes.push_back({card.id, card.version, std::move(card.twin), card.due, card.is});
        }
        OTA_TRY(tx->save_cards(changes));
        OTA_TRY(tx->append_history(history));
        OTA_TRY(tx->append_outbox(states));
        if (on_page) on_page(work.report);
        if (cards.size() < page) break;
        after = cards.back().iccid;
    }
    OTA_TRY(flow::add_to_tally(*tx, flow::quarantined_cards, static_cast<std::int64_t>(work.report.out_of_step)));
    OTA_TRY(tx->set_value(recovered_value, std::to_string(d.now().time_since_epoch().count())));
    OTA_TRY(tx->commit());
    return std::move(work.report);
}

}  // namespace ota::cards
