#pragma once

#include "management-object/dm_message.hpp"

/// Puts a large object together from its chunks [DM Protocol 1.2, 7].
namespace ota::dm {

class object_buffer {
public:
    explicit object_buffer(std::size_t largest) : largest_(largest) {}

    enum class outcome : std::uint8_t {
        whole,      ///< the item is complete now, in one piece
        more,       ///< a chunk was taken, others follow
        mismatch,   ///< complete, but not of the size announced, or none was announced
        too_large,  ///< announced or grown beyond the limit; given up, and so is each piece that still comes of it
    };
    /// One item as it came; its data are exchanged for the whole when it is the last of several. Sizes are those of the
    /// data as conveyed. `whose` names the object: a piece of another one first gives up the one under way.
    [[nodiscard]] outcome take(const std::string& whose, management_object::dm::item& piece,
                               const std::optional<management_object::dm::meta>& of_command);
    /// Is an object under way, other than `whose`.
    [[nodiscard]] bool interrupted_by(const std::string& whose) const noexcept { return open_ && whose_ != whose; }
    [[nodiscard]] bool open() const noexcept { return open_; }
    void give_up() noexcept;

private:
    std::size_t largest_;
    bool open_ = false;
    std::string whose_, refused_;  // names; refused_ is empty when no piece of a refused object can come
    std::optional<std::uint32_t> announced_;
    std::string data_;
    management_object::dm::item first_;
};

}  // namespace ota::dm
