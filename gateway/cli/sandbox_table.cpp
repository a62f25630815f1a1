#include "gateway/cli/sandbox_run.hpp"

#include <algorithm>
#include <cstdio>

namespace ota::cli {

namespace {

double percentile(std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

std::string in_words(std::string_view name) {
    std::string words(name);
    std::ranges::replace(words, '_', ' ');
    return words;
}

/// A line for each kind of change: what the cards said, what devices told in sessions, and what devices really hold.
std::string kinds_of(const sandbox_outcome& out) {
    std::string text;
    char line[200];
    const auto put = [&](const char* format, auto... values) {
        std::snprintf(line, sizeof line, format, values...);
        text += line;
    };
    put("%-22s %8s %8s %7s | %12s %8s %7s | %7s %7s %8s %10s %6s %5s\n", "By kind", "changes", "applied", "other",
        "incorporated", "declined", "untold", "devices", "refused", "to ask", "no service", "unseen", "wrong");
    for (const auto& [kind, k] : out.by_kind) {
        const auto untold = k.expected - std::min(k.expected, k.incorporated + k.declined);
        put("  %-20s %8zu %8zu %7zu | %12zu %8zu %7zu | %7zu %7zu %8zu %10zu %6zu %5zu\n", kind.c_str(), k.events,
            k.applied, k.other, k.incorporated, k.declined, untold, k.held, k.refused, k.unanswered, k.unsupported,
            k.unseen, k.wrong);
    }
    text +=
        "  left: final states, by the cards' proofs; middle: what devices with an account told (untold: nothing yet);\n"
        "  right: what devices hold: as desired, refused by the user, the user has not answered, the model has no "
        "such\n"
        "  service, not looked at, not as desired\n";
    return text;
}

}  // namespace

std::string table_of(const sandbox_outcome& out) {
    std::string text;
    char line[160];
    const auto row = [&](const char* name, const char* format, auto... values) {
        int n = std::snprintf(line, sizeof line, "  %-34s ", name);
        std::snprintf(line + n, sizeof line - static_cast<std::size_t>(n), format, values...);
        text += line;
        text += '\n';
    };
    auto latencies = out.latencies_in_ms;
    std::sort(latencies.begin(), latencies.end());
    text += kinds_of(out) + "Changes\n";
    row("published", "%zu", out.published);
    for (const auto& [state, n] : out.by_state) row(state.c_str(), "%zu", n);
    row("not final", "%zu", out.published - out.final);
    for (const auto& [reason, n] : out.by_reason) row(("  because " + reason).c_str(), "%zu", n);
    text += "Short messages\n";
    row("submitted", "%zu", out.sms);
    row("per change", "%.2f",
        out.published == 0 ? 0.0 : static_cast<double>(out.sms) / static_cast<double>(out.published));
    text += "Time\n";
    row("whole run", "%.2f s", out.seconds);
    row("changes per second", "%.0f", out.seconds > 0 ? static_cast<double>(out.final) / out.seconds : 0.0);
    row("published to final, p50", "%.0f ms", percentile(latencies, 0.5));
    row("published to final, p99", "%.0f ms", percentile(latencies, 0.99));
    text += "Cards\n";
    row("files as desired", "%zu of %zu", out.files_compared - out.files_wrong, out.files_compared);
    if (out.objects_compared != 0)
        row("objects as desired", "%zu of %zu", out.objects_compared - out.objects_wrong, out.objects_compared);
    if (out.devices.devices != 0) {
        text += "Devices\n";
        for (const auto& [name, field] : sandbox::device_counts::names) {
            if (out.devices.*field != 0)
                row(in_words(name).c_str(), "%llu", static_cast<unsigned long long>(out.devices.*field));
        }
    }
    if (out.channels.pushes + out.radio.opened + out.radio.refused + out.radio.beyond != 0) {
        text += "Data channels\n";
        row("cards asked (PUSH)", "%zu", out.channels.pushes);
        row("opened for it", "%zu", out.channels.opened);
        row("came to nothing", "%zu", out.channels.failed);
        row("packets", "%zu", out.channels.packets);
        row("short messages saved", "%zu", out.channels.short_messages_saved);
        for (const auto& [name, field] : sandbox::radio_counts::names) {
            const auto n = static_cast<unsigned long long>(out.radio.*field);
            if (n != 0) row(in_words(name).c_str(), "%llu", n);
        }
    }
    text += "Network and SMSC\n";
    for (const auto& [name, n] : out.faults) {
        if (n != 0) row(in_words(name).c_str(), "%llu", static_cast<unsigned long long>(n));
    }
    constexpr std::size_t most_named = 20;
    if (!out.wrong.empty()) text += "Not as desired\n";
    for (std::size_t i = 0; i < std::min(out.wrong.size(), most_named); ++i) text += "  " + out.wrong[i] + '\n';
    if (out.wrong.size() > most_named) text += "  and " + std::to_string(out.wrong.size() - most_named) + " more\n";
    return text;
}

}  // namespace ota::cli
