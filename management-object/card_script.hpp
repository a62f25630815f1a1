#pragma once

#include "management-object/elementary_file.hpp"

#include <functional>

/// How the files of a management object are brought from one content to the next: which octets are written where, in an
/// order that a reader can trust, and what that costs.
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
    wire::octet_view from;  ///< what it holds, when that is confirmed; else empty: all of it is written
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

/// Plans the steps in their order: the object's file first, then (for pairs of files) the directory that points to it, the
/// control file last, so that it confirms the others. `whole`: without a look at what the files hold, up to where their
/// new content ends.
[[nodiscard]] script_plan plan_script(const std::vector<file_step>&, const command_costs& = {}, bool whole = false);
/// One UPDATE BINARY after another, applied to files of the plan: what a file holds after the first `runs` of them.
[[nodiscard]] wire::octets after_runs(const script_plan&, std::uint16_t file, wire::octet_view from, std::size_t runs);

/// Messages that a script of so many octets takes.
using message_count = std::function<std::size_t(std::size_t octets)>;

/// The ways to bring a change to an object's file. For a pair there is but one: `plan_script` of the spare file, the directory that
/// points to it, and the control file.
struct change_costs {
    script_plan patch;    ///< only what differs
    script_plan rewrite;  ///< the whole object
    std::size_t patch_messages = 0, rewrite_messages = 0;
};

/// The files of one object. Those that are not `confirmed` are planned whole.
struct object_files {
    file_step object;
    file_step control;
};
[[nodiscard]] change_costs plan_change(const object_files&, const command_costs&, const message_count&);

}  // namespace ota::management_object
