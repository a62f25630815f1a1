#include "gateway/cli/sandbox_status.hpp"

#include "queue/status_reader.hpp"

namespace ota::cli {

std::vector<std::string> status_follower::follow(sandbox_outcome& out) {
    std::vector<std::string> now_final;
    if (!reader_) {
        auto opened = queue::log_reader::open(directory_);
        if (!opened) return now_final;
        reader_ = std::move(opened.value());
    }
    while (true) {
        auto next = reader_->next();
        if (!next || !next.value()) return now_final;
        if (const auto status = queue::parse_status(next.value()->content.payload)) take(*status, out, now_final);
    }
}

void status_follower::take(const queue::status_event& status, sandbox_outcome& out,
                           std::vector<std::string>& now_final) {
    const auto& id = status.event_id;
    if (!status.final) {
        const auto kind = kinds_.find(id);
        const bool from_device = status.state == "incorporated" || status.state == "declined";
        if (!from_device || kind == kinds_.end() || !told_.insert(id).second) return;  // statuses come at least once
        auto& line = out.by_kind[kind->second];
        ++(status.state == "declined" ? line.declined : line.incorporated);
        return;
    }
    const auto at = open_.find(id);
    if (at == open_.end()) return;
    out.latencies_in_ms.push_back(static_cast<double>((status.at - at->second.at).count()));
    auto& line = out.by_kind[at->second.kind];
    ++line.events;
    ++(status.state == "applied" ? line.applied : line.other);
    states_[id] = status.state;
    kinds_[id] = at->second.kind;
    open_.erase(at);
    now_final.push_back(id);
    ++out.final;
    ++out.by_state[status.state];
    if (!status.reason.empty()) ++out.by_reason[status.reason];
}

}  // namespace ota::cli
