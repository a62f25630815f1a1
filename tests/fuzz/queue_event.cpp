// A change event from anyone: read, and whatever is taken can be written and read again as the same event.

#include "queue/dead_letter.hpp"
#include "queue/event.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace ota::queue;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)parse_dead_letter(text);
    (void)parse_headers(text);
    (void)parse_replay_mark(text);
    const auto read = parse_event(text, {});
    if (const auto* bad = std::get_if<unreadable>(&read)) {
        if (bad->reason.empty() || bad->detail.empty()) std::abort();
        if (!bad->dead_letter && (bad->id.empty() || bad->source.empty() || bad->subject.empty())) std::abort();
        return 0;
    }
    const auto& event = std::get<change_event>(read);
    const auto written = serialize_event(event);
    const auto again = parse_event(written, event.subject);
    const auto* same = std::get_if<change_event>(&again);
    if (same == nullptr || serialize_event(*same) != written) std::abort();
    return 0;
}
