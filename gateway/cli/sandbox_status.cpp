#include "gateway/cli/sandbox_status.hpp"

#include "queue/timestamp.hpp"

#include <boost/json.hpp>

namespace ota::cli {

std::optional<seen_status> parse_status(std::string_view json) {
    boost::system::error_code ec;
    const auto value = boost::json::parse(json, ec);
    if (ec || !value.is_object()) return std::nullopt;
    const auto* data = value.as_object().if_contains("data");
    const auto* time = value.as_object().if_contains("time");
    if (data == nullptr || !data->is_object() || time == nullptr || !time->is_string()) return std::nullopt;
    const auto text = [&](const char* name) -> std::string {
        const auto* v = data->as_object().if_contains(name);
        return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string{};
    };
    seen_status out;
    out.event_id = text("event_id");
    out.state = text("state");
    out.reason = text("reason");
    const auto* final = data->as_object().if_contains("final");
    out.final = final != nullptr && final->is_bool() && final->as_bool();
    if (auto at = queue::parse_timestamp(std::string_view(time->as_string()))) out.at = *at;
    return out;
}

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
        if (const auto status = parse_status(next.value()->content.payload)) take(*status, out, now_final);
    }
}

void status_follower::take(const seen_status& status, sandbox_outcome& out, std::vector<std::string>& now_final) {
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
