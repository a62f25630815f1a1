#include "queue/kafka/errc.hpp"

#include <array>
#include <mutex>
#include <string>

namespace ota::queue::kafka {
namespace {

const char* sentence(errc e) noexcept {
    switch (e) {
        case errc::bad_setting: return "a Kafka property is not valid";
        case errc::unreachable: return "no Kafka broker answers";
        case errc::refused: return "Kafka refuses the credentials or what they ask for";
        case errc::missing_topic: return "the topic does not exist";
        case errc::not_ready: return "the consumer is not ready yet";
        case errc::group_failed: return "the consumer group refuses this member";
        case errc::not_assigned: return "the partition belongs to another reader";
        case errc::topic_recreated: return "the topic is not the one that was read before";
        case errc::partitions_changed: return "the topic's number of partitions has changed";
        case errc::offset_removed: return "retention has removed records that were never read";
        case errc::message_too_large: return "the message is longer than the topic takes";
        case errc::not_published: return "the broker did not take the messages";
        case errc::store_behind: return "the store is older than what the group has taken in";
        case errc::failed: return "Kafka failed";
    }
    return "unknown failure of Kafka";
}

/// An error code is a number: kind in the low bits, above it the number under which its words are kept.
constexpr int kind_bits = 5;
constexpr int kind_mask = (1 << kind_bits) - 1;
constexpr int last_number = (1 << 25) - 1;

class spoken_words {
public:
    int keep(int kind, std::string_view words) {
        std::lock_guard lock(mutex_);
        for (const auto& s : slots_)  // what is said again every second stays one text
            if (s.number != 0 && s.kind == kind && s.words == words) return s.number;
        next_ = next_ == last_number ? 1 : next_ + 1;
        slots_[static_cast<std::size_t>(next_) % slots_.size()] = {next_, kind, std::string(words)};
        return next_;
    }
    std::string of(int number) const {
        std::lock_guard lock(mutex_);
        const auto& kept = slots_[static_cast<std::size_t>(number) % slots_.size()];
        return kept.number == number ? kept.words : std::string();
    }

private:
    struct slot {
        int number = 0;
        int kind = 0;
        std::string words;
    };
    mutable std::mutex mutex_;
    std::array<slot, 1024> slots_;
    int next_ = 0;
};

spoken_words& spoken() {
    static spoken_words all;
    return all;
}

class kafka_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "kafka"; }
    std::string message(int code) const override {
        const auto number = code >> kind_bits;
        auto words = number == 0 ? std::string() : spoken().of(number);
        return words.empty() ? sentence(static_cast<errc>(code & kind_mask)) : words;
    }
    /// So that a caller who knows nothing of Kafka can tell what passes by itself.
    bool equivalent(int code, const std::error_condition& other) const noexcept override {
        return error_category::equivalent(code, other) || ((code & kind_mask) == static_cast<int>(errc::not_ready) &&
                                                           other == std::errc::resource_unavailable_try_again);
    }
    std::error_condition default_error_condition(int code) const noexcept override { return {code & kind_mask, *this}; }
};

}  // namespace

const std::error_category& category() noexcept {
    static const kafka_category instance;
    return instance;
}

std::error_code fault(errc e, std::string_view words) {
    const auto kind = static_cast<int>(e);
    return {kind | (words.empty() ? 0 : spoken().keep(kind, words) << kind_bits), category()};
}

}  // namespace ota::queue::kafka
