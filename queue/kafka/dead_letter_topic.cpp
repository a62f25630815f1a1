#include "queue/kafka/dead_letter_topic.hpp"

#include "queue/errc.hpp"
#include "queue/kafka/errc.hpp"

namespace ota::queue::kafka {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;
using clock = std::chrono::steady_clock;

}  // namespace

wire::result<dead_letter_topic> dead_letter_topic::open(properties given, milliseconds patience) {
    OTA_TRY(auto reader, topic_reader::open({topic_dead_letters, given, {}}));
    OTA_TRY(auto writer, producer::open(std::move(given), {}));
    return dead_letter_topic(std::move(reader), std::move(writer), patience);
}

/// From the oldest record to the end as it was when this began.
wire::result<void> dead_letter_topic::each_record(const std::function<void(const record&)>& visit) {
    OTA_TRY(const auto partitions, reader_->partition_count(patience_));
    for (std::int32_t p = 0; p < partitions; ++p) {
        OTA_TRY(const auto extent, reader_->extent_of(p, patience_));
        if (extent.high <= extent.low) continue;
        OTA_TRY(reader_->start(p, extent.low));
        std::error_code why;
        for (auto until = clock::now() + patience_;;) {
            const auto item = reader_->next();
            if (const auto* bad = std::get_if<topic_reader::trouble>(&item)) why = bad->why;
            if (const auto* next = std::get_if<record>(&item)) {
                until = clock::now() + patience_;
                if (next->offset < extent.high) visit(*next);
                if (next->offset + 1 >= extent.high) break;
            }
            if (why) break;
            if (!std::holds_alternative<std::monostate>(item)) continue;
            reader_->serve();
            if (clock::now() >= until)
                why = fault(kafka::errc::unreachable, "topic dm.mo.changes.dlq: the broker sends nothing more");
            (void)reader_->wait(milliseconds(50));
        }
        reader_->stop(p);
        if (why) return why;
    }
    return success();
}

wire::result<void> dead_letter_topic::each(const visitor& visit) {
    replayed_.clear();
    damaged_ = 0;
    return each_record([&](const record& r) {
        if (const auto letter = parse_dead_letter(r.payload)) {
            visit({r.partition, r.offset}, letter.value());
        } else if (const auto mark = parse_replay_mark(r.payload)) {
            replayed_[{r.partition, mark.value().dead_letter_offset}] = mark.value().at;
        } else {
            ++damaged_;
        }
    });
}

wire::result<dead_letter> dead_letter_topic::at(const place& where) {
    OTA_TRY(const auto partitions, reader_->partition_count(patience_));
    if (where.partition < 0 || where.partition >= partitions) return queue::errc::bad_dead_letter;
    OTA_TRY(const auto extent, reader_->extent_of(where.partition, patience_));
    if (where.offset < extent.low || where.offset >= extent.high) return queue::errc::bad_dead_letter;
    OTA_TRY(const auto found, reader_->read_one(where.partition, where.offset, patience_));
    if (found.offset != where.offset) return queue::errc::bad_dead_letter;
    return parse_dead_letter(found.payload);
}

std::optional<wall_time> dead_letter_topic::replayed(const place& where) const {
    const auto found = replayed_.find(where);
    return found == replayed_.end() ? std::nullopt : std::optional(found->second);
}

wire::result<producer::place> dead_letter_topic::publish(const message& m, std::optional<std::int32_t> partition) {
    const auto told = producer_->publish({&m, 1}, patience_, partition);
    if (told.why) return told.why;
    if (!told.too_large.empty())
        return fault(kafka::errc::message_too_large, "topic " + m.topic + ": " + std::to_string(m.value.size()) +
                                                         " octets are more than it takes (its max.message.bytes)");
    return told.places.at(0);
}

wire::result<record_place> dead_letter_topic::replay(const place& where, const message& change, wall_time now) {
    OTA_TRY(const auto lies, publish(change, std::nullopt));
    const record_place replayed_as{change.topic, lies.partition, lies.offset};
    const message mark{topic_dead_letters, change.key, serialize_replay_mark({where.offset, replayed_as, now}), {}};
    OTA_TRY(publish(mark, where.partition));
    replayed_[where] = now;
    return replayed_as;
}

}  // namespace ota::queue::kafka
