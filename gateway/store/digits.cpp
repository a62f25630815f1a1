#include "gateway/store/digits.hpp"

#include <algorithm>

namespace ota::store {

namespace {

constexpr std::size_t longest_iccid = 20;
constexpr std::size_t longest_number = 18;

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string pack_nibbles(std::string_view digits, unsigned filler) {
    std::string out((digits.size() + 1) / 2, '\0');
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto high = static_cast<unsigned>(digits[2 * i] - '0');
        const auto low = 2 * i + 1 < digits.size() ? static_cast<unsigned>(digits[2 * i + 1] - '0') : filler;
        out[i] = static_cast<char>(high << 4 | low);
    }
    return out;
}

}  // namespace

std::optional<std::string> pack_iccid(std::string_view digits) {
    if (digits.empty() || digits.size() > longest_iccid || !all_digits(digits)) return std::nullopt;
    return pack_nibbles(digits, 0xF);
}

std::string unpack_iccid(std::string_view packed) {
    std::string out;
    out.reserve(packed.size() * 2);
    for (const char c : packed) {
        const auto octet = static_cast<unsigned char>(c);
        out.push_back(static_cast<char>('0' + (octet >> 4)));
        if ((octet & 0xF) != 0xF) out.push_back(static_cast<char>('0' + (octet & 0xF)));
    }
    return out;
}

std::optional<iccid_range> range_of_prefix(std::string_view digits) {
    if (digits.size() > longest_iccid || !all_digits(digits)) return std::nullopt;
    return iccid_range{pack_nibbles(digits, 0), pack_nibbles(digits, 0xF) + std::string(longest_iccid / 2, '\xFF')};
}

std::optional<std::int64_t> pack_number(std::string_view digits) {
    if (digits.empty()) return 0;
    if (digits.size() > longest_number || !all_digits(digits)) return std::nullopt;
    std::int64_t packed = 1;
    for (const char c : digits) packed = packed * 10 + (c - '0');
    return packed;
}

std::string unpack_number(std::int64_t packed) {
    return packed == 0 ? std::string() : std::to_string(packed).substr(1);
}

}  // namespace ota::store
