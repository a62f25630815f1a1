#pragma once

#include "queue/event_sink.hpp"
#include "queue/kafka/client.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ota::queue::kafka {

/// Publishes batches with an idempotent producer: a batch is either whole on the brokers' disks, or the producer is
/// given up with all that was still to be sent. So a later message of a key never stands in the topic without the
/// earlier one before it. One thread.
class producer final : public listener {
public:
    [[nodiscard]] static wire::result<std::unique_ptr<producer>> open(properties given, log_function);
    ~producer() override;
    producer(const producer&) = delete;
    producer& operator=(const producer&) = delete;

    struct place {
        std::int32_t partition = -1;
        std::int64_t offset = -1;
    };
    struct outcome {
        std::vector<place> places;           ///< of each message
        std::vector<std::size_t> too_large;  ///< indices of those that nothing was said against but their length
        std::error_code why;                 ///< the first failure other than that
    };
    /// Waits until the brokers have answered for each message, at most as long as this. After a `why` the producer must
    /// be opened anew. `partition`: the one that all of them go to; else each key's own.
    [[nodiscard]] outcome publish(std::span<const message>, std::chrono::milliseconds patience,
                                  std::optional<std::int32_t> partition = {});
    /// Whether a broker answers. `errc::unreachable` or `errc::refused`.
    [[nodiscard]] wire::result<void> probe(std::chrono::milliseconds timeout);

private:
    producer(properties given, log_function log) : listener(std::move(log)), given_(std::move(given)) {}
    void on_delivery(const rd_kafka_message_s*) override;
    [[nodiscard]] int enqueue(const message&, std::size_t index, std::optional<std::int32_t> partition);
    [[nodiscard]] std::error_code fault_of(int code, const message&) const;

    properties given_;
    handle<rd_kafka_s> client_;
    std::span<const message> batch_;
    outcome result_;
    std::size_t unanswered_ = 0;
};

}  // namespace ota::queue::kafka
