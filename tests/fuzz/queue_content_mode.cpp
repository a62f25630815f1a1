// A record with headers from anyone: lines "name:value" up to an empty one, then the payload. Whatever is taken in
// binary mode is the same event in structured mode.

#include "queue/content_mode.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace ota::queue;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    record_headers headers;
    for (;;) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty()) break;
        const auto colon = line.find(':');
        headers.emplace_back(line.substr(0, colon), colon == std::string_view::npos ? "" : line.substr(colon + 1));
    }
    const auto read = parse_event(text, {}, headers);
    if (!in_binary_mode(headers)) return 0;
    const auto whole = to_structured_mode(text, headers);
    const auto again = parse_event(whole, {});
    const auto* event = std::get_if<change_event>(&read);
    const auto* same = std::get_if<change_event>(&again);
    if ((event == nullptr) != (same == nullptr)) std::abort();
    if (event != nullptr && event->content_hash != same->content_hash) std::abort();
    const auto* bad = std::get_if<unreadable>(&read);
    if (bad != nullptr && (bad->reason.empty() || bad->detail.empty())) std::abort();
    return 0;
}
