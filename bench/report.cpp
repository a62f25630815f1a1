#include "bench/report.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <thread>

namespace ota::bench {
namespace {

// What follows the colon of the first line of /proc/cpuinfo that begins with `name`.
std::string cpu_property(std::string_view name) {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with(name) && colon != std::string::npos) return line.substr(colon + 2);
    }
    return "unknown processor";
}

// Four figures are as many as a repeated run confirms.
std::string rounded(double value) {
    std::array<char, 32> text{};
    const int decimals = std::abs(value) >= 1000 ? 0 : std::abs(value) >= 100 ? 1 : std::abs(value) >= 10 ? 2 : 3;
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

}  // namespace

std::string machine() {
    const auto gibibytes =
        static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1U << 30U);
    return cpu_property("model name") + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, " +
           std::to_string(std::lround(gibibytes)) +
           " GiB, "
#ifdef __clang__
           "clang " __clang_version__
#else
           "g++ " __VERSION__
#endif
#ifndef __OPTIMIZE__
           ", NOT OPTIMISED"
#endif
        ;
}

void print_table(std::ostream& out, const std::vector<figure>& figures) {
    std::array<std::size_t, 3> widths{};
    for (const auto& each : figures) {
        widths[0] = std::max(widths[0], each.name.size());
        widths[1] = std::max(widths[1], rounded(each.value).size());
        widths[2] = std::max(widths[2], each.unit.size());
    }
    for (const auto& each : figures) {
        const auto value = rounded(each.value);
        out << each.name << std::string(widths[0] - each.name.size() + 2 + widths[1] - value.size(), ' ') << value
            << ' ' << each.unit;
        if (!each.limit.empty()) out << std::string(widths[2] - each.unit.size() + 2, ' ') << each.limit;
        out << '\n';
    }
}

void print_json(std::ostream& out, const std::vector<figure>& figures) {
    for (const auto& each : figures) {
        const boost::json::object line{
            {"name", each.name}, {"value", each.value}, {"unit", each.unit}, {"limit", each.limit}};
        out << boost::json::serialize(line) << '\n';
    }
}

}  // namespace ota::bench
