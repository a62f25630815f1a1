#pragma once

#include <string_view>
#include <system_error>

namespace ota::queue::kafka {

/// What can be wrong with Kafka. Compare an error with these (`error == errc::missing_topic`); its message carries the
/// client's or broker's words and names the setting to look at. `not_ready` is
/// std::errc::resource_unavailable_try_again too.
enum class errc {
    bad_setting = 1,     ///< a property that librdkafka does not know or cannot take
    unreachable,         ///< no broker answers
    refused,             ///< credentials are wrong, or what they stand for is not allowed
    missing_topic,       ///< the topic does not exist
    not_ready,           ///< not joined yet, or a position is still being verified
    group_failed,        ///< the consumer group refuses this member
    not_assigned,        ///< the partition belongs to another reader
    topic_recreated,     ///< what lies at the stored position is not what was read there
    partitions_changed,  ///< the topic has another number of partitions than before
    offset_removed,      ///< retention removed records that were never read
    message_too_large,   ///< the message and even the note in its place are longer than the topic takes
    not_published,       ///< the broker did not take the batch
    failed,              ///< anything else
    store_behind,        ///< R3: the group has taken in more than the store: an older copy
};

[[nodiscard]] const std::error_category& category() noexcept;
/// An error with words of its own. Texts are kept for the last thousand errors that differ.
[[nodiscard]] std::error_code fault(errc, std::string_view words);
inline std::error_condition make_error_condition(errc e) noexcept { return {static_cast<int>(e), category()}; }

}  // namespace ota::queue::kafka

template <>
struct std::is_error_condition_enum<ota::queue::kafka::errc> : std::true_type {};
