#include "queue/kafka/group_places.hpp"

#include "queue/kafka/errc.hpp"

#include <librdkafka/rdkafka.h>

#include <charconv>
#include <cstring>

namespace ota::queue::kafka {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

constexpr std::string_view epoch_name = "store-epoch=";  // in the metadata of a committed offset

std::int64_t epoch_of(const rd_kafka_topic_partition_t& at) {
    const std::string_view said(static_cast<const char*>(at.metadata), at.metadata == nullptr ? 0 : at.metadata_size);
    if (!said.starts_with(epoch_name)) return 0;
    std::int64_t epoch = 0;
    std::from_chars(said.data() + epoch_name.size(), said.data() + said.size(), epoch);
    return epoch;
}

std::error_code fault_of(int code, const properties& given, const listener& heard) {
    if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        return fault(errc::refused,
                     "the broker does not let this user (sasl.username) see how far the consumer group has come: "
                     "allow Read and Describe on the group");
    return connection_fault(given, heard, code);
}

}  // namespace

wire::result<group_places> read_places(rd_kafka_s* client, const properties& given, const listener& heard,
                                       const std::string& topic, const std::vector<std::int32_t>& partitions,
                                       std::chrono::milliseconds patience) {
    const handle<rd_kafka_topic_partition_list_s> list(
        rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const auto p : partitions) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
    if (const auto error = rd_kafka_committed(client, list.get(), static_cast<int>(patience.count()));
        error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fault_of(error, given, heard);
    group_places out;
    for (int i = 0; i < list->cnt; ++i) {
        const auto& at = list->elems[i];
        if (at.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
        if (at.err != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(at.err, given, heard);
        if (at.offset >= 0) out[at.partition] = {at.offset, epoch_of(at)};
    }
    return out;
}

handle<rd_kafka_topic_partition_list_s> list_of(const std::string& topic, const group_places& places) {
    handle<rd_kafka_topic_partition_list_s> list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
    for (const auto& [partition, place] : places) {
        auto* at = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
        at->offset = place.offset;
        const auto said = std::string(epoch_name) + std::to_string(place.epoch);
        at->metadata = ::strdup(said.c_str());  // the list frees it
        at->metadata_size = said.size();
    }
    return list;
}

wire::result<std::unique_ptr<group_view>> group_view::open(properties given, std::string group) {
    given.erase("group.instance.id");
    if (const auto named = given.find("group.id"); named != given.end()) group = named->second;
    given["group.id"] = group;
    std::unique_ptr<group_view> out(new group_view(std::move(given), std::move(group)));
    auto all = with_defaults({{"client.id", "otagw"}}, out->given_);
    all["enable.auto.commit"] = "false";
    all["allow.auto.create.topics"] = "false";
    OTA_TRY(out->client_, open_client(role::reader, all, *out));
    return out;
}

wire::result<std::size_t> group_view::members(milliseconds patience) {
    const rd_kafka_group_list* seen = nullptr;
    const auto error = rd_kafka_list_groups(client_.get(), group_.c_str(), &seen, static_cast<int>(patience.count()));
    rd_kafka_poll(client_.get(), 0);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(error, given_, *this);
    std::size_t count = 0;
    int why = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < seen->group_cnt; ++i) {
        count += static_cast<std::size_t>(seen->groups[i].member_cnt);
        if (seen->groups[i].err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) why = seen->groups[i].err;
    }
    rd_kafka_group_list_destroy(seen);
    if (why != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(why, given_, *this);
    return count;
}

wire::result<group_places> group_view::places(const std::string& topic, const std::vector<std::int32_t>& partitions,
                                              milliseconds patience) {
    return read_places(client_.get(), given_, *this, topic, partitions, patience);
}

wire::result<void> group_view::set(const std::string& topic, const group_places& places, milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    if (places.empty()) return success();
    const handle<rd_kafka_queue_s> answers(rd_kafka_queue_new(client_.get()));
    const auto list = list_of(topic, places);
    if (const auto error = rd_kafka_commit_queue(client_.get(), list.get(), answers.get(), nullptr, nullptr);
        error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fault_of(error, given_, *this);
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    auto* answer = rd_kafka_queue_poll(answers.get(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (answer == nullptr) return fault_of(RD_KAFKA_RESP_ERR__TIMED_OUT, given_, *this);
    const auto error = rd_kafka_event_error(answer);
    rd_kafka_event_destroy(answer);
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || error == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
        return fault(errc::group_failed, "group.id " + group_ + " has members: stop every gateway first");
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(error, given_, *this);
    return success();
}

}  // namespace ota::queue::kafka
