#pragma once

#include "queue/event_sink.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

namespace ota::queue {

struct kafka_sink_options {
    /// librdkafka's properties, "bootstrap.servers" among them; they override ours, except enable.idempotence, acks,
    /// message.timeout.ms and allow.auto.create.topics.
    std::map<std::string, std::string, std::less<>> properties;
    std::function<void(int level, std::string_view line)>
        log;                                        ///< of librdkafka, syslog levels; called from its threads
    std::chrono::milliseconds patience{5000};       ///< for the answers to one batch
    std::chrono::milliseconds probe_interval{500};  ///< between two tries to reach a broker that was away
};

/// Statuses, dead letters and card states to topics of Apache Kafka, by an idempotent producer with acks=all: when
/// `publish` returns without error, every message is on the disks of the replicas in sync.
///
/// Ordered per key, also over failures: the first occurrence of each message stands behind the first occurrences of all
/// before it, as long as a failed batch is published again whole. A batch that fails is given up at once with all that
/// is still to be sent of it.
///
/// While no broker answers, the first `publish` waits for `patience`; the next ones fail at once, until a broker
/// answers again. An error is a std::error_code that compares with kafka::errc.
///
/// A message that is longer than the topic takes would fail for ever: a note stands in for it (a dead letter without
/// its sealed payload, a status without its value, each saying so), the others are published. Only where no note is
/// possible `publish` fails with `kafka::errc::message_too_large`, naming topic and key.
class kafka_sink final : public event_sink {
public:
    using options = kafka_sink_options;

    /// `kafka::errc::bad_setting` only: that no broker answers is said by `publish`.
    [[nodiscard]] static wire::result<std::unique_ptr<kafka_sink>> open(options);
    ~kafka_sink() override;

    [[nodiscard]] wire::result<void> publish(const std::vector<message>&) override;

private:
    struct state;
    explicit kafka_sink(std::unique_ptr<state>);
    std::unique_ptr<state> state_;
};

}  // namespace ota::queue
