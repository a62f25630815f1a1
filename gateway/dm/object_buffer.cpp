#include "gateway/dm/object_buffer.hpp"

namespace ota::dm {

namespace syncml = management_object::dm;

void object_buffer::give_up() noexcept {
    open_ = false;
    announced_.reset();
    data_.clear();
}

object_buffer::outcome object_buffer::take(const std::string& whose, syncml::item& piece,
                                           const std::optional<syncml::meta>& of_command) {
    if (interrupted_by(whose)) give_up();
    // [DM Protocol 1.2, 7] The first chunk tells the size, and no other: it begins an object anew.
    const auto size =
        piece.about && piece.about->size ? piece.about->size : (of_command ? of_command->size : std::nullopt);
    if (refused_ == whose && !size) {
        if (!piece.more_data) refused_.clear();
        return outcome::too_large;
    }
    refused_.clear();
    if (!open_) {
        if (!piece.more_data) return outcome::whole;
        open_ = true;
        whose_ = whose;
        first_ = piece;
        first_.data.reset();
        announced_ = size;
    }
    data_ += piece.data.value_or("");
    if (data_.size() > largest_ || announced_.value_or(0) > largest_) {
        give_up();
        if (piece.more_data) refused_ = whose;
        return outcome::too_large;
    }
    if (piece.more_data) return outcome::more;
    // [7.2] The size is told with the first chunk; without it nothing proves that no chunk is missing.
    const bool fits = announced_ && *announced_ == data_.size();
    const bool opaque = piece.opaque || first_.opaque;
    piece = first_;  // an object's address and Meta may be left out of later chunks
    piece.opaque = opaque;
    piece.more_data = false;
    piece.data = std::move(data_);
    give_up();
    return fits ? outcome::whole : outcome::mismatch;
}

}  // namespace ota::dm
