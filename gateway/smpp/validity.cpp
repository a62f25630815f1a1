#include "gateway/smpp/validity.hpp"

#include <algorithm>
#include <array>

namespace ota::smpp {
namespace {

void put_two(std::array<char, 16>& out, std::size_t at, unsigned value) {
    out[at] = static_cast<char>('0' + value / 10 % 10);
    out[at + 1] = static_cast<char>('0' + value % 10);
}

std::string written(unsigned year, unsigned month, unsigned day, std::chrono::seconds of_day, char sign) {
    std::array<char, 16> out{};
    out.fill('0');
    const auto seconds = static_cast<unsigned>(of_day.count());
    put_two(out, 0, year);
    put_two(out, 2, month);
    put_two(out, 4, day);
    put_two(out, 6, seconds / 3600);
    put_two(out, 8, seconds / 60 % 60);
    put_two(out, 10, seconds % 60);
    out[15] = sign;
    return {out.data(), out.size()};
}

}  // namespace

std::string validity_period(validity_form form, std::chrono::sys_time<std::chrono::milliseconds> now,
                            std::chrono::sys_time<std::chrono::milliseconds> expires, std::chrono::seconds maximum) {
    using namespace std::chrono;
    const auto left = std::min(floor<seconds>(expires - now), maximum);
    if (form == validity_form::none || left < seconds(1)) return {};
    if (form == validity_form::absolute) {
        const auto end = floor<seconds>(now + left);
        const auto day = floor<days>(end);
        const year_month_day date(day);
        return written(static_cast<unsigned>(static_cast<int>(date.year()) % 100), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), end - day, '+');
    }
    // Months and years of a relative period are of no certain length: days carry it, up to the 99 that fit.
    const auto whole_days = std::min(floor<days>(left), days(99));
    const auto rest = whole_days == days(99) ? seconds(0) : left - whole_days;
    return written(0, 0, static_cast<unsigned>(whole_days.count()), rest, 'R');
}

}  // namespace ota::smpp
