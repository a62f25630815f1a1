#include "gateway/cards/import.hpp"

#include "gateway/cards/csv.hpp"
#include "gateway/cards/errc.hpp"
#include "gateway/cards/import_batch.hpp"
#include "gateway/store/tools_instance.hpp"

#include <charconv>
#include <istream>
#include <thread>
#include <unordered_set>

namespace ota::cards {

namespace {

constexpr std::size_t rows_between_clocks = 512;
constexpr int most_tries = 10;
constexpr std::chrono::milliseconds retry_pause{2};  ///< ids grow with the clock

/// One run over a text: rows to cards, cards to transactions.
class importer {
public:
    importer(std::istream& in, const import_parts& parts, const import_options& options)
        : csv_(in),
          parts_(parts),
          options_(options),
          reader_(columns_, parts.profiles, [this](const row_fault& f) { tell(f); }) {}

    wire::result<import_report> run();

private:
    void tell(const row_fault& f) {
        if (f.warning) ++report_.warnings;
        if (parts_.on_fault) parts_.on_fault(f);
    }
    [[nodiscard]] std::string checkpoint_name() const { return "import/" + options_.fingerprint; }
    [[nodiscard]] wire::result<void> read_header();
    [[nodiscard]] wire::result<void> go_on_where_left();
    [[nodiscard]] wire::result<void> take_line(csv_reader::outcome);
    [[nodiscard]] wire::result<void> close_card();
    [[nodiscard]] wire::result<void> write_batch(bool last);
    [[nodiscard]] wire::result<void> try_batch(bool last);
    void progress();

    csv_reader csv_;
    const import_parts& parts_;
    const import_options& options_;
    import_columns columns_;
    import_row_reader reader_;
    import_report report_;
    std::vector<import_card> cards_;
    std::unordered_set<std::string> in_batch_;
    std::string group_;  ///< ICCID field of the card that is being read
    std::optional<import_card> card_;
    std::vector<std::size_t> good_rows_;  ///< of that card
    std::size_t done_ = 0;                ///< line up to which every card is complete
    store::wall_time told_{};
    store::id_source ids_{store::tools_instance};
};

wire::result<void> importer::read_header() {
    if (csv_.next() != csv_reader::outcome::line) {
        tell({csv_.line(), false, "header", "the first line should name the columns"});
        return errc::bad_header;
    }
    if (auto wrong = columns_.read(csv_.fields())) {
        tell({csv_.line(), false, "header", std::move(*wrong)});
        return errc::bad_header;
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> importer::go_on_where_left() {
    if (options_.fingerprint.empty()) return BOOST_OUTCOME_V2_NAMESPACE::success();
    OTA_TRY(auto tx, parts_.state.begin());
    OTA_TRY(const auto left, tx->value(checkpoint_name()));
    tx.reset();
    if (!left) return BOOST_OUTCOME_V2_NAMESPACE::success();
    std::size_t row = 0;
    std::from_chars(left->data(), left->data() + left->size(), row);
    csv_.skip_to(row);
    report_.resumed_at = done_ = row;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<import_report> importer::run() {
    told_ = parts_.now();
    OTA_TRY(read_header());
    OTA_TRY(go_on_where_left());
    while (true) {
        const auto said = csv_.next();
        if (said == csv_reader::outcome::end) break;
        OTA_TRY(take_line(said));
        if (report_.rows % rows_between_clocks == 0) progress();
    }
    OTA_TRY(close_card());
    OTA_TRY(write_batch(true));
    csv_.wipe();
    return report_;
}

wire::result<void> importer::take_line(csv_reader::outcome said) {
    const auto row = csv_.line();
    const bool shaped = said == csv_reader::outcome::line && csv_.fields().size() == columns_.width();
    const auto iccid = shaped ? std::string(columns_.of(csv_.fields(), import_columns::iccid)) : std::string();
    if (card_ && (!shaped || iccid.empty() || iccid != group_)) {
        OTA_TRY(close_card());
    }
    ++report_.rows;
    if (!shaped) {
        const bool quotes = said == csv_reader::outcome::malformed;
        tell({row, false, "row",
              quotes ? "a quotation mark is not closed, or text follows one"
                     : "has " + std::to_string(csv_.fields().size()) + " fields, the header " +
                           std::to_string(columns_.width())});
        ++report_.rejected;
        done_ = row;
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    if (!card_) {
        card_.emplace();
        group_ = iccid;
        good_rows_.clear();
    }
    if (reader_.read(csv_.fields(), row, *card_)) good_rows_.push_back(row);
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

/// The rows of a card are all read: it waits for its transaction, or is rejected whole, so that a card never gets only
/// some of its key versions.
wire::result<void> importer::close_card() {
    if (!card_) return BOOST_OUTCOME_V2_NAMESPACE::success();
    auto card = std::move(*card_);
    card_.reset();
    if (card.bad) {
        for (auto row : good_rows_) tell({row, false, "iccid", "another row of this card is rejected"});
        report_.rejected += card.rows;
        done_ = card.last_row;
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    if (in_batch_.count(card.iccid) != 0 || cards_.size() >= options_.batch) {
        OTA_TRY(write_batch(false));
    }
    in_batch_.insert(card.iccid);
    done_ = card.last_row;
    cards_.push_back(std::move(card));
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> importer::write_batch(bool last) {
    for (int tries = 1;; ++tries) {
        auto written = try_batch(last);
        if (written) break;
        // A busy gateway, or another tool with the same id: the same batch again.
        const bool passing = written.error() == store::errc::busy || written.error() == store::errc::duplicate ||
                             written.error() == store::errc::conflict;
        if (!passing || tries == most_tries) return written;
        std::this_thread::sleep_for(retry_pause);
    }
    cards_.clear();
    in_batch_.clear();
    progress();
    if (!last && parts_.stopped && parts_.stopped()) return errc::stopped;
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<void> importer::try_batch(bool last) {
    OTA_TRY(auto tx, parts_.state.begin());
    import_batch batch(parts_, *tx, ids_);
    OTA_TRY(batch.apply(cards_));
    if (!options_.fingerprint.empty()) {
        // The last row before the cards that are not written yet: rows behind it come again after a crash.
        const auto row = std::to_string(cards_.empty() ? done_ : cards_.back().last_row);
        OTA_TRY(tx->set_value(checkpoint_name(), last ? std::nullopt : std::optional<std::string_view>(row)));
    }
    OTA_TRY(tx->commit());
    const auto& did = batch.report();
    report_.added += did.added;
    report_.changed += did.changed;
    report_.unchanged += did.unchanged;
    report_.rejected += did.rejected;
    report_.released += did.released;
    for (const auto& f : batch.faults()) tell(f);
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

void importer::progress() {
    const auto now = parts_.now();
    if (!parts_.on_progress || now - told_ < std::chrono::seconds(1)) return;
    told_ = now;
    parts_.on_progress(report_);
}

}  // namespace

wire::result<import_report> import_cards(std::istream& in, const import_parts& parts, const import_options& options) {
    return importer(in, parts, options).run();
}

std::string fingerprint_of(std::istream& in) {
    // A chain of digests: the file may be larger than memory.
    constexpr std::size_t chunk = 1u << 20;
    std::array<std::uint8_t, 32> digest{};
    wire::octets piece(digest.size() + chunk);
    while (true) {
        in.read(reinterpret_cast<char*>(piece.data() + digest.size()), chunk);
        const auto got = static_cast<std::size_t>(in.gcount());
        if (got == 0) break;
        std::copy(digest.begin(), digest.end(), piece.begin());
        digest = secure_channel::sha256(wire::octet_view(piece).first(digest.size() + got));
    }
    const secure_channel::secret wiped(std::move(piece));
    return wire::to_hex(digest);
}

}  // namespace ota::cards
