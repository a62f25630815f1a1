#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"
#include "queue/embedded/log_reader.hpp"
#include "queue/errc.hpp"
#include "queue/tools/arguments.hpp"
#include "queue/tools/letter_box.hpp"

namespace ota::queue::tools {
namespace {

using BOOST_OUTCOME_V2_NAMESPACE::success;

class letter_log final : public letter_box {
public:
    letter_log(std::filesystem::path root, log_reader reader) : root_(std::move(root)), reader_(std::move(reader)) {}

    wire::result<void> read_marks() {
        for (;;) {
            OTA_TRY(const auto next, reader_.next());
            if (!next) return success();
            if (next->damaged) ++damaged_;
            if (const auto mark = parse_replay_mark(next->content.payload))
                replayed_[mark.value().dead_letter_offset] = mark.value().at;
        }
    }
    wire::result<void> each(const visitor& visit) override {
        OTA_TRY(const auto oldest, reader_.oldest_offset());
        OTA_TRY(reader_.seek(oldest));
        for (;;) {
            OTA_TRY(const auto next, reader_.next());
            if (!next) return success();
            if (next->damaged) continue;
            if (const auto letter = parse_dead_letter(next->content.payload)) visit({0, next->offset}, letter.value());
        }
    }
    wire::result<dead_letter> at(const letter_place& where) override {
        OTA_TRY(reader_.seek(where.offset));
        OTA_TRY(const auto next, reader_.next());
        if (!next || next->damaged) return errc::bad_dead_letter;
        return parse_dead_letter(next->content.payload);
    }
    std::optional<wall_time> replayed(const letter_place& where) const override {
        const auto found = replayed_.find(where.offset);
        return found == replayed_.end() ? std::nullopt : std::optional(found->second);
    }
    std::size_t damaged() const override { return damaged_; }

    replay_result replay(const letter_place& where, const message& change, wall_time now) override {
        replay_result out;
        if (const auto open = open_writers(); !open) return {{}, open.error(), true};
        const embedded::entry entry{change.key, change.value, &change.headers};
        const auto appended = changes_->append({&entry, 1}, now);
        if (!appended) return {{}, appended.error(), false};
        const auto place = appended.value().begin;
        out.as = std::to_string(place);
        const auto mark = serialize_replay_mark({where.offset, {topic_changes, 0, place}, now});
        const embedded::entry note{change.key, mark};
        if (const auto noted = letters_->append({&note, 1}, now); !noted) {
            out.why = noted.error();
        } else {
            replayed_[where.offset] = now;
        }
        return out;
    }

    std::string_view form() const override { return "offset"; }
    std::string text_of(const letter_place& where) const override { return std::to_string(where.offset); }
    std::optional<letter_place> place_of(std::string_view text) const override {
        const auto offset = read_number(text);
        return offset ? std::optional(letter_place{0, *offset}) : std::nullopt;
    }

private:
    wire::result<void> open_writers() {
        if (!changes_) {
            OTA_TRY(auto opened, embedded_log::open(topic_directory(root_, topic_changes)));
            changes_.emplace(std::move(opened));
        }
        if (!letters_) {
            OTA_TRY(auto opened, embedded_log::open(topic_directory(root_, topic_dead_letters)));
            letters_.emplace(std::move(opened));
        }
        return success();
    }

    std::filesystem::path root_;
    log_reader reader_;
    std::optional<embedded_log> changes_, letters_;  // once something is replayed
    std::map<std::int64_t, wall_time> replayed_;
    std::size_t damaged_ = 0;
};

}  // namespace

wire::result<std::unique_ptr<letter_box>> open_letter_log(const std::filesystem::path& root) {
    OTA_TRY(auto reader, log_reader::open(topic_directory(root, topic_dead_letters)));
    auto out = std::make_unique<letter_log>(root, std::move(reader));
    OTA_TRY(out->read_marks());
    return std::unique_ptr<letter_box>(std::move(out));
}

}  // namespace ota::queue::tools
