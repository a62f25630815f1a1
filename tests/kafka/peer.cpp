#include "tests/kafka/peer.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace ota::kafka_rig {
namespace {

constexpr int patience = 60'000;  // ms, for one answer

void must(rd_kafka_resp_err_t error, const std::string& what) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

using event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;
using queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using list = std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)>;

event answer_of(rd_kafka_t* client, const std::function<void(rd_kafka_queue_t*)>& ask, const std::string& what) {
    const queue answers(rd_kafka_queue_new(client), &rd_kafka_queue_destroy);
    ask(answers.get());
    event out(rd_kafka_queue_poll(answers.get(), patience), &rd_kafka_event_destroy);
    if (!out) throw std::runtime_error(what + ": no answer");
    must(rd_kafka_event_error(out.get()), what);
    return out;
}

void must_all(const rd_kafka_topic_result_t** results, std::size_t count, const std::string& what) {
    for (std::size_t i = 0; i < count; ++i) must(rd_kafka_topic_result_error(results[i]), what);
}

struct delivery {
    std::vector<std::int64_t> offsets;
    std::size_t open = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void delivered(rd_kafka_t*, const rd_kafka_message_t* m, void*) {
    const auto* at = static_cast<std::pair<delivery*, std::size_t>*>(m->_private);
    at->first->offsets[at->second] = m->offset;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) at->first->error = m->err;
    --at->first->open;
    delete at;
}

seen to_seen(const rd_kafka_message_t& m) {
    seen out{m.partition, m.offset, {}, {}, {}};
    if (m.key != nullptr) out.key = std::string(static_cast<const char*>(m.key), m.key_len);
    if (m.payload != nullptr) out.payload = std::string(static_cast<const char*>(m.payload), m.len);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i)
        out.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    return out;
}

}  // namespace

std::string seen::header(const std::string& name) const {
    for (const auto& [n, value] : headers)
        if (n == name) return value;
    return {};
}

peer::peer(std::string address, names_and_values properties)
    : address_(std::move(address)), properties_(std::move(properties)), producer_(client(true, {})) {}

peer::~peer() = default;

std::unique_ptr<rd_kafka_s, void (*)(rd_kafka_s*)> peer::client(bool producer, const names_and_values& more) const {
    char words[512];
    auto* conf = rd_kafka_conf_new();
    names_and_values all{{"bootstrap.servers", address_}, {"log_level", "0"}, {"reconnect.backoff.max.ms", "500"}};
    if (producer) all["message.max.bytes"] = "10000000";
    for (const auto& [name, value] : properties_) all[name] = value;
    for (const auto& [name, value] : more) all[name] = value;
    for (const auto& [name, value] : all)
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), words, sizeof words) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(words);
    if (producer) rd_kafka_conf_set_dr_msg_cb(conf, &delivered);
    auto* made = rd_kafka_new(producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, words, sizeof words);
    if (made == nullptr) throw std::runtime_error(words);
    return {made, &rd_kafka_destroy};
}

void peer::create(const std::string& topic, int partitions, const names_and_values& settings) {
    char words[512];
    auto* made = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, words, sizeof words);
    for (const auto& [name, value] : settings) rd_kafka_NewTopic_set_config(made, name.c_str(), value.c_str());
    const auto answer = answer_of(
        producer_.get(), [&](auto* q) { rd_kafka_CreateTopics(producer_.get(), &made, 1, nullptr, q); },
        "create " + topic);
    rd_kafka_NewTopic_destroy(made);
    std::size_t count = 0;
    const auto* result = rd_kafka_event_CreateTopics_result(answer.get());
    must_all(rd_kafka_CreateTopics_result_topics(result, &count), count, "create " + topic);
    if (!eventually(
            [&] { return partitions_of(topic) == partitions; }))  // the controller answers before the broker has heard
        throw std::runtime_error("create " + topic + ": the broker does not show it");
}

/// As the broker shows it; 0 when it shows none.
int peer::partitions_of(const std::string& topic) {
    auto* known = rd_kafka_topic_new(producer_.get(), topic.c_str(), nullptr);
    const rd_kafka_metadata_t* about = nullptr;
    must(rd_kafka_metadata(producer_.get(), 0, known, &about, patience), "look at " + topic);
    const int out = about->topic_cnt == 1 ? about->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(about);
    rd_kafka_topic_destroy(known);
    return out;
}

void peer::remove(const std::string& topic) {
    auto* gone = rd_kafka_DeleteTopic_new(topic.c_str());
    const auto answer = answer_of(
        producer_.get(), [&](auto* q) { rd_kafka_DeleteTopics(producer_.get(), &gone, 1, nullptr, q); },
        "delete " + topic);
    rd_kafka_DeleteTopic_destroy(gone);
    std::size_t count = 0;
    const auto* result = rd_kafka_event_DeleteTopics_result(answer.get());
    must_all(rd_kafka_DeleteTopics_result_topics(result, &count), count, "delete " + topic);
    if (!eventually([&] { return partitions_of(topic) == 0; }))
        throw std::runtime_error("delete " + topic + ": the broker still shows it");
    producer_ = client(true, {});  // forgets what it knew of the topic
}

void peer::grow(const std::string& topic, int partitions) {
    char words[512];
    auto* more = rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), words, sizeof words);
    const auto answer = answer_of(
        producer_.get(), [&](auto* q) { rd_kafka_CreatePartitions(producer_.get(), &more, 1, nullptr, q); },
        "grow " + topic);
    rd_kafka_NewPartitions_destroy(more);
    std::size_t count = 0;
    const auto* result = rd_kafka_event_CreatePartitions_result(answer.get());
    must_all(rd_kafka_CreatePartitions_result_topics(result, &count), count, "grow " + topic);
}

void peer::delete_records(const std::string& topic, std::int32_t partition, std::int64_t before) {
    const list offsets(rd_kafka_topic_partition_list_new(1), &rd_kafka_topic_partition_list_destroy);
    rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), partition)->offset = before;
    auto* gone = rd_kafka_DeleteRecords_new(offsets.get());
    const auto answer = answer_of(
        producer_.get(), [&](auto* q) { rd_kafka_DeleteRecords(producer_.get(), &gone, 1, nullptr, q); },
        "delete records");
    rd_kafka_DeleteRecords_destroy(gone);
    const auto* results = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer.get()));
    for (int i = 0; i < results->cnt; ++i) must(results->elems[i].err, "delete records");
}

std::vector<std::int64_t> peer::produce(const std::string& topic, const std::vector<sent>& records) {
    delivery all{std::vector<std::int64_t>(records.size(), -1), records.size(), RD_KAFKA_RESP_ERR_NO_ERROR};
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& r = records[i];
        auto* headers = rd_kafka_headers_new(4);
        for (const auto& [name, value] : r.headers)
            rd_kafka_header_add(headers, name.c_str(), -1, value.data(), static_cast<ssize_t>(value.size()));
        void* key = r.key ? const_cast<char*>(r.key->data()) : nullptr;
        void* payload = r.payload ? const_cast<char*>(r.payload->data()) : nullptr;
        const std::size_t key_size = r.key ? r.key->size() : 0, payload_size = r.payload ? r.payload->size() : 0;
        auto* at = new std::pair<delivery*, std::size_t>(&all, i);
        must(rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(r.partition),
                               RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
                               RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE(payload, payload_size),
                               RD_KAFKA_V_OPAQUE(at), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END),
             "produce to " + topic);
        rd_kafka_poll(producer_.get(), 0);
    }
    if (rd_kafka_flush(producer_.get(), patience) != RD_KAFKA_RESP_ERR_NO_ERROR || all.open != 0)
        throw std::runtime_error("produce to " + topic + ": no answer");
    must(all.error, "produce to " + topic);
    return all.offsets;
}

std::int64_t peer::produce(const std::string& topic, std::int32_t partition, const std::string& key,
                           const std::string& payload) {
    return produce(topic, {{key, payload, {}, partition}}).at(0);
}

std::vector<seen> peer::read(const std::string& topic) {
    const auto reader =
        client(false, {{"group.id", "peer"}, {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "50"}});
    rd_kafka_poll_set_consumer(reader.get());
    auto* known = rd_kafka_topic_new(reader.get(), topic.c_str(), nullptr);
    const rd_kafka_metadata_t* about = nullptr;
    must(rd_kafka_metadata(reader.get(), 0, known, &about, patience), "look at " + topic);
    const int partitions = about->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(about);
    rd_kafka_topic_destroy(known);
    const list all(rd_kafka_topic_partition_list_new(partitions), &rd_kafka_topic_partition_list_destroy);
    std::map<std::int32_t, std::int64_t> left;
    for (int p = 0; p < partitions; ++p) {
        std::int64_t low = 0, high = 0;
        const auto ask = [&] {
            return rd_kafka_query_watermark_offsets(reader.get(), topic.c_str(), p, &low, &high, patience);
        };
        auto said = ask();
        // A broker that has just come back does not lead its partitions at once.
        for (int again = 0; again < 300 && said == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION; ++again) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            said = ask();
        }
        must(said, "ends of " + topic);
        rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), p)->offset = low;
        if (high > low) left[p] = high;
    }
    must(rd_kafka_assign(reader.get(), all.get()), "assign " + topic);
    std::vector<seen> out;
    while (!left.empty()) {
        const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> m(
            rd_kafka_consumer_poll(reader.get(), patience), &rd_kafka_message_destroy);
        if (!m) throw std::runtime_error("reading " + topic + ": no answer");
        must(m->err, "reading " + topic);
        out.push_back(to_seen(*m));
        if (const auto at = left.find(m->partition); at != left.end() && m->offset + 1 >= at->second) left.erase(at);
    }
    rd_kafka_consumer_close(reader.get());
    return out;
}

std::int64_t peer::committed(const std::string& group, const std::string& topic, std::int32_t partition) {
    const auto reader = client(false, {{"group.id", group}});
    const list where(rd_kafka_topic_partition_list_new(1), &rd_kafka_topic_partition_list_destroy);
    rd_kafka_topic_partition_list_add(where.get(), topic.c_str(), partition);
    must(rd_kafka_committed(reader.get(), where.get(), patience), "committed offsets of " + group);
    return where->elems[0].offset;
}

void peer::commit(const std::string& group, const std::string& topic, std::int32_t partition, std::int64_t offset) {
    const auto writer = client(false, {{"group.id", group}});
    const list where(rd_kafka_topic_partition_list_new(1), &rd_kafka_topic_partition_list_destroy);
    rd_kafka_topic_partition_list_add(where.get(), topic.c_str(), partition)->offset = offset;
    must(rd_kafka_commit(writer.get(), where.get(), 0), "commit for " + group);
}

bool eventually(const std::function<bool()>& question) {
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
         std::chrono::steady_clock::now() < until;) {
        if (question()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return question();
}

}  // namespace ota::kafka_rig
