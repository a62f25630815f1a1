#pragma once

#include "queue/tools/letter_box.hpp"

#include <variant>

namespace ota::queue::tools {

/// Why a payload cannot be opened.
struct payload_fault {
    std::string what;
};

/// What died.
struct opened_letter {
    std::string payload;
    record_headers headers;
};

/// Payload and headers, opened with the key at hand, or with the old one (`--old-kek`) when there is one; else why not,
/// and what to do.
[[nodiscard]] std::variant<opened_letter, payload_fault> open_letter(const dead_letter&, const surroundings&,
                                                                     const std::string& old_kek);

/// What became of the replay of one dead letter.
struct replay_outcome {
    enum class kind : std::uint8_t {
        replayed,  ///< `id` and `as` say what lies among the changes now, and where; `why` when it could not be marked
                   ///< so
        no_letter,
        already,   ///< it was replayed before, and `again` was not asked for
        no_event,  ///< its payload cannot be opened, or still is no event
        failed,    ///< nobody says that it is there
    };
    kind is = kind::failed;
    std::string id, as, why;
    bool hopeless = false;  ///< the next one would fail alike
};

struct replay_choice {
    bool again = false;   ///< also when it was replayed before
    std::string new_id;   ///< the event gets this id; empty: its own
    std::string old_kek;  ///< key file for payloads from before a rewrap; may be empty
};
[[nodiscard]] replay_outcome replay_letter(letter_box&, const letter_place&, const replay_choice&, const surroundings&);

/// Replays what was asked for, or all that were not replayed yet (of one reason, when given).
struct replay_request {
    std::vector<std::string> which;  ///< places or ids
    bool all = false;
    bool again = false;  ///< also what was replayed before
    std::string reason;
    std::string old_kek;  ///< key file for payloads from before a rewrap; may be empty
    std::string new_id;   ///< for one dead letter only: its event gets this id
};
[[nodiscard]] int replay(const replay_request&, letter_box&, streams, const surroundings&);

/// The place that a text names: a place itself, or the id of one dead letter's event. Empty: said on the error stream.
[[nodiscard]] std::optional<letter_place> find_letter(letter_box&, const std::string& which, streams);

}  // namespace ota::queue::tools
