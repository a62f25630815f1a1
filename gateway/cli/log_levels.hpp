#pragma once

#include "gateway/flow/corridor.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/profile/gateway_settings.hpp"

/// What the setting `log.level` means to those who write the log.
namespace ota::cli {

inline ops::level level_of(log_level l) {
    switch (l) {
        case log_level::debug: return ops::level::debug;
        case log_level::info: return ops::level::info;
        case log_level::warning: return ops::level::warning;
        case log_level::error: return ops::level::error;
    }
    return ops::level::info;
}

/// Events are copied for the log only as far as the log takes them.
inline flow::event_notes notes_for(log_level l) {
    if (l == log_level::debug) return flow::event_notes::all;
    return l == log_level::info ? flow::event_notes::ends : flow::event_notes::refusals;
}

}  // namespace ota::cli
