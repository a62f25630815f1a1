#include "queue/kafka/kafka_sink.hpp"

#include "queue/kafka/errc.hpp"
#include "queue/kafka/message_headers.hpp"
#include "queue/kafka/producer.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace ota::queue {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;
using kafka::errc;

constexpr auto probe_time = std::chrono::milliseconds(2000);

}  // namespace

/// The producer belongs to `publish` while it works, and to the thread that looks for a broker while none answers.
struct kafka_sink::state {
    explicit state(options o) : settings(std::move(o)) {}

    void look_for_broker() {
        std::unique_lock lock(mutex);
        while (!stopping) {
            changed.wait(lock, [&] { return stopping || down; });
            if (stopping) return;
            lock.unlock();
            auto fresh = kafka::producer::open(settings.properties, settings.log);
            const auto there = fresh ? fresh.value()->probe(probe_time) : wire::result<void>(fresh.error());
            if (there) fresh.value()->calm();
            lock.lock();
            if (there) {
                working = std::move(fresh.value());
                down.clear();
            } else {
                down = there.error();
                changed.wait_for(lock, settings.probe_interval, [&] { return stopping; });
            }
        }
    }

    void give_up(std::error_code why) {
        working.reset();
        std::lock_guard lock(mutex);
        down = why;
        changed.notify_all();
    }

    [[nodiscard]] std::error_code publish(std::span<const message>);
    [[nodiscard]] std::error_code publish_note(const message& too_long);

    options settings;
    std::mutex mutex;
    std::condition_variable changed;
    std::error_code down;  ///< set: `working` is the thread's to replace
    bool stopping = false;
    std::unique_ptr<kafka::producer> working;
    std::thread prober;
};

kafka_sink::kafka_sink(std::unique_ptr<state> s) : state_(std::move(s)) {}

wire::result<std::unique_ptr<kafka_sink>> kafka_sink::open(options o) {
    auto s = std::make_unique<state>(std::move(o));
    OTA_TRY(s->working, kafka::producer::open(s->settings.properties, s->settings.log));
    s->prober = std::thread([behind = s.get()] { behind->look_for_broker(); });
    return std::unique_ptr<kafka_sink>(new kafka_sink(std::move(s)));
}

kafka_sink::~kafka_sink() {
    {
        std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->changed.notify_all();
    state_->prober.join();
}

wire::result<void> kafka_sink::publish(const std::vector<message>& messages) {
    if (messages.empty()) return success();
    if (const auto why = state_->publish(messages)) return why;
    return success();
}

std::error_code kafka_sink::state::publish(std::span<const message> messages) {
    {
        std::lock_guard lock(mutex);
        if (down) return down;
    }
    const auto told = working->publish(messages, settings.patience);
    if (told.why) {
        give_up(told.why);
        return told.why;
    }
    // One by one: a broker refuses the whole lump in which a message is too long.
    for (const auto index : told.too_large) {
        const auto& one = messages[index];
        const auto alone = working->publish({&one, 1}, settings.patience);
        const auto why = alone.too_large.empty() ? alone.why : publish_note(one);
        if (!why) continue;
        if (why != errc::message_too_large) give_up(why);
        return why;
    }
    return {};
}

std::error_code kafka_sink::state::publish_note(const message& too_long) {
    const auto note = kafka::note_instead_of(too_long);
    auto told = note ? working->publish({&*note, 1}, settings.patience) : kafka::producer::outcome{{}, {0}, {}};
    if (told.too_large.empty()) return told.why;
    return kafka::fault(errc::message_too_large,
                        "topic " + too_long.topic + ": the message of " + std::to_string(too_long.value.size()) +
                            " octets with key " + too_long.key +
                            " is longer than the topic takes (its max.message.bytes, and message.max.bytes here)");
}

}  // namespace ota::queue
