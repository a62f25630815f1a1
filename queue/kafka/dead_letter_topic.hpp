#pragma once

#include "queue/dead_letter.hpp"
#include "queue/kafka/producer.hpp"
#include "queue/kafka/topic_reader.hpp"

#include <functional>
#include <map>

namespace ota::queue::kafka {

/// The dead letters of a Kafka cluster, as `otagw dlq` lists, shows and replays them. A dead letter is named by its
/// partition and offset. Nothing is ever altered: a replay leaves a mark in the letter's own partition.
class dead_letter_topic {
public:
    using milliseconds = std::chrono::milliseconds;
    [[nodiscard]] static wire::result<dead_letter_topic> open(properties, milliseconds patience);

    struct place {
        std::int32_t partition = 0;
        std::int64_t offset = 0;
        auto operator<=>(const place&) const = default;
    };
    using visitor = std::function<void(const place&, const dead_letter&)>;
    /// Every dead letter that lies there now, by partition, oldest first. Afterwards `replayed` and `damaged` tell of
    /// them; while it runs they tell what the call before it found.
    [[nodiscard]] wire::result<void> each(const visitor&);
    /// `queue::errc::bad_dead_letter` when none lies at this place.
    [[nodiscard]] wire::result<dead_letter> at(const place&);
    /// When a dead letter was last replayed; empty when never.
    [[nodiscard]] std::optional<wall_time> replayed(const place&) const;
    /// Records that are neither dead letter nor mark.
    [[nodiscard]] std::size_t damaged() const noexcept { return damaged_; }

    struct replay_result {
        std::optional<record_place> as;  ///< where the change lies now; empty: nobody says that it is there
        std::error_code why;             ///< of the change, or of its mark
    };
    /// Publishes the change, then the mark. Dying in between leaves the letter to be replayed again, and the event's id
    /// tells the repeat (R22).
    [[nodiscard]] replay_result replay(const place&, const message& change, wall_time now);

private:
    dead_letter_topic(properties given, std::unique_ptr<topic_reader> r, std::unique_ptr<producer> p,
                      milliseconds patience)
        : given_(std::move(given)), reader_(std::move(r)), producer_(std::move(p)), patience_(patience) {}
    [[nodiscard]] wire::result<void> each_record(const std::function<void(const record&)>&);
    [[nodiscard]] wire::result<producer::place> publish(const message&, std::optional<std::int32_t> partition);

    properties given_;
    std::unique_ptr<topic_reader> reader_;
    std::unique_ptr<producer> producer_;  // none after a failure
    milliseconds patience_;
    std::map<place, wall_time> replayed_;
    std::size_t damaged_ = 0;
};

}  // namespace ota::queue::kafka
