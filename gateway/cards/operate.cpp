#include "gateway/cards/operate.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/labels.hpp"
#include "gateway/flow/reasons.hpp"
#include "gateway/flow/receipt.hpp"
#include "gateway/store/tools_instance.hpp"

namespace ota::cards {

namespace {

using store::standing;

auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

/// Changes one card that is not replaced; `change` says what goes into its history.
wire::result<void> change_card(const desk& d, const std::string& iccid, bool look,
                               const std::function<wire::result<std::string>(card_in_hand&)>& change) {
    store::id_source ids(store::tools_instance);
    return in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        OTA_TRY(auto card, take_card(tx, d, iccid));
        if (store::is_gone(card.row.is)) return errc_of_gone(card.row.is);
        OTA_TRY(const auto what, change(card));
        card.fx.history.push_back(R"({"what":")" + what + "\"}");
        return put_card(tx, d, card, look, ids);
    });
}

}  // namespace

wire::result<void> suspend(const desk& d, const std::string& iccid) {
    return change_card(d, iccid, true, [](card_in_hand& card) -> wire::result<std::string> {
        card.row.is = standing::suspended;
        card.state.hold = flow::reason::suspended;
        return std::string("suspended");
    });
}

wire::result<void> resume(const desk& d, const std::string& iccid) {
    return change_card(d, iccid, true, [](card_in_hand& card) -> wire::result<std::string> {
        if (card.row.is == standing::active && card.state.hold.empty()) return errc::not_suspended;
        card.row.is = standing::active;
        card.state.hold.clear();
        card.state.not_before = {};
        return std::string("resumed");
    });
}

wire::result<void> repair(const desk& d, const std::string& iccid) {
    return change_card(d, iccid, true, [](card_in_hand& card) -> wire::result<std::string> {
        flow::on_repair(card.state);
        if (card.row.is == standing::quarantined) card.row.is = standing::active;
        if (card.row.is == standing::suspended) card.state.hold = flow::reason::suspended;
        return std::string("repaired");
    });
}

wire::result<std::string> label(const desk& d, const std::string& iccid, const std::vector<std::string>& changes) {
    std::string now;
    OTA_TRY(change_card(d, iccid, false, [&](card_in_hand& card) -> wire::result<std::string> {
        OTA_TRY(auto labels, parse_labels(card.row.labels));
        for (const auto& c : changes) {
            OTA_TRY(change_label(labels, c));
        }
        card.row.labels = now = serialize_labels(labels);
        return std::string("labelled");
    }));
    return now;
}

wire::result<bool> resume_profile(const desk& d, const std::string& profile) {
    bool was_paused = false;
    OTA_TRY(in_transaction(d, [&](store::transaction& tx) -> wire::result<void> {
        const auto name = "paused/" + profile;
        OTA_TRY(const auto why, tx.value(name));
        was_paused = why.has_value();
        if (!was_paused) return success();
        return tx.set_value(name, std::nullopt);
    }));
    return was_paused;
}

}  // namespace ota::cards
