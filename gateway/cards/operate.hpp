#pragma once

#include "gateway/cards/desk.hpp"

#include <string>
#include <vector>

/// What an operator does to a card.
namespace ota::cards {

/// No packet goes to the card until it is resumed; what is in flight may still be answered.
[[nodiscard]] wire::result<void> suspend(const desk&, const std::string& iccid);
/// Ends suspension or quarantine; the card goes on as it was. `errc::not_suspended` when it is active.
[[nodiscard]] wire::result<void> resume(const desk&, const std::string& iccid);
/// Everything that is not proven goes back to unknown, blocks and quarantine are lifted: the next plans write it anew.
/// A suspended card stays suspended.
[[nodiscard]] wire::result<void> repair(const desk&, const std::string& iccid);
/// "key=value" sets, "key-" removes; the labels as they are now. All of them or none.
[[nodiscard]] wire::result<std::string> label(const desk&, const std::string& iccid,
                                              const std::vector<std::string>& changes);
/// Lifts the pause of a profile (R14); false when it was not paused. Its cards are looked at again within half a
/// minute.
[[nodiscard]] wire::result<bool> resume_profile(const desk&, const std::string& profile);

struct replacement {
    std::size_t ended = 0;             ///< open events of the old card
    std::vector<std::string> carried;  ///< URIs whose desired value the new card takes over
    std::vector<std::string> left;     ///< URIs that the new card's profile cannot take
    std::string number;                ///< that went to the new card; empty when it had one of its own
};
/// R21: ends the old card's open events, frees its number (the new card takes it when it has none), and with
/// `carry_over` gives the new card what the old one should hold, with reported unknown. The old card is `replaced` for
/// good.
[[nodiscard]] wire::result<replacement> replace(const desk&, const std::string& old_iccid, const std::string& new_iccid,
                                                bool carry_over);

/// Takes everything personal and secret of the card out of the store: number, labels, keys, desired and reported
/// values, timeline, submissions, accounts. Its open events end `rejected`. The row stays under its ICCID, so that what
/// comes late, or once more, meets it; the card cannot be imported again. How many events ended; of an erased card 0.
[[nodiscard]] wire::result<std::size_t> erase(const desk&, const std::string& iccid);

}  // namespace ota::cards
