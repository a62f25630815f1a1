#pragma once

#include "secure-channel/wire/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Octet strings, and the reader and writer that are the only place that knows byte order (big endian throughout).
namespace ota::wire {

using octets = std::vector<std::uint8_t>;
using octet_view = std::span<const std::uint8_t>;

[[nodiscard]] std::string to_hex(octet_view);
/// Accepts upper and lower case; an odd length or any other character is `errc::bad_hex`.
[[nodiscard]] result<octets> from_hex(std::string_view);

/// View of the octets of a text.
[[nodiscard]] inline octet_view as_octets(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// The octets as text, byte for byte.
[[nodiscard]] inline std::string_view as_text(octet_view v) noexcept {
    return {reinterpret_cast<const char*>(v.data()), v.size()};
}

/// Reads from front to back. The first failure sticks: later reads give zeros and empty views, and `finish` reports it.
class reader {
public:
    explicit reader(octet_view in) noexcept : in_(in) {}

    std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(number(3)); }
    std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u40() noexcept { return number(5); }
    std::uint64_t u64() noexcept { return number(8); }

    /// The next n octets, as a view into the input.
    octet_view take(std::size_t n) noexcept {
        if (n > in_.size() - at_) {
            fail();
            return {};
        }
        auto part = in_.subspan(at_, n);
        at_ += n;
        return part;
    }
    octet_view rest() noexcept { return take(in_.size() - at_); }

    [[nodiscard]] std::size_t remaining() const noexcept { return in_.size() - at_; }
    [[nodiscard]] std::size_t offset() const noexcept { return at_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

    void fail() noexcept {
        failed_ = true;
        at_ = in_.size();
    }

    /// The value, when every read succeeded and nothing is left over.
    template <class T>
    [[nodiscard]] result<T> finish(T value) const {
        if (failed_) return errc::truncated;
        if (remaining() != 0) return errc::trailing_octets;
        return result<T>(std::move(value));
    }

private:
    std::uint64_t number(std::size_t n) noexcept {
        std::uint64_t v = 0;
        for (auto octet : take(n)) v = v << 8 | octet;
        return v;
    }

    octet_view in_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

/// Appends to an octet string that it owns, or that the caller lends.
class writer {
public:
    writer() = default;
    explicit writer(std::size_t expected) { out_.reserve(expected); }

    writer& u8(std::uint64_t v) { return number(v, 1); }
    writer& u16(std::uint64_t v) { return number(v, 2); }
    writer& u24(std::uint64_t v) { return number(v, 3); }
    writer& u32(std::uint64_t v) { return number(v, 4); }
    writer& u40(std::uint64_t v) { return number(v, 5); }
    writer& u64(std::uint64_t v) { return number(v, 8); }
    writer& put(octet_view v) {
        out_.insert(out_.end(), v.begin(), v.end());
        return *this;
    }
    writer& fill(std::size_t n, std::uint8_t with) {
        out_.insert(out_.end(), n, with);
        return *this;
    }

    [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
    [[nodiscard]] octets& buffer() noexcept { return out_; }
    [[nodiscard]] octets take() noexcept { return std::move(out_); }

private:
    writer& number(std::uint64_t v, int n) {
        for (int shift = (n - 1) * 8; shift >= 0; shift -= 8) out_.push_back(static_cast<std::uint8_t>(v >> shift));
        return *this;
    }

    octets out_;
};

}  // namespace ota::wire
