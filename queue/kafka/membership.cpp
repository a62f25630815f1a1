#include "queue/kafka/membership.hpp"

#include "queue/kafka/errc.hpp"

#include <librdkafka/rdkafka.h>

#include <array>

namespace ota::queue::kafka {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

properties member_properties(const std::string& group, const properties& given) {
    properties all = with_defaults({{"client.id", "otagw"},
                                    {"group.id", group},
                                    {"partition.assignment.strategy", "cooperative-sticky"},
                                    {"topic.metadata.refresh.interval.ms", "5000"},
                                    {"reconnect.backoff.max.ms", "2000"}},
                                   given);
    all["enable.auto.commit"] = "false";  // offsets live in the store
    all["enable.auto.offset.store"] = "false";
    all["allow.auto.create.topics"] = "false";
    return all;
}

std::string property(const properties& given, std::string_view name) {
    const auto found = given.find(name);
    return found == given.end() ? std::string() : found->second;
}

std::vector<std::int32_t> numbers(const rd_kafka_topic_partition_list_t* list) {
    std::vector<std::int32_t> out;
    for (int i = 0; i < list->cnt; ++i) out.push_back(list->elems[i].partition);
    return out;
}

void forget(rd_kafka_error_t* error) {
    if (error != nullptr) rd_kafka_error_destroy(error);
}

}  // namespace

membership::membership(options o) : listener(o.log), options_(std::move(o)) {}

wire::result<std::unique_ptr<membership>> membership::open(options o) {
    if (const auto named = o.given.find("group.id"); named != o.given.end()) o.group = named->second;
    std::unique_ptr<membership> out(new membership(std::move(o)));
    OTA_TRY(out->client_, open_client(role::member, member_properties(out->options_.group, out->options_.given), *out));
    return out;
}

wire::result<void> membership::check(options o) {
    OTA_TRY(open(std::move(o)));
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

wire::result<std::unique_ptr<membership>> membership::join(options o) {
    OTA_TRY(auto out, open(std::move(o)));
    rd_kafka_poll_set_consumer(out->client_.get());
    const handle<rd_kafka_topic_partition_list_s> topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), out->options_.topic.c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto error = rd_kafka_subscribe(out->client_.get(), topics.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fault(errc::bad_setting, "subscribing to topic " + out->options_.topic + ": " + rd_kafka_err2str(error));
    return out;
}

membership::~membership() = default;

void membership::poll(milliseconds longest) {
    const handle<rd_kafka_message_s> message(rd_kafka_consumer_poll(client_.get(), static_cast<int>(longest.count())));
    // A record that slipped out before its partition was paused is read again by the reader, from its own position.
    if (message && message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        take_error(message->err, rd_kafka_message_errstr(message.get()));
    std::array<char, 512> words{};
    if (const auto fatal = rd_kafka_fatal_error(client_.get(), words.data(), words.size());
        fatal != RD_KAFKA_RESP_ERR_NO_ERROR && !dead_) {
        dead_ = true;
        take_error(fatal, words.data());
    }
}

void membership::take_error(int code, const std::string& words) {
    const auto& group = options_.group;
    switch (code) {
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
            why_not_ =
                fault(errc::refused,
                      "group.id " + group +
                          ": the broker does not let this user (sasl.username) join it: allow Read on the group");
            return;
        case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
            why_not_ = fault(errc::group_failed, "group.instance.id " + property(options_.given, "group.instance.id") +
                                                     " of group " + group +
                                                     " is taken by another consumer: give every instance its own");
            return;
        case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
            why_not_ =
                fault(errc::group_failed, "group.id " + group +
                                              ": its members share partitions in another way than ours "
                                              "(partition.assignment.strategy); is the group used by another program?");
            return;
        case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
            why_not_ = fault(errc::group_failed, "session.timeout.ms is outside of what the broker allows");
            return;
        default:
            if (dead_) why_not_ = fault(errc::group_failed, "group.id " + group + ": " + words);
            // The rest is about the topic or the connection, which the reader looks after.
    }
}

void membership::on_rebalance(int what, rd_kafka_topic_partition_list_t* list) {
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        gained(list);
    } else {
        lost(list);
    }
}

void membership::gained(rd_kafka_topic_partition_list_t* list) {
    const bool cooperative = std::string_view(rd_kafka_rebalance_protocol(client_.get())) == "COOPERATIVE";
    for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = RD_KAFKA_OFFSET_END;
    if (cooperative) {
        forget(rd_kafka_incremental_assign(client_.get(), list));
    } else {
        rd_kafka_assign(client_.get(), list);
    }
    rd_kafka_pause_partitions(client_.get(), list);
    joined_ = true;
    why_not_.clear();
    options_.on_gained(numbers(list));
}

void membership::lost(rd_kafka_topic_partition_list_t* list) {
    const auto partitions = numbers(list);
    if (rd_kafka_assignment_lost(client_.get()) == 0) (void)commit(options_.on_farewell(partitions));
    options_.on_lost(partitions);
    if (std::string_view(rd_kafka_rebalance_protocol(client_.get())) == "COOPERATIVE") {
        forget(rd_kafka_incremental_unassign(client_.get(), list));
    } else {
        rd_kafka_assign(client_.get(), nullptr);
    }
}

handle<rd_kafka_topic_partition_list_s> membership::as_list(const std::map<std::int32_t, std::int64_t>& offsets) const {
    group_places places;
    for (const auto& [partition, offset] : offsets) places[partition] = {offset, options_.epoch};
    return list_of(options_.topic, places);
}

wire::result<group_places> membership::places(const std::vector<std::int32_t>& partitions, milliseconds patience) {
    return read_places(client_.get(), options_.given, *this, options_.topic, partitions, patience);
}

bool membership::commit(const std::map<std::int32_t, std::int64_t>& offsets) {
    if (offsets.empty()) return true;
    if (!joined_ || dead_) return false;
    return rd_kafka_commit(client_.get(), as_list(offsets).get(), 1) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void membership::leave(const std::map<std::int32_t, std::int64_t>& last, milliseconds patience) {
    const auto until = clock::now() + patience;
    const auto left = [&] {
        return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(until - clock::now()));
    };
    if (!last.empty() && joined_ && !dead_) {
        const handle<rd_kafka_queue_s> answers(rd_kafka_queue_new(client_.get()));
        if (rd_kafka_commit_queue(client_.get(), as_list(last).get(), answers.get(), nullptr, nullptr) ==
            RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (auto* answer = rd_kafka_queue_poll(answers.get(), static_cast<int>(left().count() / 2)))
                rd_kafka_event_destroy(answer);
        }
    }
    // Closed in the background: the client's own close may wait for a broker that does not answer.
    const handle<rd_kafka_queue_s> events(rd_kafka_queue_get_consumer(client_.get()));
    if (auto* error = rd_kafka_consumer_close_queue(client_.get(), events.get())) return forget(error);
    while (rd_kafka_consumer_closed(client_.get()) == 0 && left().count() > 0)
        if (auto* message = rd_kafka_consumer_poll(client_.get(), 20)) rd_kafka_message_destroy(message);
}

}  // namespace ota::queue::kafka
