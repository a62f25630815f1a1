#pragma once

#include "gateway/flow/outcome.hpp"

#include <string_view>

/// What a card's proof says of the nodes that a script wrote: reported becomes what was written, and events are done.
namespace ota::flow {

/// The image of the version that was written, as far as it is still known; else nothing. R2: a packet writes what it
/// was recorded with.
[[nodiscard]] const wire::octets* image_of_version(const twin&, const carried&) noexcept;

/// A command of the script that wrote a piece of a node was executed. Completes the events whose whole version is
/// proven.
void confirm_write(twin&, const card_profile&, const carried&, std::string_view why, effects&);

/// The control file attests the object that this packet, or one before it, wrote.
void confirm_object(twin&, const card_profile&, const carried&, std::string_view why, effects&);

}  // namespace ota::flow
