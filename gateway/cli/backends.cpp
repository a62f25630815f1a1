#include "gateway/cli/backends.hpp"

#include "gateway/cards/open_store.hpp"
#include "gateway/cards/recover.hpp"
#include "gateway/store/leases.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/embedded/embedded_source.hpp"
#include "queue/kafka/kafka_sink.hpp"
#include "queue/kafka/kafka_source.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace ota::cli {

namespace {

bool open_embedded(const gateway_settings& settings, backends& into, backend_fault& fault) {
    const std::filesystem::path root = settings.queue_directory();
    queue::embedded_source_options keep;
    keep.keep = settings.queue.retention;
    auto opened = queue::embedded_source::open(queue::topic_directory(root, queue::topic_changes), keep);
    if (!opened) {
        fault.sentence = "the event log in " + root.string() + " cannot be opened: " + opened.error().message();
        return false;
    }
    into.source = std::move(opened.value());
    queue::embedded_sink_options sink_keep;
    sink_keep.keep[queue::topic_status] = settings.queue.retention;
    auto out = queue::embedded_sink::open(root, sink_keep);
    if (!out) {
        fault.sentence = "the status log in " + root.string() + " cannot be opened: " + out.error().message();
        return false;
    }
    into.sink = std::move(out.value());
    return true;
}

/// True when nothing is left to do.
bool bind_partitions(queue::kafka_source& source, store::store& state) {
    const auto seen = source.partition_count();
    if (seen == 0) return false;
    const auto known = remembered(state);
    if (!known) return false;
    if (known.value().partitions == 0) {  // another instance may be doing the same: whoever commits first is right
        auto tx = state.begin();
        if (!tx || !tx.value()->set_value(partitions_value, std::to_string(seen)) || !tx.value()->commit())
            return false;
        return false;
    }
    source.expect_partitions(known.value().partitions);
    return true;
}

bool open_kafka(const gateway_settings& settings, backends& into, log_line log, backend_fault& fault) {
    const auto& kafka = settings.queue.kafka;
    queue::kafka_source_options from;
    from.topic = queue::topic_changes;
    from.group = kafka.group;
    from.properties = properties_of(kafka);
    if (!kafka.instance_id.empty()) from.properties["group.instance.id"] = kafka.instance_id;
    from.log = log;
    const auto known = remembered(*into.state);
    if (!known) {
        fault.sentence = "the store does not answer: " + known.error().message();
        fault.passing = true;
        return false;
    }
    from.partitions = known.value().partitions;
    from.epoch = known.value().epoch;
    queue::kafka_sink_options to;
    to.properties = properties_of(kafka);
    to.log = std::move(log);
    auto source = queue::kafka_source::open(std::move(from));
    auto sink = queue::kafka_sink::open(std::move(to));
    if (!source || !sink) {
        fault.sentence = "queue: " + (!source ? source.error() : sink.error()).message();
        fault.misconfigured = true;
        return false;
    }
    into.tick = [reader = source.value().get(), state = into.state.get(), done = false]() mutable {
        if (!done) done = bind_partitions(*reader, *state);
    };
    into.source = std::move(source.value());
    into.sink = std::move(sink.value());
    return true;
}

}  // namespace

wire::result<source_memory> remembered(store::transaction& tx) {
    source_memory out;
    OTA_TRY(const auto partitions, tx.value(partitions_value));
    if (partitions) std::from_chars(partitions->data(), partitions->data() + partitions->size(), out.partitions);
    OTA_TRY(const auto epoch, tx.value(cards::recovered_value));
    if (epoch) std::from_chars(epoch->data(), epoch->data() + epoch->size(), out.epoch);
    return out;
}

wire::result<source_memory> remembered(store::store& state) {
    OTA_TRY(auto tx, state.begin());
    return remembered(*tx);
}

std::map<std::string, std::string, std::less<>> properties_of(const kafka_settings& kafka) {
    std::map<std::string, std::string, std::less<>> out(kafka.properties.begin(), kafka.properties.end());
    out["bootstrap.servers"] = kafka.bootstrap_servers;
    return out;
}

bool open_store(const gateway_settings& settings, backends& into, backend_fault& fault) {
    auto opened = cards::open_store(settings, {.exclusive = true}, fault.sentence);
    if (!opened) {
        fault.misconfigured = cards::is_misconfigured(opened.error());
        fault.passing = opened.error() == store::errc::unreachable;
        return false;
    }
    into.state = std::move(opened.value());
    return true;
}

bool open_queue(const gateway_settings& settings, backends& into, log_line log, backend_fault& fault) {
    if (settings.queue.kind == queue_kind::kafka) return open_kafka(settings, into, std::move(log), fault);
    return open_embedded(settings, into, fault);
}

wire::result<std::string> mark_of_tools(store::store& state) {
    OTA_TRY(auto tx, state.begin());
    OTA_TRY(const auto found, tx->values(store::tool_mark));  // `value` would lock it
    return found.empty() || found.front().first != store::tool_mark ? std::string() : found.front().second;
}

}  // namespace ota::cli
