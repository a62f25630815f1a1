#pragma once

#include "queue/event_source.hpp"
#include "queue/kafka/client.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <set>
#include <variant>

namespace ota::queue::kafka {

/// Reads partitions of one topic from offsets that it is told, outside of any group. Prefetches at most what
/// queued.max.messages.kbytes allows and fetches no more while nobody takes it: that is the back-pressure.
/// `wait` may be called from any thread, everything else wants one caller at a time.
class topic_reader final : public listener {
public:
    struct options {
        std::string topic;
        properties given;
        log_function log;
        bool tell_ends = false;  ///< `next` gives an `ended` where a started partition has nothing more for now
    };
    [[nodiscard]] static wire::result<std::unique_ptr<topic_reader>> open(options);
    ~topic_reader() override;
    topic_reader(const topic_reader&) = delete;
    topic_reader& operator=(const topic_reader&) = delete;

    using milliseconds = std::chrono::milliseconds;
    /// Of the topic, as the brokers know it now. `errc::unreachable`, `errc::refused`, `errc::missing_topic`.
    [[nodiscard]] wire::result<std::int32_t> partition_count(milliseconds timeout);
    struct extent {
        std::int64_t low = 0, high = 0;  ///< oldest offset, and the one that the next record will get
    };
    [[nodiscard]] wire::result<extent> extent_of(std::int32_t partition, milliseconds timeout);
    /// The first record at or behind the offset, of a partition that is not started.
    [[nodiscard]] wire::result<record> read_one(std::int32_t partition, std::int64_t offset, milliseconds timeout);

    [[nodiscard]] wire::result<void> start(std::int32_t partition, std::int64_t offset);
    /// What was fetched of it and not taken is gone.
    void stop(std::int32_t partition);

    struct trouble {
        std::int32_t partition = 0;
        std::error_code why;
    };
    struct ended {
        std::int32_t partition = 0;
    };
    using item = std::variant<std::monostate, record, trouble, ended>;
    [[nodiscard]] item next();
    /// The end of a started partition as the last fetch saw it; -1 when unknown.
    [[nodiscard]] std::int64_t end_of(std::int32_t partition) const;
    /// Why nothing comes, in the client's words: for a caller whose patience is over.
    [[nodiscard]] std::error_code silence() const;
    /// Hears what the client says; call it now and then.
    void serve();

    [[nodiscard]] bool wait(milliseconds);
    /// Ends a `wait`.
    void wake();

private:
    explicit topic_reader(options);
    static void fetched(rd_kafka_s*, void* opaque);
    [[nodiscard]] std::error_code fault_of(int code, std::int32_t partition) const;
    [[nodiscard]] record to_record(const rd_kafka_message_s&) const;

    options options_;
    handle<rd_kafka_s> client_;
    handle<rd_kafka_topic_s> topic_;
    handle<rd_kafka_queue_s> queue_;
    std::set<std::int32_t> started_;
    std::mutex wake_mutex_;  // never held while librdkafka is called: it calls `fetched` under its own lock
    std::condition_variable woken_;
    std::uint64_t wakes_ = 0;
};

}  // namespace ota::queue::kafka
