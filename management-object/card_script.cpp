#include "management-object/card_script.hpp"

#include "management-object/control_file.hpp"

#include <algorithm>

namespace ota::management_object {
namespace {

/// All of the file when nothing is known of it; else, of a whole rewrite, as much as the new content or the old one takes.
std::size_t length_of_rewrite(const file_step& step) {
    if (step.from.size() != step.to.size()) return step.to.size();
    return std::max(used_length(step.from), used_length(step.to));
}

std::vector<patch> whole_runs(const file_step& step, std::size_t longest) {
    std::vector<patch> out;
    const auto end = length_of_rewrite(step);
    for (std::size_t at = 0; at < end;) {
        const auto part = step.to.subspan(at, std::min(longest, end - at));
        out.push_back({at, {part.begin(), part.end()}});
        at += part.size();
    }
    return out;
}

}  // namespace

script_plan plan_script(const std::vector<file_step>& steps, const command_costs& costs, bool whole) {
    script_plan out;
    const auto longest = std::max<std::size_t>(costs.longest, 1);
    for (const auto& step : steps) {
        const bool known = step.from.size() == step.to.size();
        auto runs = known && !whole ? difference(step.from, step.to, costs.update, longest) : whole_runs(step, longest);
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

wire::octets after_runs(const script_plan& plan, std::uint16_t file, wire::octet_view from, std::size_t runs) {
    wire::octets out(from.begin(), from.end());
    for (std::size_t i = 0; i < std::min(runs, plan.runs.size()); ++i) {
        const auto& [where, run] = plan.runs[i];
        if (where != file) continue;
        if (out.size() < run.offset + run.octets.size()) out.resize(run.offset + run.octets.size(), 0xFF);
        std::ranges::copy(run.octets, out.begin() + static_cast<std::ptrdiff_t>(run.offset));
    }
    return out;
}

change_costs plan_change(const object_files& files, const command_costs& costs, const message_count& messages) {
    change_costs out;
    out.patch = plan_script({files.object, files.control}, costs);
    out.patch_messages = messages(out.patch.octets);
    out.rewrite = plan_script({files.object}, costs, true);
    // The control file is patched in every case: it is ours, and small.
    auto commit = plan_script({files.control}, costs);
    out.rewrite.octets += commit.octets - (commit.commands == 0 ? 0 : costs.select_first) +
                          (commit.commands == 0 ? 0 : costs.select_next);
    out.rewrite.commands += commit.commands;
    std::ranges::move(commit.runs, std::back_inserter(out.rewrite.runs));
    out.rewrite_messages = messages(out.rewrite.octets);
    return out;
}

}  // namespace ota::management_object
