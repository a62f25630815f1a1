#include "gateway/audit/chain.hpp"

namespace ota::audit {

std::optional<std::string> chain::follow(std::string_view line) {
    auto next = parse(line);
    if (!next) return "is no record, or was altered";
    const bool begins = records_ == 0;
    if (begins && next->at.seq == 1 && next->previous != head().hash) return "is record 1 but follows on another";
    if (!begins && next->at.seq != at_.seq + 1) {
        return "is record " + std::to_string(next->at.seq) + " where " + std::to_string(at_.seq + 1) + " should stand";
    }
    if (!begins && next->previous != at_.hash) return "does not follow on the record before it";
    if (begins) first_ = next->at.seq;
    ++records_;
    at_ = std::move(next->at);
    found_ = found_ || at_.hash == expected_;
    return std::nullopt;
}

}  // namespace ota::audit
