#include "queue/timestamp.hpp"

#include <cstdio>

namespace ota::queue {
namespace {

using namespace std::chrono;

/// Takes fields of a fixed number of digits from the front; the first failure sticks.
class digits {
public:
    explicit digits(std::string_view in) noexcept : in_(in) {}

    int number(std::size_t width, int lowest, int highest) noexcept {
        int value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            const int digit = next_digit();
            value = value * 10 + (digit < 0 ? 0 : digit);
        }
        if (value < lowest || value > highest) good = false;
        return value;
    }
    int next_digit() noexcept {
        const char c = next();
        if (c >= '0' && c <= '9') return c - '0';
        good = false;
        return -1;
    }
    char next() noexcept {
        if (in_.empty()) {
            good = false;
            return '\0';
        }
        const char c = in_.front();
        in_.remove_prefix(1);
        return c;
    }
    void expect(char upper, char lower) noexcept {
        const char c = next();
        if (c != upper && c != lower) good = false;
    }
    [[nodiscard]] char peek() const noexcept { return in_.empty() ? '\0' : in_.front(); }
    [[nodiscard]] bool done() const noexcept { return good && in_.empty(); }

    bool good = true;

private:
    std::string_view in_;
};

int fraction(digits& in) noexcept {
    int value = 0, scale = 100;
    if (in.peek() != '.') return 0;
    in.next();
    value += scale * in.next_digit();  // at least one digit
    while (in.good && in.peek() >= '0' && in.peek() <= '9') {
        scale /= 10;
        value += scale * in.next_digit();
    }
    return value;
}

minutes zone(digits& in) noexcept {
    const char sign = in.next();
    if (sign == 'Z' || sign == 'z') return minutes(0);
    if (sign != '+' && sign != '-') in.good = false;
    const int hour = in.number(2, 0, 23);
    in.expect(':', ':');
    const int minute = in.number(2, 0, 59);
    return (sign == '-' ? -1 : 1) * minutes(hour * 60 + minute);
}

}  // namespace

std::optional<sys_time<milliseconds>> parse_timestamp(std::string_view text) noexcept {
    digits in(text);
    const int y = in.number(4, 0, 9999);
    in.expect('-', '-');
    const int m = in.number(2, 1, 12);
    in.expect('-', '-');
    const int d = in.number(2, 1, 31);
    in.expect('T', 't');
    const int hour = in.number(2, 0, 23);
    in.expect(':', ':');
    const int minute = in.number(2, 0, 59);
    in.expect(':', ':');
    const int second = in.number(2, 0, 60);
    const int millisecond = fraction(in);
    const auto offset = zone(in);
    const year_month_day date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
    if (!in.done() || !date.ok()) return std::nullopt;
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + milliseconds(millisecond) - offset;
}

std::string serialize_timestamp(sys_time<milliseconds> at) {
    const auto date = floor<days>(at);
    const year_month_day ymd(date);
    const hh_mm_ss time(at - date);
    char text[48];
    const int n = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(ymd.year()),
                                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                                static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return {text, static_cast<std::size_t>(n)};
}

}  // namespace ota::queue
