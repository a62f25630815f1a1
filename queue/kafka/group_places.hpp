#pragma once

#include "queue/kafka/client.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

/// How far a consumer group has come, as the brokers keep it: for the tools that show lag, and as a second witness of
/// what a store has taken in (R3).
namespace ota::queue::kafka {

struct group_place {
    std::int64_t offset = 0;
    /// Of the store that had taken it in, as it was then (kafka_source_options::epoch); 0 when nothing is known of it.
    std::int64_t epoch = 0;
};
using group_places = std::map<std::int32_t, group_place>;

/// By the client of a member, or of any consumer with the group's name. Partitions without a place are missing in the
/// answer.
[[nodiscard]] wire::result<group_places> read_places(rd_kafka_s*, const properties&, const listener&,
                                                     const std::string& topic, const std::vector<std::int32_t>&,
                                                     std::chrono::milliseconds patience);
/// As librdkafka commits them.
[[nodiscard]] handle<rd_kafka_topic_partition_list_s> list_of(const std::string& topic, const group_places&);

/// A group seen from outside.
class group_view final : public listener {
public:
    using milliseconds = std::chrono::milliseconds;
    [[nodiscard]] static wire::result<std::unique_ptr<group_view>> open(properties given, std::string group);

    /// A member that went without a word counts until its session ends.
    [[nodiscard]] wire::result<std::size_t> members(milliseconds patience);
    [[nodiscard]] wire::result<group_places> places(const std::string& topic, const std::vector<std::int32_t>&,
                                                    milliseconds patience);
    /// Of a group without members.
    [[nodiscard]] wire::result<void> set(const std::string& topic, const group_places&, milliseconds patience);
    [[nodiscard]] const std::string& name() const noexcept { return group_; }

private:
    group_view(properties given, std::string group)
        : listener({}), given_(std::move(given)), group_(std::move(group)) {}

    properties given_;
    std::string group_;
    handle<rd_kafka_s> client_;
};

}  // namespace ota::queue::kafka
