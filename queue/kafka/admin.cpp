#include "queue/kafka/admin.hpp"

#include "queue/kafka/errc.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <thread>

namespace ota::queue::kafka {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;
using event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;
using new_topic = std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)>;
using resource = std::unique_ptr<rd_kafka_ConfigResource_t, decltype(&rd_kafka_ConfigResource_destroy)>;
using admin_options = std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)>;

admin_options options_for(rd_kafka_t* client, rd_kafka_admin_op_t what, std::chrono::milliseconds patience) {
    admin_options out(rd_kafka_AdminOptions_new(client, what), &rd_kafka_AdminOptions_destroy);
    std::array<char, 256> words{};
    rd_kafka_AdminOptions_set_request_timeout(out.get(), static_cast<int>(patience.count()), words.data(),
                                              words.size());
    return out;
}

}  // namespace

wire::result<std::unique_ptr<admin>> admin::open(properties given) {
    for (const auto* of_consumers : {"group.id", "group.instance.id"}) given.erase(of_consumers);
    std::unique_ptr<admin> out(new admin(std::move(given)));
    OTA_TRY(
        out->client_,
        open_client(role::reader,
                    with_defaults({{"client.id", "otagw"}, {"allow.auto.create.topics", "false"}}, out->given_), *out));
    return out;
}

std::error_code admin::fault_of(int code, const std::string& topic) const {
    if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
        return fault(
            errc::refused,
            "topic " + topic +
                ": the broker does not let this user (sasl.username) look at it: allow Describe and DescribeConfigs");
    return connection_fault(given_, *this, code);
}

wire::result<admin::creation> admin::create(const std::string& topic, std::int32_t partitions, std::int16_t replication,
                                            const properties& settings, milliseconds patience) {
    std::array<char, 512> words{};
    const new_topic wanted(rd_kafka_NewTopic_new(topic.c_str(), partitions, replication, words.data(), words.size()),
                           &rd_kafka_NewTopic_destroy);
    if (!wanted) return creation{creation::kind::refused, words.data()};
    for (const auto& [name, value] : settings) rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
    const handle<rd_kafka_queue_s> answers(rd_kafka_queue_new(client_.get()));
    const auto options = options_for(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, patience);
    auto* raw = wanted.get();
    rd_kafka_CreateTopics(client_.get(), &raw, 1, options.get(), answers.get());
    const event answer(rd_kafka_queue_poll(answers.get(), static_cast<int>(patience.count()) + 1000),
                       &rd_kafka_event_destroy);
    rd_kafka_poll(client_.get(), 0);
    if (!answer) return fault_of(RD_KAFKA_RESP_ERR__TIMED_OUT, topic);
    if (const auto error = rd_kafka_event_error(answer.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fault_of(error, topic);
    std::size_t count = 0;
    const auto* const* results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
    if (count != 1) return fault(errc::failed, "topic " + topic + ": the broker gave no answer of its own");
    const auto code = rd_kafka_topic_result_error(results[0]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        OTA_TRY(await(topic, patience));
        return creation{creation::kind::made, {}};
    }
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return creation{creation::kind::was_there, {}};
    const char* said = rd_kafka_topic_result_error_string(results[0]);
    return creation{creation::kind::refused, said != nullptr ? said : rd_kafka_err2str(code)};
}

/// The controller answers before every broker has heard of the topic.
wire::result<void> admin::await(const std::string& topic, milliseconds patience) {
    for (const auto until = std::chrono::steady_clock::now() + patience;;) {
        topic_facts seen;
        seen.name = topic;
        OTA_TRY(look(seen, patience));
        if (seen.exists && seen.partitions > 0) return success();
        if (std::chrono::steady_clock::now() >= until)
            return fault(errc::failed, "topic " + topic + " was made, and the brokers do not show it yet");
        std::this_thread::sleep_for(milliseconds(50));
    }
}

wire::result<void> admin::look(topic_facts& into, milliseconds patience) {
    const handle<rd_kafka_topic_s> topic(rd_kafka_topic_new(client_.get(), into.name.c_str(), nullptr));
    if (!topic) return fault(errc::bad_setting, "topic " + into.name + ": " + rd_kafka_err2str(rd_kafka_last_error()));
    const rd_kafka_metadata_t* seen = nullptr;
    const auto error = rd_kafka_metadata(client_.get(), 0, topic.get(), &seen, static_cast<int>(patience.count()));
    rd_kafka_poll(client_.get(), 0);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fault_of(error, into.name);
    const auto& about = seen->topics[0];
    into.exists = about.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && seen->topic_cnt == 1;
    if (into.exists && about.err != RD_KAFKA_RESP_ERR_NO_ERROR) into.why = fault_of(about.err, into.name);
    into.partitions = about.partition_cnt;
    into.replication = about.partition_cnt > 0 ? about.partitions[0].replica_cnt : 0;
    rd_kafka_metadata_destroy(seen);
    return success();
}

wire::result<void> admin::read_settings(topic_facts& into, milliseconds patience) {
    const resource asked(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, into.name.c_str()),
                         &rd_kafka_ConfigResource_destroy);
    const handle<rd_kafka_queue_s> answers(rd_kafka_queue_new(client_.get()));
    const auto options = options_for(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, patience);
    auto* raw = asked.get();
    rd_kafka_DescribeConfigs(client_.get(), &raw, 1, options.get(), answers.get());
    const event answer(rd_kafka_queue_poll(answers.get(), static_cast<int>(patience.count()) + 1000),
                       &rd_kafka_event_destroy);
    if (!answer) return fault_of(RD_KAFKA_RESP_ERR__TIMED_OUT, into.name);
    if (const auto error = rd_kafka_event_error(answer.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fault_of(error, into.name);
    std::size_t count = 0;
    const auto* const* resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer.get()), &count);
    if (count != 1) return fault(errc::failed, "topic " + into.name + ": the broker gave no answer of its own");
    if (const auto error = rd_kafka_ConfigResource_error(resources[0]); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        into.why = fault_of(error, into.name);
        return success();
    }
    std::size_t entries = 0;
    const auto* const* all = rd_kafka_ConfigResource_configs(resources[0], &entries);
    for (std::size_t i = 0; i < entries; ++i)
        if (const char* value = rd_kafka_ConfigEntry_value(all[i]))
            into.settings[rd_kafka_ConfigEntry_name(all[i])] = value;
    return success();
}

wire::result<topic_facts> admin::describe(const std::string& topic, milliseconds patience) {
    topic_facts out;
    out.name = topic;
    OTA_TRY(look(out, patience));
    if (!out.exists || out.why) return out;
    OTA_TRY(read_settings(out, patience));
    return out;
}

}  // namespace ota::queue::kafka
