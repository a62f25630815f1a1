#pragma once

#include "queue/kafka/group_places.hpp"
#include "queue/kafka/topic_reader.hpp"

namespace ota::queue::kafka {

/// Where a partition is read on, and where it ends.
struct beginning {
    std::int64_t next = 0, end = 0;
};

/// Looks whether what was read before is still there. `errc::topic_recreated`, `errc::offset_removed`, or that no
/// broker answers.
[[nodiscard]] wire::result<beginning> find_position(topic_reader&, const std::string& topic, std::int32_t partition,
                                                    const std::optional<position>&, bool from_end,
                                                    std::chrono::milliseconds patience);

/// R3: offsets are committed to the group after the store, so a group that is ahead of its store has seen a newer store
/// than this one: `errc::store_behind`. Unless this one was recovered since (its epoch is higher). Empty: all is well.
[[nodiscard]] std::error_code compare_with_group(const std::string& topic, const std::string& group,
                                                 std::int32_t partition, const std::optional<position>&,
                                                 const group_places&, std::int64_t epoch);

}  // namespace ota::queue::kafka
