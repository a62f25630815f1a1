#pragma once

#include "gateway/api/book.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace ota::api {

/// What came of a reload: all of it, or nothing.
struct reload_result {
    bool done = false;
    std::uint64_t generation = 1;      ///< of the settings that run now
    std::vector<std::string> changed;  ///< a phrase each, never a value
    std::vector<std::string> faults;   ///< every one, with file and line; nothing was taken over
};

/// The settings that run.
struct running_settings {
    std::uint64_t generation = 1;  ///< 1: those of the start
    std::chrono::system_clock::time_point loaded_at{};
    std::string file;  ///< empty: they came from no file, and cannot be reloaded
    std::shared_ptr<const gateway_settings> settings;
};

struct settings_parts {
    std::function<reload_result()> reload;      ///< any thread
    std::function<running_settings()> running;  ///< any thread
};

///     POST /api/v1/reload    (operate)  200 {"generation":2,"changed":["route a: rate"]}
///                                       422 a problem with "faults":["otagw.yaml:12: error: ..."]: nothing was taken
///                                       over
///     GET  /api/v1/settings  (read)     what runs, without a secret
void add_settings_calls(book&, settings_parts);

}  // namespace ota::api
