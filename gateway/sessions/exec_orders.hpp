#pragma once

#include "gateway/dm/order.hpp"
#include "gateway/sessions/card_in_session.hpp"

/// Exec events of the card's objects: a session runs them, at most once (R17).
namespace ota::sessions {

struct due_exec {
    store::event_seq seq = 0;
    dm::step step;
};
/// Those that may run now. They are marked as sent: the card is to be stored before they go out.
[[nodiscard]] std::vector<due_exec> take_due_execs(card_in_session&, wall_time now);
/// Those that were told to the device before, and of which nothing came back.
[[nodiscard]] std::vector<store::event_seq> unanswered_execs(const card_in_session&);

enum class exec_end : std::uint8_t { open, applied, failed };
/// The device's Status to the Exec; 0: it told none.
exec_end on_exec_status(card_in_session&, store::event_seq, std::uint16_t code);
/// The generic alert that it was the correlator of: its result code [OMA FUMO 1.0, 9.1].
exec_end on_exec_result(card_in_session&, store::event_seq, std::optional<std::uint16_t> code);
/// It never went out: another session may take it.
void put_back_exec(card_in_session&, store::event_seq);
/// A whole session went by since it was told, and no word of it.
exec_end give_up_exec(card_in_session&, store::event_seq);

[[nodiscard]] std::string correlator_of(store::event_seq);
[[nodiscard]] std::optional<store::event_seq> exec_of_correlator(std::string_view);

}  // namespace ota::sessions
