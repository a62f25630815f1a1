#pragma once

#include "sandbox/uicc/file_tree.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ota::sandbox {

/// What one card's files hold where they differ from the factory: one flat string of `| slot 2 | content |`, so that an
/// untouched card takes no memory and a touched one a single allocation. A deactivated file is `| 8000 + file 2 |`.
class file_store {
public:
    /// The content of a slot, if this card has its own.
    [[nodiscard]] wire::octet_view find(const file_tree&, slot_id) const noexcept;
    /// The card's own copy, made of `initial` on first use; valid until the next call.
    [[nodiscard]] std::span<std::uint8_t> own(const file_tree&, slot_id, wire::octet_view initial);

    [[nodiscard]] bool deactivated(const file_tree&, file_id) const noexcept;
    void set_deactivated(const file_tree&, file_id, bool);

    [[nodiscard]] bool untouched() const noexcept { return changed_.empty(); }
    [[nodiscard]] std::size_t allocated() const noexcept { return changed_.capacity(); }

private:
    [[nodiscard]] std::size_t locate(const file_tree&, std::uint16_t mark) const noexcept;

    wire::octets changed_;
};

}  // namespace ota::sandbox
