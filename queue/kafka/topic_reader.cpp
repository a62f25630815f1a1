#include "queue/kafka/topic_reader.hpp"

#include "queue/kafka/errc.hpp"
#include "queue/kafka/record_mark.hpp"

#include <librdkafka/rdkafka.h>

namespace ota::queue::kafka {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

/// No group: the position comes from the caller, and nothing starts anywhere by itself.
properties reader_properties(const properties& given, bool tell_ends) {
    properties all = with_defaults({{"client.id", "otagw"},
                                    {"queued.max.messages.kbytes", "16384"},
                                    {"fetch.max.bytes", "16777216"},
                                    {"reconnect.backoff.max.ms", "2000"},
                                    {"topic.metadata.refresh.interval.ms", "5000"},
                                    {"check.crcs", "true"}},
                                   given);
    for (const auto* of_the_group : {"group.id", "group.instance.id"}) all.erase(of_the_group);
    all["auto.offset.reset"] = "error";
    all["auto.commit.enable"] = "false";
    all["enable.auto.commit"] = "false";
    all["enable.partition.eof"] = tell_ends ? "true" : "false";
    all["allow.auto.create.topics"] = "false";
    return all;
}

std::string text(const void* octets, std::size_t size) {
    return octets == nullptr ? std::string() : std::string(static_cast<const char*>(octets), size);
}

std::optional<std::string_view> view(const void* octets, std::size_t size) {
    if (octets == nullptr) return std::nullopt;
    return std::string_view(static_cast<const char*>(octets), size);
}

std::vector<std::pair<std::string, std::string>> headers_of(const rd_kafka_message_t& message) {
    std::vector<std::pair<std::string, std::string>> out;
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i)
        out.emplace_back(name, text(value, size));
    return out;
}

}  // namespace

topic_reader::topic_reader(options o) : listener(o.log), options_(std::move(o)) {}

wire::result<std::unique_ptr<topic_reader>> topic_reader::open(options o) {
    std::unique_ptr<topic_reader> out(new topic_reader(std::move(o)));
    OTA_TRY(out->client_,
            open_client(role::reader, reader_properties(out->options_.given, out->options_.tell_ends), *out));
    out->topic_.reset(rd_kafka_topic_new(out->client_.get(), out->options_.topic.c_str(), nullptr));
    if (!out->topic_)
        return fault(errc::bad_setting,
                     "topic " + out->options_.topic + ": " + rd_kafka_err2str(rd_kafka_last_error()));
    out->queue_.reset(rd_kafka_queue_new(out->client_.get()));
    rd_kafka_queue_cb_event_enable(out->queue_.get(), &topic_reader::fetched, out.get());
    return out;
}

topic_reader::~topic_reader() {
    if (!queue_) return;
    while (!started_.empty()) stop(*started_.begin());
    rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
}

void topic_reader::fetched(rd_kafka_s*, void* opaque) { static_cast<topic_reader*>(opaque)->wake(); }

std::error_code topic_reader::fault_of(int code, std::int32_t partition) const {
    const std::string where = "topic " + options_.topic;
    switch (code) {
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            return fault(errc::missing_topic, where + " does not exist; `otagw topics create` makes it");
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
            return fault(
                errc::refused,
                where + ": the broker does not let this user (sasl.username) read it: allow Describe and Read");
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            return fault(errc::not_ready, where + ", partition " + std::to_string(partition) +
                                              ": the position is no longer there; it is looked up again");
        default: return connection_fault(options_.given, *this, code);
    }
}

wire::result<std::int32_t> topic_reader::partition_count(milliseconds timeout) {
    const rd_kafka_metadata_t* seen = nullptr;
    const auto error = rd_kafka_metadata(client_.get(), 0, topic_.get(), &seen, static_cast<int>(timeout.count()));
    serve();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(error, -1);
    const auto topic_error = seen->topic_cnt == 1 ? seen->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    const auto count = seen->topic_cnt == 1 ? seen->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(seen);
    if (topic_error == RD_KAFKA_RESP_ERR_NO_ERROR && count > 0) return count;
    return fault_of(topic_error == RD_KAFKA_RESP_ERR_NO_ERROR ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : topic_error,
                    -1);
}

wire::result<topic_reader::extent> topic_reader::extent_of(std::int32_t partition, milliseconds timeout) {
    extent out;
    const auto error = rd_kafka_query_watermark_offsets(client_.get(), options_.topic.c_str(), partition, &out.low,
                                                        &out.high, static_cast<int>(timeout.count()));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(error, partition);
    return out;
}

wire::result<record> topic_reader::read_one(std::int32_t partition, std::int64_t offset, milliseconds timeout) {
    const handle<rd_kafka_queue_s> aside(rd_kafka_queue_new(client_.get()));
    if (rd_kafka_consume_start_queue(topic_.get(), partition, offset, aside.get()) != 0)
        return fault_of(rd_kafka_last_error(), partition);
    const handle<rd_kafka_message_s> message(rd_kafka_consume_queue(aside.get(), static_cast<int>(timeout.count())));
    rd_kafka_consume_stop(topic_.get(), partition);
    if (!message) return fault_of(RD_KAFKA_RESP_ERR__TIMED_OUT, partition);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return fault(errc::offset_removed, "topic " + options_.topic + ", partition " + std::to_string(partition) +
                                               ": nothing lies at or behind offset " + std::to_string(offset));
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(message->err, partition);
    return to_record(*message);
}

wire::result<void> topic_reader::start(std::int32_t partition, std::int64_t offset) {
    if (rd_kafka_consume_start_queue(topic_.get(), partition, offset, queue_.get()) != 0)
        return fault_of(rd_kafka_last_error(), partition);
    started_.insert(partition);
    return success();
}

void topic_reader::stop(std::int32_t partition) {
    if (started_.erase(partition) != 0) rd_kafka_consume_stop(topic_.get(), partition);
}

record topic_reader::to_record(const rd_kafka_message_t& message) const {
    record out;
    out.partition = message.partition;
    out.offset = message.offset;
    out.next_offset = message.offset + 1;
    out.key = text(message.key, message.key_len);
    out.payload = text(message.payload, message.len);
    out.headers = headers_of(message);
    out.mark = record_mark(rd_kafka_message_timestamp(&message, nullptr), view(message.key, message.key_len),
                           view(message.payload, message.len));
    return out;
}

topic_reader::item topic_reader::next() {
    const handle<rd_kafka_message_s> message(rd_kafka_consume_queue(queue_.get(), 0));
    if (!message) return std::monostate();
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return to_record(*message);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return ended{message->partition};
    return trouble{message->partition, fault_of(message->err, message->partition)};
}

std::int64_t topic_reader::end_of(std::int32_t partition) const {
    std::int64_t low = -1, high = -1;
    const auto error = rd_kafka_get_watermark_offsets(client_.get(), options_.topic.c_str(), partition, &low, &high);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : -1;
}

std::error_code topic_reader::silence() const { return fault_of(RD_KAFKA_RESP_ERR__TIMED_OUT, -1); }

void topic_reader::serve() { rd_kafka_poll(client_.get(), 0); }

bool topic_reader::wait(milliseconds longest) {
    std::uint64_t before = 0;
    {
        std::lock_guard lock(wake_mutex_);
        before = wakes_;
    }
    if (rd_kafka_queue_length(queue_.get()) > 0) return true;
    std::unique_lock lock(wake_mutex_);
    return woken_.wait_for(lock, longest, [&] { return wakes_ != before; });
}

void topic_reader::wake() {
    {
        std::lock_guard lock(wake_mutex_);
        ++wakes_;
    }
    woken_.notify_all();
}

}  // namespace ota::queue::kafka
