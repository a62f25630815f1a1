#pragma once

#include "queue/kafka/kafka_source.hpp"
#include "queue/kafka/membership.hpp"
#include "queue/kafka/position_check.hpp"
#include "queue/kafka/topic_reader.hpp"

#include <atomic>
#include <set>
#include <thread>

namespace ota::queue {

/// What stands behind a kafka_source: a thread that serves the group, looks at the topic and verifies positions, so
/// that the caller of the source waits for nobody and the group sees a living member however long the caller is away.
struct kafka_source::attendant {
    using clock = std::chrono::steady_clock;
    using reader = kafka::topic_reader;

    /// gained -> wanted -> verified -> flowing; a new seek begins at wanted again.
    enum class phase : std::uint8_t { gained, wanted, verified, refused, flowing };
    struct partition_state {
        phase is = phase::gained;
        std::optional<position> wanted;
        std::int64_t next = 0;  ///< verified: where to start; flowing: behind what was pulled last
        std::int64_t end = 0;   ///< of the partition when that was verified
        std::error_code why;    ///< refused, or why it was when it was last looked at
    };
    attendant(options, std::unique_ptr<reader>);
    void start();
    void stop();

    // Called by the source's caller.
    [[nodiscard]] reassignment reassigned();
    [[nodiscard]] wire::result<void> seek(std::int32_t partition, const std::optional<position>&);
    [[nodiscard]] wire::result<std::vector<record>> pull(std::size_t limit);
    [[nodiscard]] std::int64_t lag();

    // The thread's own.
    void run();
    void keep_member();
    void look();
    using wanted_positions = std::map<std::int32_t, std::optional<position>>;
    void verify_wanted();
    [[nodiscard]] wire::result<kafka::beginning> verify(std::int32_t partition, const std::optional<position>&,
                                                        const kafka::group_places&);
    void settle(const wanted_positions&, std::int32_t partition, const wire::result<kafka::beginning>&);
    void commit_due();
    void take(const std::vector<std::int32_t>& gained);
    void drop(const std::vector<std::int32_t>& lost);

    // Under the mutex.
    [[nodiscard]] std::error_code fault() const;
    void regain(std::int32_t partition);
    void regain_all();
    [[nodiscard]] std::map<std::int32_t, std::int64_t> commits_of(const std::vector<std::int32_t>&);

    options settings;
    std::unique_ptr<reader> records;
    std::unique_ptr<kafka::membership> member;  // the thread's own
    clock::time_point look_at{}, commit_at{}, join_at{};
    std::thread thread;
    std::atomic<bool> stopping{false}, look_now{false};

    mutable std::mutex mutex;
    std::condition_variable verified;
    std::map<std::int32_t, partition_state> partitions;  // those that are ours
    std::set<std::int32_t> gained, lost;                 // not told yet
    std::map<std::int32_t, std::int64_t> commits;        // not committed yet
    std::error_code topic_fault;                         // by the last look
    std::error_code group_fault;
    bool looked = false, joined = false;
    clock::time_point patient_at{};  // from when on a seek waits again
    std::int32_t count = 0;          // of partitions: what is expected, or was seen first
};

}  // namespace ota::queue
