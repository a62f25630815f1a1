#include "queue/tools/change_writer.hpp"

#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/kafka/errc.hpp"
#include "queue/kafka/producer.hpp"

namespace ota::queue::tools {
namespace {

class change_log final : public change_writer {
public:
    explicit change_log(embedded_log log) : log_(std::move(log)) {}
    appended append(const std::vector<message>& batch, wall_time now) override {
        std::vector<embedded::entry> entries;
        for (const auto& m : batch) entries.push_back({m.key, m.value, &m.headers});
        const auto did = log_.append(entries, now);
        return {std::vector<bool>(batch.size(), static_cast<bool>(did)), did ? std::error_code() : did.error()};
    }

private:
    embedded_log log_;
};

class change_topic final : public change_writer {
public:
    change_topic(std::unique_ptr<kafka::producer> to, const cluster& kafka)
        : producer_(std::move(to)), patience_(kafka.patience) {}
    appended append(const std::vector<message>& batch, wall_time) override {
        const auto told = producer_->publish(batch, patience_);
        appended out;
        for (const auto& place : told.places) out.durable.push_back(place.offset >= 0);
        out.why = told.why;
        // One by one: a broker refuses the whole lump in which a message is too long.
        for (const auto index : told.too_large) {
            if (out.why && !(out.why == kafka::errc::message_too_large)) break;
            const auto alone = producer_->publish({&batch[index], 1}, patience_);
            out.durable[index] = alone.places.at(0).offset >= 0;
            if (alone.why) out.why = alone.why;
            if (!alone.too_large.empty())
                out.why = kafka::fault(kafka::errc::message_too_large,
                                       std::to_string(batch[index].value.size()) +
                                           " octets are more than topic dm.mo.changes takes (its max.message.bytes)");
        }
        return out;
    }

private:
    std::unique_ptr<kafka::producer> producer_;
    std::chrono::milliseconds patience_;
};

}  // namespace

wire::result<std::unique_ptr<change_writer>> open_change_log(const std::filesystem::path& root) {
    OTA_TRY(auto log, embedded_log::open(topic_directory(root, topic_changes)));
    return std::unique_ptr<change_writer>(std::make_unique<change_log>(std::move(log)));
}

wire::result<std::unique_ptr<change_writer>> open_change_topic(const cluster& kafka) {
    OTA_TRY(auto producer, kafka::producer::open(kafka.properties, {}));
    return std::unique_ptr<change_writer>(std::make_unique<change_topic>(std::move(producer), kafka));
}

}  // namespace ota::queue::tools
