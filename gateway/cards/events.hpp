#pragma once

#include "gateway/cards/desk.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

/// Events as the store knows them.
namespace ota::cards {

/// A line of a card's timeline. The newest of a list that tells of a packet has the packet's short messages with it.
struct timeline_entry {
    store::history_row row;
    std::vector<store::submission_row> submissions;
};

struct event_sheet {
    store::event_row row;
    std::string phase;                        ///< of an open one: phase_of; else empty
    std::vector<timeline_entry> history;      ///< what happened to its card during its life, oldest first
    std::optional<store::later_state> later;  ///< what the device said after it was applied (flow::device_word)
};

/// The likely sources of an id without one, each once: those that the settings name in full, those of callers of the
/// API, of campaigns and of `otagw publish`.
[[nodiscard]] std::vector<std::string> known_sources(const gateway_settings&);
/// Every event with this id: the one of `source`, or of any source when that is empty. Without a source the `guesses`
/// are asked first; when none has it, every card's events are walked, which takes a while.
[[nodiscard]] wire::result<std::vector<store::event_row>> find_events(const desk&, const std::string& id,
                                                                      const std::string& source,
                                                                      const std::vector<std::string>& guesses);
[[nodiscard]] wire::result<event_sheet> look_up_event(const desk&, const store::event_row&);
/// The same of these sources only, without the walk.
[[nodiscard]] wire::result<std::vector<store::event_row>> find_events_of(const desk&, const std::string& id,
                                                                         const std::vector<std::string>& sources);
/// The card's newest events, newest first; `from`: from this one on (event_row::previous of the page before).
/// `errc::unknown_card`.
[[nodiscard]] wire::result<std::vector<store::event_row>> events_of(const desk&, const std::string& iccid,
                                                                    std::size_t limit, store::event_seq from = 0);
/// What happened to the card, newest first; `from` as above. `errc::unknown_card`.
[[nodiscard]] wire::result<std::vector<timeline_entry>> timeline_of(const desk&, const std::string& iccid,
                                                                    std::size_t limit, std::int64_t from = 0);

enum class cancel_outcome : std::uint8_t {
    cancelled,  ///< it is `rejected` now, with reason "cancelled"
    in_flight,  ///< decided by its own proof of receipt (R16)
    final_already,
    not_found,
};
[[nodiscard]] wire::result<cancel_outcome> cancel_event(const desk&, store::event_seq);

[[nodiscard]] std::string serialize_event_row(const store::event_row&);  ///< one JSON object
[[nodiscard]] std::string serialize_event_sheet(const event_sheet&);     ///< one JSON object
void print_event_sheet(const event_sheet&, std::ostream&);

}  // namespace ota::cards
