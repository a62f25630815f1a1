#pragma once

#include "queue/kafka/client.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

/// The four topics on a Kafka cluster: what they should be, making them, and what is wrong with those that are there.
namespace ota::queue::kafka {

struct topic_wishes {
    std::int32_t partitions = 12;  ///< of the changes and of the card states; statuses have as many
    std::int16_t replication = 3;
    std::int32_t in_sync = 2;  ///< min.insync.replicas
    std::chrono::milliseconds retention = std::chrono::hours(24 * 7);
    std::chrono::milliseconds dead_letter_retention = std::chrono::hours(24 * 90);
    std::int64_t longest_message = std::int64_t{8} << 20;  ///< octets
};

struct topic_plan {
    std::string name;
    std::int32_t partitions = 1;
    std::int16_t replication = 1;
    std::map<std::string, std::string, std::less<>> settings;  ///< "cleanup.policy", "retention.ms", ...
};

[[nodiscard]] std::vector<topic_plan> plan_topics(const topic_wishes&);

struct finding {
    enum class kind : std::uint8_t { good, warning, fault } is = kind::good;
    std::string topic;
    std::string sentence;
};

/// Makes those that are missing and leaves the others alone; one finding per topic. An error only when no broker
/// answers
/// (`errc::unreachable`, `errc::refused`, `errc::bad_setting`).
[[nodiscard]] wire::result<std::vector<finding>> create_topics(const properties&, const std::vector<topic_plan>&,
                                                               std::chrono::milliseconds patience);

/// What the gateway relies on.
struct topic_needs {
    std::chrono::milliseconds dedupe_retention{};  ///< R22: how long event ids are remembered
    std::optional<std::int32_t> partitions;        ///< of the changes, as the store remembers them
};

/// What is wrong with the topics as they are, and what to do about it; a good finding for a topic without fault or
/// warning.
[[nodiscard]] wire::result<std::vector<finding>> check_topics(const properties&, const topic_needs&,
                                                              std::chrono::milliseconds patience);

}  // namespace ota::queue::kafka
