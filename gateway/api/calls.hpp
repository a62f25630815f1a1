#pragma once

#include "gateway/api/activity.hpp"
#include "gateway/api/book.hpp"
#include "gateway/api/change_intake.hpp"
#include "gateway/api/overview.hpp"
#include "gateway/cards/commands.hpp"
#include "gateway/cards/desk.hpp"
#include "gateway/smpp/route_status.hpp"

/// The groups of calls. What they are given outlives the book; the functions are called on the server's threads.
namespace ota::api {

using gateway_voice = std::function<cards::gateway_voice()>;
using route_list = std::function<std::vector<smpp::route_status>()>;

/// List, sheet, events, timeline and explanation of cards.
void add_cards(book&, const cards::desk&, gateway_voice);
/// Suspend, resume, repair, replace.
void add_card_deeds(book&, const cards::desk&);
/// Change events in, what became of them, cancelling. `sources`: those that an id without a source is looked for under.
void add_changes(book&, const cards::desk&, change_intake&, std::vector<std::string> sources);

/// Routes and paused profiles.
void add_routes(book&, const cards::desk&, route_list);
/// What passes, as server-sent events.
void add_events(book&, const http::event_feed&, const http::token_table&);
void add_overview(book&, overview_parts);
/// Who calls.
void add_me(book&);

}  // namespace ota::api
