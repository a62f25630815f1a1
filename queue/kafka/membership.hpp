#pragma once

#include "queue/kafka/group_places.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace ota::queue::kafka {

/// A member of a consumer group that shares the partitions of one topic and reads none of them: its assignment stays
/// paused, the records are read by topic_reader. So rebalances are answered whatever the reader of records is doing.
/// One thread at a time.
class membership final : public listener {
public:
    struct options {
        std::string topic;
        std::string group;
        properties given;
        log_function log;
        std::int64_t epoch = 0;  ///< committed with each offset (group_place)
        /// Called while polling; what is revoked may go to another member as soon as the call returns.
        std::function<void(const std::vector<std::int32_t>&)> on_gained, on_lost;
        /// What may be committed for the partitions that are about to be revoked.
        std::function<std::map<std::int32_t, std::int64_t>(const std::vector<std::int32_t>&)> on_farewell;
    };
    [[nodiscard]] static wire::result<std::unique_ptr<membership>> join(options);
    /// What `join` would say against the properties, without joining.
    [[nodiscard]] static wire::result<void> check(options);
    ~membership() override;
    membership(const membership&) = delete;
    membership& operator=(const membership&) = delete;

    /// Serves the group for at most this long.
    void poll(std::chrono::milliseconds);
    /// Why the group does not take this member, as last told; empty when it does.
    [[nodiscard]] const std::error_code& why_not() const noexcept { return why_not_; }
    /// Nothing will come of this member any more: it must be replaced by a new one.
    [[nodiscard]] bool dead() const noexcept { return dead_; }
    [[nodiscard]] bool joined() const noexcept { return joined_; }

    /// Offsets for the tools that show lag; nothing waits for them. False when they should be offered again.
    [[nodiscard]] bool commit(const std::map<std::int32_t, std::int64_t>&);
    /// How far the group has come, whoever of it.
    [[nodiscard]] wire::result<group_places> places(const std::vector<std::int32_t>&,
                                                    std::chrono::milliseconds patience);
    [[nodiscard]] const std::string& group() const noexcept { return options_.group; }
    /// The last commit, waited for as long as this; then leaves the group (a static member stays until its session
    /// ends).
    void leave(const std::map<std::int32_t, std::int64_t>& last, std::chrono::milliseconds patience);

private:
    explicit membership(options);
    [[nodiscard]] static wire::result<std::unique_ptr<membership>> open(options);
    void on_rebalance(int what, rd_kafka_topic_partition_list_s*) override;
    void gained(rd_kafka_topic_partition_list_s*);
    void lost(rd_kafka_topic_partition_list_s*);
    void take_error(int code, const std::string& words);
    [[nodiscard]] handle<rd_kafka_topic_partition_list_s> as_list(const std::map<std::int32_t, std::int64_t>&) const;

    options options_;
    handle<rd_kafka_s> client_;
    std::error_code why_not_;
    bool dead_ = false, joined_ = false;
};

}  // namespace ota::queue::kafka
