#pragma once

#include "sandbox/uicc/file_tree.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ota::sandbox {

/// What one card's files hold where they differ from the factory: one flat string of entries, so that an untouched card
/// takes no memory and a touched one a single allocation.
///     | slot 2 | content |                      a slot with the size that the tree gives it; slot below 8000
///     | 8000 + file 2 |                         a deactivated file; file below 4000
///     | C000 + file 2 |                         a deleted file; from here on the numbers are below 1000
///     | D000 + file 2 | identifier 2 |          a file that was created in a spare place
///     | E000 + slot 2 | length 2 | content |    a slot with a size of its own
///     | F000 2 | tries 2 |                      wrong tries of the PIN
class file_store {
public:
    /// The content of a slot, if this card has its own.
    [[nodiscard]] wire::octet_view find(const file_tree&, slot_id) const noexcept;
    /// The card's own copy, made of `initial` on first use; valid until the next call.
    [[nodiscard]] std::span<std::uint8_t> own(const file_tree&, slot_id, wire::octet_view initial);
    /// The slot's content as a whole, of whatever size.
    void assign(const file_tree&, slot_id, wire::octet_view content);
    void forget(const file_tree&, slot_id);

    [[nodiscard]] bool deactivated(const file_tree&, file_id) const noexcept;
    void set_deactivated(const file_tree&, file_id, bool);
    [[nodiscard]] bool deleted(const file_tree&, file_id) const noexcept;
    void set_deleted(const file_tree&, file_id, bool);
    /// The identifier under which a spare place of the tree became a file.
    [[nodiscard]] std::optional<std::uint16_t> created(const file_tree&, file_id) const noexcept;
    void set_created(const file_tree&, file_id, std::optional<std::uint16_t> identifier);

    /// How often the PIN was given wrong since it was last right.
    [[nodiscard]] unsigned wrong_tries(const file_tree&) const noexcept;
    void set_wrong_tries(const file_tree&, unsigned);

    [[nodiscard]] bool untouched() const noexcept { return changed_.empty(); }
    [[nodiscard]] std::size_t allocated() const noexcept { return changed_.capacity(); }

private:
    struct entry {
        std::size_t at = 0;  ///< where it begins
        std::size_t content = 0, length = 0;
    };
    [[nodiscard]] entry entry_at(const file_tree&, std::size_t at) const noexcept;
    [[nodiscard]] std::optional<entry> locate(const file_tree&, std::uint16_t mark) const noexcept;
    [[nodiscard]] std::optional<entry> locate_slot(const file_tree&, slot_id) const noexcept;
    void append(std::uint16_t mark, wire::octet_view rest = {});
    void erase(const file_tree&, std::uint16_t mark);
    void set(const file_tree&, std::uint16_t mark, bool);

    wire::octets changed_;
};

}  // namespace ota::sandbox
