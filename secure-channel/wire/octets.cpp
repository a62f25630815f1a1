#include "secure-channel/wire/octets.hpp"

namespace ota::wire {

namespace {

class category final : public std::error_category {
public:
    const char* name() const noexcept override { return "wire"; }
    std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
            case errc::truncated: return "the input ends inside a field";
            case errc::trailing_octets: return "the input goes on after its last field";
            case errc::bad_hex: return "not a hexadecimal octet string";
        }
        return "unknown wire error";
    }
};

int nibble(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

const std::error_category& wire_category() noexcept {
    static const category instance;
    return instance;
}

std::string to_hex(octet_view in) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out(in.size() * 2, '0');
    for (std::size_t i = 0; i < in.size(); ++i) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    return out;
}

result<octets> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return errc::bad_hex;
    octets out(text.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = nibble(text[2 * i]);
        const int low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0) return errc::bad_hex;
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return out;
}

}  // namespace ota::wire
