#pragma once

#include "gateway/cards/show.hpp"
#include "gateway/flow/reasons.hpp"

namespace ota::cards {

/// Why a card waits, what comes next and who must act, in sentences.
struct explanation {
    std::vector<std::string> why;
    std::vector<std::string> next;
    std::vector<std::string> act;  ///< empty: nobody has to
};

/// `profile`: the card's; nothing when it is not configured.
[[nodiscard]] explanation explain(const card_sheet&, const card_profile* profile, store::wall_time now);
void print_explanation(const explanation&, std::ostream&);
[[nodiscard]] std::string serialize_explanation(const explanation&, std::string_view iccid);  ///< one JSON object

/// The entry of a reason code; nothing when it is not one of the gateway's.
[[nodiscard]] const flow::reason::entry* entry_of(std::string_view code) noexcept;
[[nodiscard]] std::string_view name_of(flow::reason::actor) noexcept;

}  // namespace ota::cards
