#pragma once

#include "queue/kafka/client.hpp"

#include <chrono>
#include <cstdint>
#include <system_error>

namespace ota::queue::kafka {

/// A topic as the brokers tell of it.
struct topic_facts {
    std::string name;
    bool exists = false;
    std::error_code why;  ///< set: it is there and cannot be described
    std::int32_t partitions = 0;
    std::int32_t replication = 0;  ///< of its first partition
    properties settings;
};

/// What an administrator asks of a cluster. Every call waits for its answer; errors are `errc::unreachable` and
/// `errc::refused`.
class admin final : public listener {
public:
    [[nodiscard]] static wire::result<std::unique_ptr<admin>> open(properties);

    using milliseconds = std::chrono::milliseconds;
    struct creation {
        enum class kind : std::uint8_t { made, was_there, refused } is = kind::refused;
        std::string words;  ///< of the broker that refuses
    };
    [[nodiscard]] wire::result<creation> create(const std::string& topic, std::int32_t partitions,
                                                std::int16_t replication, const properties& settings,
                                                milliseconds patience);
    [[nodiscard]] wire::result<topic_facts> describe(const std::string& topic, milliseconds patience);

private:
    explicit admin(properties given) : listener({}), given_(std::move(given)) {}
    [[nodiscard]] wire::result<void> await(const std::string& topic, milliseconds patience);
    [[nodiscard]] wire::result<void> look(topic_facts& into, milliseconds patience);
    [[nodiscard]] wire::result<void> read_settings(topic_facts& into, milliseconds patience);
    [[nodiscard]] std::error_code fault_of(int code, const std::string& topic) const;

    properties given_;
    handle<rd_kafka_s> client_;
};

}  // namespace ota::queue::kafka
