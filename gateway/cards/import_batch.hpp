#pragma once

#include "gateway/cards/import_row.hpp"
#include "gateway/flow/twin.hpp"

#include <span>

/// Brings cards of an import into the store. Seen only inside this room.
namespace ota::cards {

class import_batch {
public:
    import_batch(const import_parts& parts, store::transaction& tx, store::id_source& ids);

    /// Adds or updates these cards, each ICCID once. What became of them is in `report` (added, changed, unchanged,
    /// rejected, released); a card that cannot be imported is told through parts.on_fault.
    [[nodiscard]] wire::result<void> apply(std::span<const import_card>);
    [[nodiscard]] const import_report& report() const noexcept { return report_; }
    /// Faults found, to be told once the transaction is durable.
    [[nodiscard]] const std::vector<row_fault>& faults() const noexcept { return faults_; }

private:
    [[nodiscard]] wire::result<void> add(const import_card&);
    [[nodiscard]] wire::result<void> update(const import_card&, store::card_row);
    [[nodiscard]] wire::result<void> release_parked(std::string_view iccid);
    /// What of the card's keys changes; the keys as they shall be go to `row`.
    [[nodiscard]] wire::result<bool> merge_keys(const import_card&, store::card_row& row);
    [[nodiscard]] wire::result<bool> merge_counters(const import_card&, flow::twin&);
    [[nodiscard]] bool merge_labels(const import_card&, store::card_row&);
    [[nodiscard]] wire::octets wrap_keys(const std::vector<flow::card_key>&, std::string_view iccid);
    void reject(const import_card&, std::string field, std::string what);

    const import_parts& parts_;
    store::transaction& tx_;
    store::wall_time now_;
    flow::guard guard_;
    import_report report_;
    std::vector<row_fault> faults_;
    std::vector<store::card_row> added_, changed_;
    std::vector<store::history_row> history_;
    store::id_source& ids_;
};

}  // namespace ota::cards
