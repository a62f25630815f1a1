#pragma once

#include "gateway/api/activity.hpp"
#include "gateway/api/book.hpp"
#include "gateway/api/change_intake.hpp"
#include "gateway/api/overview.hpp"
#include "gateway/cards/commands.hpp"
#include "gateway/cards/desk.hpp"
#include "gateway/smpp/route_status.hpp"
#include "queue/tools/letter_box.hpp"

/// The groups of calls. What they are given outlives the book; the functions are called on the server's threads.
namespace ota::api {

using gateway_voice = std::function<cards::gateway_voice()>;
using route_list = std::function<std::vector<smpp::route_status>()>;

/// List, sheet, events, timeline and explanation of cards.
void add_cards(book&, const cards::desk&, gateway_voice);
/// Suspend, resume, repair, replace, erase.
void add_card_deeds(book&, const cards::desk&);
/// What is recorded of a card's packets; one of them opened.
void add_packets(book&, const cards::desk&);
/// The nodes of a card, with their values.
void add_nodes(book&, const cards::desk&);
/// Packets and PDUs from anywhere, opened.
void add_inspector(book&, const cards::desk&);
/// Change events in, what became of them, cancelling. `sources`: those that an id without a source is looked for under,
/// asked for with each call.
void add_changes(book&, const cards::desk&, change_intake&, std::function<std::vector<std::string>()> sources);

struct letter_room {
    std::function<wire::result<std::unique_ptr<queue::tools::letter_box>>()>
        open;                           ///< anew for each call: tools replay too
    queue::tools::surroundings around;  ///< opens payloads
};
/// Dead letters: list, one, replay.
void add_dead_letters(book&, letter_room);
/// Routes and paused profiles.
void add_routes(book&, const cards::desk&, route_list);
/// What passes, as server-sent events.
void add_events(book&, const http::event_feed&, const http::token_table&);
void add_overview(book&, overview_parts);
/// Who calls.
void add_me(book&);

}  // namespace ota::api
