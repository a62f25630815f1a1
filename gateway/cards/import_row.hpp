#pragma once

#include "gateway/cards/import.hpp"
#include "gateway/cards/labels.hpp"
#include "gateway/flow/keyring.hpp"

#include <array>
#include <optional>
#include <vector>

/// One card of an import, before the store knows it. Seen only inside this room.
namespace ota::cards {

/// Which field of a line each column is.
class import_columns {
public:
    enum column : std::uint8_t { iccid, msisdn, profile, kvn, kic_key, kid_key, mac_length, counter, labels };
    static constexpr std::size_t count = 9;
    static constexpr std::array<std::string_view, count> names{"iccid",   "msisdn",     "profile", "kvn",   "kic_key",
                                                               "kid_key", "mac_length", "counter", "labels"};

    /// A sentence when the header is not good: an unknown column (never repeated in full: a file without a header
    /// begins with a row of keys), one twice, or a required one missing.
    [[nodiscard]] std::optional<std::string> read(const std::vector<std::string>& header);
    /// The field of a column; empty when the file does not have it.
    [[nodiscard]] std::string_view of(const std::vector<std::string>& fields, column) const noexcept;
    [[nodiscard]] std::size_t width() const noexcept { return width_; }

private:
    std::array<std::optional<std::size_t>, count> at_;
    std::size_t width_ = 0;
};

/// A card as its rows say.
struct import_card {
    std::string iccid;
    std::string msisdn;  ///< empty: not said
    const card_profile* profile = nullptr;
    label_map labels;
    std::vector<flow::card_key> keys;                              ///< in the order of the rows
    std::vector<std::pair<std::uint8_t, std::uint64_t>> counters;  ///< key version and highest value used
    std::size_t first_row = 0, last_row = 0, rows = 0;
    bool bad = false;
};

/// The ICCID as it identifies a card: trailing filler removed (R21). Nothing when it is none of 18 to 20 digits.
[[nodiscard]] std::optional<std::string> iccid_of(std::string_view field);
/// The last digit checks the others [ITU-T E.118, 4.1].
[[nodiscard]] bool luhn_holds(std::string_view digits) noexcept;

/// Reads rows into cards and tells every fault of a row.
class import_row_reader {
public:
    import_row_reader(const import_columns& columns, const profile_set& profiles,
                      std::function<void(const row_fault&)> tell)
        : columns_(columns), profiles_(profiles), tell_(std::move(tell)) {}

    /// Adds a row to its card; false when the row is bad, and then the whole card is.
    bool read(const std::vector<std::string>& fields, std::size_t row, import_card& into);

private:
    void fault(import_columns::column, std::string what);
    void warn(import_columns::column, std::string what);
    void read_identity(import_card&);
    void read_profile(import_card&);
    void read_labels(import_card&);
    void read_key(import_card&);
    [[nodiscard]] secure_channel::secret read_key_field(const import_card&, import_columns::column);
    [[nodiscard]] std::string_view of(import_columns::column c) const { return columns_.of(*fields_, c); }

    const import_columns& columns_;
    const profile_set& profiles_;
    std::function<void(const row_fault&)> tell_;
    const std::vector<std::string>* fields_ = nullptr;
    std::size_t row_ = 0;
    bool good_ = true;
};

}  // namespace ota::cards
