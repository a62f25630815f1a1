#include "queue/kafka/position_check.hpp"

#include "queue/kafka/errc.hpp"

namespace ota::queue::kafka {
namespace {

std::string of(const std::string& topic, std::int32_t partition) {
    return "topic " + topic + ", partition " + std::to_string(partition) + ": ";
}

}  // namespace

wire::result<beginning> find_position(topic_reader& records, const std::string& topic, std::int32_t partition,
                                      const std::optional<position>& to, bool from_end,
                                      std::chrono::milliseconds patience) {
    OTA_TRY(const auto there, records.extent_of(partition, patience));
    if (!to) return beginning{from_end ? there.high : there.low, there.high};
    const auto where = of(topic, partition);
    const auto recreated = [&](const std::string& what) {
        return fault(
            errc::topic_recreated,
            where + what +
                ": this is another topic than the one that was read before. If that is wanted, stop every gateway and "
                "`otagw topics accept`: it is read from its start");
    };
    if (to->offset > there.high)
        return recreated("it ends at " + std::to_string(there.high) + ", and was read up to " +
                         std::to_string(to->offset));
    if (to->offset < there.low)
        return fault(errc::offset_removed, where + "retention has removed the records from " +
                                               std::to_string(to->offset) + " to " + std::to_string(there.low - 1) +
                                               " before they were read: they are lost here. Raise the topic's "
                                               "retention.ms; to go on without them, stop "
                                               "every gateway and `otagw topics accept --force`");
    if (to->mark == 0 || to->offset - 1 < there.low) return beginning{to->offset, there.high};
    OTA_TRY(const auto before, records.read_one(partition, to->offset - 1, patience));
    if (before.offset == to->offset - 1 && before.mark != to->mark)
        return recreated("the record at " + std::to_string(before.offset) + " is not the one that was read there");
    return beginning{to->offset, there.high};
}

std::error_code compare_with_group(const std::string& topic, const std::string& group, std::int32_t partition,
                                   const std::optional<position>& to, const group_places& places, std::int64_t epoch) {
    const auto at = places.find(partition);
    if (at == places.end() || at->second.offset <= (to ? to->offset : 0) || at->second.epoch < epoch) return {};
    return fault(errc::store_behind,
                 of(topic, partition) + "group " + group + " has taken in everything before " +
                     std::to_string(at->second.offset) + ", the store " +
                     (to ? "only what is before " + std::to_string(to->offset) : std::string("nothing")) +
                     ": the store is older than what this group has taken in. Was it restored from a copy, or made "
                     "anew? Stop every "
                     "gateway and `otagw store recover --force`. If the group's offsets were moved by hand instead, "
                     "`otagw topics "
                     "accept --force` sets them back");
}

}  // namespace ota::queue::kafka
