#pragma once

#include "sandbox/journal_record.hpp"
#include "sandbox/peers_options.hpp"
#include "sandbox/population.hpp"
#include "sandbox/uicc/terminal_channel.hpp"

#include <memory>
#include <string>

namespace ota::sandbox {

/// One card of a population on the table, in a terminal that was just switched on.
struct explored_card {
    /// index: within the population. The profile of the options is there.
    explored_card(const peers_options&, std::size_t index);
    explored_card(const explored_card&) = delete;
    explored_card& operator=(const explored_card&) = delete;

    /// Takes over what a journal says of this card. false: the record is of cards of another profile.
    [[nodiscard]] bool restore(const journal_record&);

    /// The same card in another terminal: what is selected here stays selected.
    [[nodiscard]] terminal_channel beside() { return {model, one, identity()}; }

    std::shared_ptr<const card_profile> profile;
    population who;
    std::size_t index;
    std::string iccid;
    card_model model;
    card one;
    terminal_channel terminal;

private:
    [[nodiscard]] card_identity identity() const;
};

/// which: a number within the population, or an ICCID. journal: a file of `otagw sandbox` whose cards are meant (its
/// seed and number of cards hold), or empty for a new card. Null with `error` filled when there is no such card or
/// journal.
[[nodiscard]] std::unique_ptr<explored_card> open_card(peers_options, const std::string& which,
                                                       const std::string& journal, std::string& error);

}  // namespace ota::sandbox
