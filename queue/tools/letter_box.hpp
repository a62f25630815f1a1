#pragma once

#include "queue/event_sink.hpp"
#include "queue/tools/commands.hpp"

#include <functional>
#include <memory>

namespace ota::queue::tools {

/// Of a dead letter. An embedded log has partition 0 only.
struct letter_place {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    auto operator<=>(const letter_place&) const = default;
};

/// Dead letters, read as often as asked for and never held in memory: an embedded log, or a topic of Apache Kafka.
class letter_box {
public:
    virtual ~letter_box() = default;

    using visitor = std::function<void(const letter_place&, const dead_letter&)>;
    /// Every dead letter, oldest first (of each partition).
    [[nodiscard]] virtual wire::result<void> each(const visitor&) = 0;
    /// `errc::bad_dead_letter` when none lies at this place.
    [[nodiscard]] virtual wire::result<dead_letter> at(const letter_place&) = 0;
    /// When a dead letter was last replayed; empty when never.
    [[nodiscard]] virtual std::optional<wall_time> replayed(const letter_place&) const = 0;
    /// Records that are neither dead letter nor mark.
    [[nodiscard]] virtual std::size_t damaged() const = 0;

    struct replay_result {
        std::string as;           ///< where the change lies now; empty: nobody says that it is there
        std::error_code why;      ///< of the change, or of its mark
        bool of_the_box = false;  ///< the next one would fail alike
    };
    /// The change first, then the mark: dying in between leaves the letter to be replayed again, and the event's id
    /// tells the repeat (R22).
    [[nodiscard]] virtual replay_result replay(const letter_place&, const message& change, wall_time now) = 0;

    /// How places are written: "offset" or "partition:offset".
    [[nodiscard]] virtual std::string_view form() const = 0;
    [[nodiscard]] virtual std::string text_of(const letter_place&) const = 0;
    /// Empty when the text has another form.
    [[nodiscard]] virtual std::optional<letter_place> place_of(std::string_view text) const = 0;
};

[[nodiscard]] wire::result<std::unique_ptr<letter_box>> open_letter_log(const std::filesystem::path& root);
[[nodiscard]] wire::result<std::unique_ptr<letter_box>> open_letter_topic(const cluster&);

}  // namespace ota::queue::tools
