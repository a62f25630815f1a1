#include "gateway/cards/inspect.hpp"

#include "gateway/cards/import_row.hpp"

#include <unordered_set>

namespace ota::cards {

namespace {

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

constexpr std::size_t rows_per_prune = 2000;

class inspector {
public:
    inspector(const desk& d, const std::function<void(const std::string&)>& tell)
        : d_(d), tell_(tell), guard_(d.guard()) {}

    wire::result<void> look_at(const store::card_row& row) {
        ++found.cards;
        if (!iccid_of(row.iccid)) problem(row, "its ICCID is none of 18 to 20 digits");
        if (d_.profiles.find(row.profile) == nullptr) problem(row, "its profile " + row.profile + " is not configured");
        if (!row.msisdn.empty() && !numbers_.insert(std::stoull("1" + row.msisdn)).second) {
            problem(row, "its number is another card's too");
        }
        if (row.is != store::standing::erased) look_at_keys(row);
        const auto twin = flow::parse_twin(row.twin, guard_);
        if (!twin) {
            problem(row, "its state cannot be read: " + twin.error().message());
            return success();
        }
        found.open_events += twin.value().events.size();
        return look_at_events(row, twin.value());
    }

    void problem(const store::card_row& row, const std::string& what) {
        ++found.problems;
        if (tell_) tell_("card " + row.iccid + ": " + what);
    }
    void problem(const std::string& what) {
        ++found.problems;
        if (tell_) tell_(what);
    }

    inspection found;

private:
    void look_at_keys(const store::card_row& row) {
        const auto purpose = flow::keys_purpose(row.iccid);
        const auto clear = d_.kek.open(row.sealed_keys, wire::as_octets(purpose));
        if (!clear) return problem(row, "its keys cannot be unwrapped: " + clear.error().message());
        const auto keys = flow::parse_keys(clear.value().view());
        if (!keys || keys.value().empty()) problem(row, "it has no keys");
    }

    wire::result<void> look_at_events(const store::card_row& row, const flow::twin& twin) {
        if (twin.events.empty()) return success();
        std::vector<store::event_seq> seqs;
        for (const auto& e : twin.events) seqs.push_back(e.seq);
        OTA_TRY(auto tx, d_.state.begin());
        OTA_TRY(const auto events, tx->events_by_seq(seqs));
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto name = "event " + std::to_string(seqs[i]);
            if (!events[i]) {
                problem(row, name + " is open on the card and not in the event table");
            } else if (events[i]->card != row.id) {
                problem(row, name + " is open on the card and belongs to another");
            } else if (events[i]->state != 0 && !moved_on(*tx, row)) {
                problem(row, name + " is open on the card and final in the event table");
            }
        }
        return success();
    }

    /// A running gateway may have written the card since it was read.
    static bool moved_on(store::transaction& tx, const store::card_row& row) {
        const store::card_id ids[] = {row.id};
        const auto now = tx.cards_by_id(ids);
        return now && now.value().front() && now.value().front()->version != row.version;
    }

    const desk& d_;
    const std::function<void(const std::string&)>& tell_;
    flow::guard guard_;
    std::unordered_set<std::uint64_t> numbers_;
};

}  // namespace

wire::result<inspection> inspect(const desk& d, bool alone, const std::function<void(const std::string&)>& on_problem) {
    inspector work(d, on_problem);
    std::error_code failed;
    OTA_TRY(for_each_card(d.state, [&](const store::card_row& row) {
        if (auto looked = work.look_at(row); !looked) failed = looked.error();
        return !failed;
    }));
    if (failed) return failed;
    OTA_TRY(auto tx, d.state.begin());
    OTA_TRY(work.found.counted, tx->count());
    const auto& counted = work.found.counted;
    if (alone && counted.cards != static_cast<std::int64_t>(work.found.cards)) {
        work.problem("the ledger counts " + std::to_string(counted.cards) + " cards, there are " +
                     std::to_string(work.found.cards));
    }
    if (alone && counted.open_events != static_cast<std::int64_t>(work.found.open_events)) {
        work.problem("the ledger counts " + std::to_string(counted.open_events) + " open events, the cards have " +
                     std::to_string(work.found.open_events));
    }
    return work.found;
}

wire::result<std::size_t> prune(store::store& state, store::wall_time older_than) {
    std::size_t gone = 0;
    while (true) {
        OTA_TRY(auto tx, state.begin());
        OTA_TRY(const auto now, tx->prune(older_than, rows_per_prune));
        OTA_TRY(tx->commit());
        if (now == 0) return gone;
        gone += now;
    }
}

}  // namespace ota::cards
