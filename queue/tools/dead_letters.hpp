#pragma once

#include "queue/embedded/log_reader.hpp"
#include "queue/tools/commands.hpp"

#include <functional>
#include <map>
#include <variant>

namespace ota::queue::tools {

/// Why a payload cannot be opened.
struct payload_fault {
    std::string what;
};

/// The dead-letter log, read as often as asked for and never held in memory.
class dead_letter_log {
public:
    [[nodiscard]] static wire::result<dead_letter_log> open(const std::filesystem::path& root);

    using visitor = std::function<void(std::int64_t offset, const dead_letter&)>;
    /// Every dead letter, oldest first. `damaged` counts what could not be read.
    [[nodiscard]] wire::result<void> each(const visitor&);
    /// `errc::bad_dead_letter` when none starts at this offset.
    [[nodiscard]] wire::result<dead_letter> at(std::int64_t offset);
    /// When a dead letter was last replayed; empty when never.
    [[nodiscard]] std::optional<wall_time> replayed(std::int64_t offset) const;
    [[nodiscard]] std::size_t damaged() const noexcept { return damaged_; }

private:
    explicit dead_letter_log(log_reader reader) : reader_(std::move(reader)) {}
    wire::result<void> read_marks();

    log_reader reader_;
    std::map<std::int64_t, wall_time> replayed_;
    std::size_t damaged_ = 0;
};

/// The payload, opened with the key at hand, or with the old one (`--old-kek`) when there is one; else why not, and
/// what to do.
[[nodiscard]] std::variant<std::string, payload_fault> open_payload(const dead_letter&, const surroundings&,
                                                                    const std::string& old_kek);

/// Replays what was asked for: offsets, or all that were not replayed yet (of one reason, when given).
struct replay_request {
    std::filesystem::path root;
    std::vector<std::int64_t> offsets;
    bool all = false;
    std::string reason;
    std::string old_kek;  ///< key file for payloads from before a rewrap; may be empty
    std::string new_id;   ///< for one dead letter only: its event gets this id
};
[[nodiscard]] int replay(const replay_request&, dead_letter_log&, streams, const surroundings&);

}  // namespace ota::queue::tools
