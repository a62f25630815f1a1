#include "queue/embedded/embedded_sink.hpp"

#include "queue/embedded/retention.hpp"
#include "queue/errc.hpp"

namespace ota::queue {
namespace {
constexpr auto retention_interval = std::chrono::minutes(1);
}

std::filesystem::path topic_directory(const std::filesystem::path& root, std::string_view topic) {
    return root / topic;
}

wire::result<std::unique_ptr<embedded_sink>> embedded_sink::open(const std::filesystem::path& root, options o) {
    if (!o.now) o.now = [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); };
    std::unique_ptr<embedded_sink> out(new embedded_sink(root, std::move(o)));
    // The two topics that the gateway cannot do without: a directory that cannot be written shows at the start.
    OTA_TRY(out->log_of(topic_status));
    OTA_TRY(out->log_of(topic_dead_letters));
    return out;
}

wire::result<embedded_sink::topic_log*> embedded_sink::log_of(const std::string& topic) {
    if (auto found = logs_.find(topic); found != logs_.end()) return &found->second;
    OTA_TRY(auto log, embedded_log::open(topic_directory(root_, topic), options_.log));
    return &logs_.emplace(topic, topic_log{std::move(log)}).first->second;
}

wire::result<void> embedded_sink::publish(const std::vector<message>& messages) {
    std::map<std::string_view, std::vector<embedded::entry>> by_topic;
    for (const auto& m : messages)
        by_topic[m.topic].push_back({m.key, m.value, m.headers.empty() ? nullptr : &m.headers});
    const auto now = options_.now();
    for (const auto& [name, batch] : by_topic) {
        const std::string topic(name);
        OTA_TRY(auto* log, log_of(topic));
        const auto appended = log->log.append(batch, now);
        if (!appended) {
            // After a failed sync the log must be opened again; the next publish does so.
            if (appended.error() == errc::sync_failed) logs_.erase(topic);
            return appended.error();
        }
        retain(topic, *log, appended.value().end, now);
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

void embedded_sink::retain(const std::string& topic, topic_log& log, std::int64_t end, wall_time now) {
    const auto keep = options_.keep.find(topic);
    if (keep == options_.keep.end() || now < log.retention_due) return;
    log.retention_due = now + retention_interval;
    // Housekeeping: a failure is made up for a minute later.
    (void)remove_segments(log.log.directory(), end, now - keep->second);
}

}  // namespace ota::queue
