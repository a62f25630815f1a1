#include "queue/kafka/dead_letter_topic.hpp"

#include "queue/errc.hpp"
#include "queue/kafka/errc.hpp"

namespace ota::queue::kafka {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;
using clock = std::chrono::steady_clock;

}  // namespace

wire::result<dead_letter_topic> dead_letter_topic::open(properties given, milliseconds patience) {
    OTA_TRY(auto reader, topic_reader::open({topic_dead_letters, given, {}, true}));
    OTA_TRY(auto writer, producer::open(given, {}));
    return dead_letter_topic(std::move(given), std::move(reader), std::move(writer), patience);
}

/// From the oldest record to the end as it was when this began.
wire::result<void> dead_letter_topic::each_record(const std::function<void(const record&)>& visit) {
    OTA_TRY(const auto partitions, reader_->partition_count(patience_));
    for (std::int32_t p = 0; p < partitions; ++p) {
        OTA_TRY(const auto extent, reader_->extent_of(p, patience_));
        if (extent.high <= extent.low) continue;
        OTA_TRY(reader_->start(p, extent.low));
        std::error_code why;
        bool ended = false;  // an offset may be a marker of a transaction, so the last one is not waited for
        for (auto until = clock::now() + patience_; !ended && !why;) {
            const auto item = reader_->next();
            if (std::holds_alternative<std::monostate>(item)) {
                reader_->serve();
                if (clock::now() >= until) why = reader_->silence();
                (void)reader_->wait(milliseconds(50));
                continue;
            }
            until = clock::now() + patience_;
            if (const auto* bad = std::get_if<topic_reader::trouble>(&item)) why = bad->why;
            const auto* next = std::get_if<record>(&item);
            if (next != nullptr && next->offset < extent.high) visit(*next);
            ended = std::holds_alternative<topic_reader::ended>(item) ||
                    (next != nullptr && next->next_offset >= extent.high);
        }
        reader_->stop(p);
        if (why) return why;
    }
    return success();
}

wire::result<void> dead_letter_topic::each(const visitor& visit) {
    std::map<place, wall_time> replayed;
    std::size_t damaged = 0;
    OTA_TRY(each_record([&](const record& r) {
        if (const auto letter = parse_dead_letter(r.payload)) {
            visit({r.partition, r.offset}, letter.value());
        } else if (const auto mark = parse_replay_mark(r.payload)) {
            replayed[{r.partition, mark.value().dead_letter_offset}] = mark.value().at;
        } else {
            ++damaged;
        }
    }));
    replayed_ = std::move(replayed);
    damaged_ = damaged;
    return success();
}

wire::result<dead_letter> dead_letter_topic::at(const place& where) {
    OTA_TRY(const auto partitions, reader_->partition_count(patience_));
    if (where.partition < 0 || where.partition >= partitions) return queue::errc::bad_dead_letter;
    OTA_TRY(const auto extent, reader_->extent_of(where.partition, patience_));
    if (where.offset < extent.low || where.offset >= extent.high) return queue::errc::bad_dead_letter;
    const auto found = reader_->read_one(where.partition, where.offset, patience_);
    if (!found && !(found.error() == kafka::errc::offset_removed)) return found.error();
    if (!found || found.value().offset != where.offset) return queue::errc::bad_dead_letter;
    return parse_dead_letter(found.value().payload);
}

std::optional<wall_time> dead_letter_topic::replayed(const place& where) const {
    const auto found = replayed_.find(where);
    return found == replayed_.end() ? std::nullopt : std::optional(found->second);
}

wire::result<producer::place> dead_letter_topic::publish(const message& m, std::optional<std::int32_t> partition) {
    if (!producer_) {
        OTA_TRY(producer_, producer::open(given_, {}));
    }
    const auto told = producer_->publish({&m, 1}, patience_, partition);
    if (told.why) {
        producer_.reset();  // it gave up with what it still had to send
        return told.why;
    }
    if (!told.too_large.empty())
        return fault(kafka::errc::message_too_large, "topic " + m.topic + ": " + std::to_string(m.value.size()) +
                                                         " octets are more than it takes (its max.message.bytes)");
    return told.places.at(0);
}

dead_letter_topic::replay_result dead_letter_topic::replay(const place& where, const message& change, wall_time now) {
    replay_result out;
    const auto lies = publish(change, std::nullopt);
    if (!lies) {
        out.why = lies.error();
        return out;
    }
    out.as = record_place{change.topic, lies.value().partition, lies.value().offset};
    const message mark{topic_dead_letters, change.key, serialize_replay_mark({where.offset, *out.as, now}), {}};
    if (const auto marked = publish(mark, where.partition); !marked) {
        out.why = marked.error();
    } else {
        replayed_[where] = now;
    }
    return out;
}

}  // namespace ota::queue::kafka
