#pragma once

#include "gateway/store/store.hpp"

/// A whole store as pages of rows: for moving it to another kind of store (`copy`), and nothing else.
namespace ota::store {

/// A card that has or had a number.
struct number_row {
    std::string msisdn;
    wall_time since{};
    card_id card = 0;
    auto operator<=>(const number_row&) const = default;
};

struct offset_row {
    std::string source;
    std::int32_t partition = 0;
    source_position at;
    bool operator==(const offset_row&) const = default;
};

/// What a transaction of a store that can be moved offers beside its verbs. Pages are in the order of the key and come
/// behind the row given (a default one: from the first); an empty page is the end.
class whole {
public:
    virtual ~whole() = default;
    [[nodiscard]] virtual wire::result<std::vector<number_row>> numbers_after(const number_row&, std::size_t limit) = 0;
    [[nodiscard]] virtual wire::result<std::vector<event_row>> events_after(event_seq, std::size_t limit) = 0;
    [[nodiscard]] virtual wire::result<std::vector<submission_row>> submissions_after(const submission_row&,
                                                                                      std::size_t limit) = 0;
    [[nodiscard]] virtual wire::result<std::vector<history_row>> history_after(std::int64_t seq, std::size_t limit) = 0;
    [[nodiscard]] virtual wire::result<std::vector<device_account>> accounts_after(const device_account&,
                                                                                   std::size_t limit) = 0;
    [[nodiscard]] virtual wire::result<std::vector<later_state>> later_states_after(event_seq, std::size_t limit) = 0;
    [[nodiscard]] virtual wire::result<std::vector<offset_row>> offsets() = 0;
    /// Receipts that wait for their submission.
    [[nodiscard]] virtual wire::result<std::vector<receipt_mark>> waiting_receipts() = 0;
    /// Notes holders of numbers as they were, without giving or taking any.
    [[nodiscard]] virtual wire::result<void> note_numbers(std::span<const number_row>) = 0;
    /// Rows with ids from `first` to `last` are going to come: where a store lays them out by time, it makes ready for
    /// them.
    [[nodiscard]] virtual wire::result<void> make_room(std::int64_t first, std::int64_t last) {
        (void)first, (void)last;
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
};

}  // namespace ota::store
