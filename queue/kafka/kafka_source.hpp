#pragma once

#include "queue/event_source.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

namespace ota::queue {

struct kafka_source_options {
    std::string topic = "dm.mo.changes";
    std::string group = "otagw";  ///< group.id
    /// librdkafka's properties, "bootstrap.servers" among them; they override ours, except enable.auto.commit,
    /// enable.auto.offset.store and allow.auto.create.topics, which stay false.
    std::map<std::string, std::string, std::less<>> properties;
    bool from_end = false;  ///< where a partition that was never read starts: at its oldest record, or at its end
    /// Partitions that the topic must have; 0: as many as are seen first (`partition_count`).
    std::int32_t partitions = 0;
    /// R3: grows when the store is recovered after a restore; then it may be behind what its group has committed.
    std::int64_t epoch = 0;
    std::function<void(int level, std::string_view line)>
        log;                                        ///< of librdkafka, syslog levels; called from its threads
    std::chrono::milliseconds look_interval{5000};  ///< between two looks at the topic
    std::chrono::milliseconds answer_time{3000};    ///< for one request, before the brokers count as away
    std::chrono::milliseconds commit_interval{1000};
    std::chrono::milliseconds rejoin_pause{10000};  ///< before a member that the group has put out comes back
};

/// Change events from a topic of Apache Kafka, shared with the other members of a consumer group.
///
/// What the topic is bound by: a stored position carries the mark of the record before it, and a partition yields
/// nothing until that record has been found there again. After every outage, and when the topic was away, each
/// partition is lost and gained anew, so that this is looked at again. The number of partitions must stay what it was:
/// order per card depends on it.
///
/// An error of `pull` or `seek` is a std::error_code that compares with kafka::errc, with the broker's words and the
/// setting in its message; it ends by itself when its cause does. Nothing here waits for a broker, except that `seek`
/// waits for up to 250 ms and the destructor for one answer (`answer_time`) and the farewell of its member (3 s).
class kafka_source final : public event_source {
public:
    using options = kafka_source_options;

    /// `kafka::errc::bad_setting` only: that no broker answers is said by `pull`.
    [[nodiscard]] static wire::result<std::unique_ptr<kafka_source>> open(options);
    ~kafka_source() override;

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] reassignment reassigned() override;
    /// `kafka::errc::topic_recreated`, `offset_removed`, `store_behind`, `partitions_changed`, `not_assigned`;
    /// `not_ready` while the position is being verified for the first time, `unreachable` and the like: ask again.
    [[nodiscard]] wire::result<void> seek(std::int32_t partition, std::optional<position>) override;
    [[nodiscard]] wire::result<std::vector<record>> pull(std::size_t limit) override;
    [[nodiscard]] bool wait(int milliseconds) override;
    void commit(std::int32_t partition, std::int64_t next_offset) override;
    [[nodiscard]] std::int64_t lag() const override;

    /// Of the topic, as seen first; 0 while nobody answered. To be kept in the store and given back as
    /// `options::partitions`.
    [[nodiscard]] std::int32_t partition_count() const;
    /// From now on the topic must have this many; nothing happens when it is what is expected already.
    void expect_partitions(std::int32_t);

private:
    struct attendant;
    explicit kafka_source(std::shared_ptr<attendant>);
    std::shared_ptr<attendant> attendant_;
};

}  // namespace ota::queue
