#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ota::smpp {

/// A map from numbers that are given out one after another (sequence numbers, requests) to small values: open
/// addressing, no allocation once it has grown to the window.
template <class T>
class number_table {
public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    [[nodiscard]] T* find(std::uint32_t number) noexcept {
        if (slots_.empty()) return nullptr;
        for (auto at = number & mask();; at = (at + 1) & mask()) {
            if (!slots_[at].used) return nullptr;
            if (slots_[at].number == number) return &slots_[at].value;
        }
    }

    /// `number` must not be in the table.
    void insert(std::uint32_t number, T value) {
        if ((size_ + 1) * 2 > slots_.size()) grow();
        place(number, std::move(value));
        ++size_;
    }

    void erase(std::uint32_t number) noexcept {
        if (slots_.empty()) return;
        auto at = number & mask();
        for (; slots_[at].used && slots_[at].number != number;) at = (at + 1) & mask();
        if (!slots_[at].used) return;
        --size_;
        // Close the gap: whoever was pushed past it moves back, so that probing never meets a hole.
        for (auto next = (at + 1) & mask(); slots_[next].used; next = (next + 1) & mask()) {
            const auto home = slots_[next].number & mask();
            if (((next - home) & mask()) < ((next - at) & mask())) continue;
            slots_[at] = std::move(slots_[next]);
            at = next;
        }
        slots_[at] = slot{};
    }

    void clear() noexcept {
        slots_.clear();
        size_ = 0;
    }

    /// Calls `visit(number, value)` for each, in no order; the table must not change meanwhile.
    template <class F>
    void each(F&& visit) {
        for (auto& s : slots_)
            if (s.used) visit(s.number, s.value);
    }

private:
    struct slot {
        bool used = false;
        std::uint32_t number = 0;
        T value{};
    };

    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

    void place(std::uint32_t number, T value) {
        auto at = number & mask();
        while (slots_[at].used) at = (at + 1) & mask();
        slots_[at] = {true, number, std::move(value)};
    }

    void grow() {
        auto old = std::exchange(slots_, std::vector<slot>(slots_.empty() ? 32 : slots_.size() * 2));
        for (auto& s : old)
            if (s.used) place(s.number, std::move(s.value));
    }

    std::vector<slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace ota::smpp
