#pragma once

#include "sandbox/uicc/apdu.hpp"
#include "sandbox/uicc/file_store.hpp"

#include <string_view>

namespace ota::sandbox {

/// What every simulated card is delivered with. It guards nothing of anybody's.
inline constexpr std::string_view factory_pin = "1234";
inline constexpr std::uint8_t first_pin = 0x01, first_administrator = 0x0A;  ///< key references [TS 102 221, 9.5.1]

/// The PIN of who holds the card [TS 102 221, 9.5 and 11.1.9]: VERIFY PIN, three tries. Verified until the power goes;
/// the tries are remembered by the card. There is no way to change or unblock it.
class holder_pin {
public:
    holder_pin(const file_tree& tree, file_store& store) noexcept : tree_(tree), store_(store) {}

    /// 9000; 63Cx with x tries left, which an empty command asks for; 6983 when none is.
    [[nodiscard]] std::uint16_t verify(const apdu&);
    [[nodiscard]] bool verified() const noexcept { return verified_; }
    /// The power was off and on.
    void reset() noexcept { verified_ = false; }

private:
    [[nodiscard]] std::uint16_t tries_left() const noexcept;

    const file_tree& tree_;
    file_store& store_;
    bool verified_ = false;
};

}  // namespace ota::sandbox
