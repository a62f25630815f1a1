#pragma once

#include "management-object/elementary_file.hpp"

#include <algorithm>

/// Scripts by hand: which octets of which files are written, in an order that a reader can trust. The gateway plans its
/// own.
namespace ota::management_object {

/// What commands cost, in octets of script: compact scripts, class 00.
struct command_costs {
    std::size_t select_first = 7;  ///< SELECT of the first file: by identifier 7, by path 5 and 2 for each step
    std::size_t select_next = 7;   ///< of a further file in the same directory
    std::size_t update = 5;        ///< header of UPDATE BINARY
    std::size_t longest = 255;     ///< octets that one UPDATE BINARY carries
};

/// One file of the script.
struct file_step {
    std::uint16_t file = 0;
    wire::octet_view from;  ///< what it holds; empty: all of it is written
    wire::octet_view to;    ///< what it shall hold
};

struct file_run {
    std::uint16_t file = 0;
    patch run;
    auto operator<=>(const file_run&) const = default;
};

/// The runs in the order in which they are written. Files that keep what they have take no part.
struct script_plan {
    std::vector<file_run> runs;
    std::size_t octets = 0;  ///< SELECT and UPDATE BINARY commands in all
    std::size_t commands = 0;
    bool operator==(const script_plan&) const = default;
};

inline script_plan plan_script(const std::vector<file_step>& steps, const command_costs& costs = {}) {
    script_plan out;
    for (const auto& step : steps) {
        const bool known = step.from.size() == step.to.size();
        std::vector<patch> runs;
        if (known) runs = difference(step.from, step.to, costs.update, costs.longest);
        for (std::size_t at = 0; !known && at < step.to.size(); at += costs.longest) {
            const auto part = step.to.subspan(at, std::min(costs.longest, step.to.size() - at));
            runs.push_back({at, {part.begin(), part.end()}});
        }
        if (runs.empty()) continue;
        out.octets += out.commands == 0 ? costs.select_first : costs.select_next;
        ++out.commands;
        for (auto& run : runs) {
            out.octets += costs.update + run.octets.size();
            ++out.commands;
            out.runs.push_back({step.file, std::move(run)});
        }
    }
    return out;
}

/// What a file holds after the first `runs` of the plan.
inline wire::octets after_runs(const script_plan& plan, std::uint16_t file, wire::octet_view from, std::size_t runs) {
    wire::octets out(from.begin(), from.end());
    for (std::size_t i = 0; i < std::min(runs, plan.runs.size()); ++i) {
        const auto& [where, run] = plan.runs[i];
        if (where != file) continue;
        if (out.size() < run.offset + run.octets.size()) out.resize(run.offset + run.octets.size(), 0xFF);
        std::ranges::copy(run.octets, out.begin() + static_cast<std::ptrdiff_t>(run.offset));
    }
    return out;
}

}  // namespace ota::management_object
