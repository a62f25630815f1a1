#pragma once

#include "gateway/cards/commands.hpp"
#include "gateway/cards/show.hpp"
#include "gateway/flow/reasons.hpp"

namespace ota::cards {

/// Why a card waits, what comes next and who must act, in sentences.
struct explanation {
    std::vector<std::string> why;
    std::vector<std::string> next;
    std::vector<std::string> act;  ///< empty: nobody has to
};

/// `profile`: the card's; nothing when it is not configured. `gateway`: what it says of itself, when it was asked.
[[nodiscard]] explanation explain(const card_sheet&, const card_profile* profile, store::wall_time now,
                                  const gateway_voice& gateway = {});
/// Of a card that is not imported: whether events are parked for it (R23). `errc::unknown_card` when there are none.
[[nodiscard]] wire::result<explanation> explain_unknown(const desk&, const std::string& iccid);
void print_explanation(const explanation&, std::ostream&);
[[nodiscard]] std::string serialize_explanation(const explanation&, std::string_view iccid);  ///< one JSON object

/// The entry of a reason code; nothing when it is not one of the gateway's.
[[nodiscard]] const flow::reason::entry* entry_of(std::string_view code) noexcept;
[[nodiscard]] std::string_view name_of(flow::reason::actor) noexcept;

}  // namespace ota::cards
