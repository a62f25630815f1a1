#include "queue/kafka/dead_letter_topic.hpp"
#include "queue/kafka/errc.hpp"
#include "queue/tools/arguments.hpp"
#include "queue/tools/letter_box.hpp"

namespace ota::queue::tools {
namespace {

using kafka::dead_letter_topic;

dead_letter_topic::place as_place(const letter_place& where) { return {where.partition, where.offset}; }

class letter_topic final : public letter_box {
public:
    explicit letter_topic(dead_letter_topic topic) : topic_(std::move(topic)) {}

    wire::result<void> each(const visitor& visit) override {
        return topic_.each([&](const auto& where, const auto& letter) {
            visit({where.partition, where.offset}, letter);
        });
    }
    wire::result<dead_letter> at(const letter_place& where) override { return topic_.at(as_place(where)); }
    std::optional<wall_time> replayed(const letter_place& where) const override {
        return topic_.replayed(as_place(where));
    }
    std::size_t damaged() const override { return topic_.damaged(); }

    replay_result replay(const letter_place& where, const message& change, wall_time now) override {
        const auto did = topic_.replay(as_place(where), change, now);
        return {did.as ? text_of({did.as->partition, did.as->offset}) : std::string(), did.why,
                did.why && !(did.why == kafka::errc::message_too_large)};
    }

    std::string_view form() const override { return "partition:offset"; }
    std::string text_of(const letter_place& where) const override {
        return std::to_string(where.partition) + ':' + std::to_string(where.offset);
    }
    std::optional<letter_place> place_of(std::string_view text) const override {
        const auto place = read_topic_place(text);
        return place ? std::optional(letter_place{place->first, place->second}) : std::nullopt;
    }

private:
    dead_letter_topic topic_;
};

}  // namespace

wire::result<std::unique_ptr<letter_box>> open_letter_topic(const cluster& kafka) {
    OTA_TRY(auto topic, dead_letter_topic::open(kafka.properties, kafka.patience));
    OTA_TRY(topic.each([](const auto&, const auto&) {}));  // the marks: they stand behind their letters
    return std::unique_ptr<letter_box>(std::make_unique<letter_topic>(std::move(topic)));
}

}  // namespace ota::queue::tools
