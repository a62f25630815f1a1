#include "queue/kafka/producer.hpp"

#include "queue/kafka/errc.hpp"
#include "queue/kafka/message_headers.hpp"

#include <librdkafka/rdkafka.h>

#include <array>

namespace ota::queue::kafka {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

properties producer_properties(const properties& given) {
    properties all =
        with_defaults({{"client.id", "otagw"},
                       {"compression.type", "lz4"},
                       {"linger.ms", "1"},
                       {"message.max.bytes", "8388608"},
                       {"queue.buffering.max.kbytes", "262144"},
                       // Where Java's producers put a key: a replayed event lands beside the card's others.
                       {"partitioner", "murmur2_random"},
                       {"topic.metadata.propagation.max.ms", "2000"},  // then an unknown topic is missing
                       {"reconnect.backoff.max.ms", "2000"}},
                      given);
    for (const auto* of_consumers : {"group.id", "group.instance.id"}) all.erase(of_consumers);
    all["enable.idempotence"] = "true";
    all["acks"] = "all";
    all["allow.auto.create.topics"] = "false";
    all["message.timeout.ms"] = "0";  // the batch has one end for all of its messages: `patience`
    return all;
}

bool is_length(int code) { return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE; }

}  // namespace

wire::result<std::unique_ptr<producer>> producer::open(properties given, log_function log) {
    std::unique_ptr<producer> out(new producer(std::move(given), std::move(log)));
    OTA_TRY(out->client_, open_client(role::producer, producer_properties(out->given_), *out));
    return out;
}

producer::~producer() = default;

std::error_code producer::fault_of(int code, const message& m) const {
    const auto topic = "topic " + m.topic;
    switch (code) {
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            return fault(errc::missing_topic, topic + " does not exist; `otagw topics create` makes it");
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
            return fault(
                errc::refused,
                topic + ": the broker does not let this user (sasl.username) write to it: allow Describe and Write");
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return fault(
                errc::refused,
                "the broker does not let this user (sasl.username) produce idempotently: allow IdempotentWrite");
        case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
        case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
            return fault(errc::not_published, topic + ": fewer replicas are in sync than its min.insync.replicas");
        case RD_KAFKA_RESP_ERR__TRANSPORT:
        case RD_KAFKA_RESP_ERR__TIMED_OUT:
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR__RESOLVE:
        case RD_KAFKA_RESP_ERR__SSL: return connection_fault(given_, *this, code);
        default:
            return fault(errc::not_published, topic + ": " + rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code)));
    }
}

int producer::enqueue(const message& m, std::size_t index, std::optional<std::int32_t> partition) {
    auto* list = rd_kafka_headers_new(8);
    for (const auto& [name, value] : headers_of(m))
        rd_kafka_header_add(list, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                            static_cast<ssize_t>(value.size()));
    std::array<rd_kafka_vu_t, 6> what{};
    what[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    what[0].u.cstr = m.topic.c_str();
    what[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    what[1].u.i32 = partition.value_or(RD_KAFKA_PARTITION_UA);
    what[2].vtype = RD_KAFKA_VTYPE_VALUE;  // its octets stay where they are: `publish` ends after the last answer, or
                                           // with the client
    what[2].u.mem.ptr = m.value.empty() ? nullptr : const_cast<char*>(m.value.data());
    what[2].u.mem.size = m.value.size();
    what[3].vtype = RD_KAFKA_VTYPE_KEY;
    what[3].u.mem.ptr = m.key.empty() ? nullptr : const_cast<char*>(m.key.data());
    what[3].u.mem.size = m.key.size();
    what[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
    what[4].u.ptr = reinterpret_cast<void*>(index);  // NOLINT: an index, never followed
    what[5].vtype = RD_KAFKA_VTYPE_HEADERS;
    what[5].u.headers = list;
    auto* error = rd_kafka_produceva(client_.get(), what.data(), what.size());
    if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
    const auto code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    rd_kafka_headers_destroy(list);
    return code;
}

void producer::on_delivery(const rd_kafka_message_t* delivered) {
    const auto index = reinterpret_cast<std::size_t>(delivered->_private);
    if (unanswered_ > 0) --unanswered_;
    if (index >= batch_.size()) return;
    if (delivered->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        result_.places[index] = {delivered->partition, delivered->offset};
    } else if (is_length(delivered->err)) {
        result_.too_large.push_back(index);
    } else if (!result_.why) {
        result_.why = fault_of(delivered->err, batch_[index]);
    }
}

producer::outcome producer::publish(std::span<const message> batch, milliseconds patience,
                                    std::optional<std::int32_t> partition) {
    const auto until = clock::now() + patience;
    const auto late = [&] { return clock::now() >= until; };
    batch_ = batch;
    result_ = {};
    result_.places.resize(batch.size());
    if (!client_) {  // given up before
        result_.why = fault(errc::not_published, "the producer was given up after an earlier failure");
        return std::move(result_);
    }
    unanswered_ = 0;
    for (std::size_t i = 0; i < batch.size() && !result_.why;) {
        const auto code = enqueue(batch[i], i, partition);
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !late()) {
            rd_kafka_poll(client_.get(), 10);
            continue;
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            ++unanswered_;
        } else if (is_length(code)) {
            result_.too_large.push_back(i);
        } else {
            result_.why = fault_of(code, batch[i]);
        }
        ++i;
    }
    while (unanswered_ > 0 && !result_.why && !late()) rd_kafka_poll(client_.get(), 20);
    if (unanswered_ > 0) {
        if (!result_.why) result_.why = connection_fault(given_, *this, RD_KAFKA_RESP_ERR__TIMED_OUT);
        // Now, before anything later of a key can go out alone.
        rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        batch_ = {};
        client_.reset();  // what the message octets were lent to
    }
    batch_ = {};
    return std::move(result_);
}

wire::result<void> producer::probe(milliseconds timeout) {
    if (!client_) return fault(errc::not_published, "the producer was given up after an earlier failure");
    const rd_kafka_metadata_t* seen = nullptr;
    const auto error = rd_kafka_metadata(client_.get(), 0, nullptr, &seen, static_cast<int>(timeout.count()));
    rd_kafka_poll(client_.get(), 0);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return connection_fault(given_, *this, error);
    rd_kafka_metadata_destroy(seen);
    return success();
}

}  // namespace ota::queue::kafka
