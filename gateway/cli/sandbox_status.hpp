#pragma once

#include "gateway/cli/sandbox_run.hpp"
#include "queue/embedded/log_reader.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <unordered_map>

namespace ota::cli {

/// Follows the status log of a run: what became final, when, and why; and what devices told afterwards.
class status_follower {
public:
    explicit status_follower(std::filesystem::path directory) : directory_(std::move(directory)) {}

    /// An event was published; `kind` is its line of the table.
    void expect(const std::string& id, const std::string& kind, queue::wall_time at) {
        open_.emplace(id, expected{kind, at});
    }
    /// Takes what is new into the outcome; identifiers of the events that became final.
    std::vector<std::string> follow(sandbox_outcome&);

    [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }
    [[nodiscard]] const std::unordered_map<std::string, std::string>& states() const noexcept { return states_; }
    /// A device said what became of the event.
    [[nodiscard]] bool told_by_device(const std::string& id) const { return told_.contains(id); }

private:
    struct expected {
        std::string kind;
        queue::wall_time at{};
    };
    void take(const queue::status_event&, sandbox_outcome&, std::vector<std::string>& now_final);

    std::filesystem::path directory_;
    std::optional<queue::log_reader> reader_;
    std::unordered_map<std::string, expected> open_;
    std::unordered_map<std::string, std::string> states_, kinds_;  // of the final ones, by event id
    std::set<std::string> told_;
};

}  // namespace ota::cli
