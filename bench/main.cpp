#include "bench/cat_tp_bench.hpp"
#include "bench/kafka_postgres_bench.hpp"
#include "bench/object_bench.hpp"
#include "bench/packet_bench.hpp"
#include "bench/queue_bench.hpp"
#include "bench/report.hpp"
#include "bench/smpp_bench.hpp"
#include "bench/store_bench.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <iostream>

namespace ota::bench {
namespace {

struct group {
    std::string_view name;
    std::function<std::vector<figure>()> measure;
    bool begins_figures = false;  ///< the name of each of its figures begins with the group's
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// The group of this name; or the figures whose group or own name contains `filter`. A group is measured when it may
// hold one.
void measure(const std::vector<group>& groups, const std::string& filter, bool json) {
    const bool names_one = std::ranges::any_of(groups, [&](const auto& each) { return each.name == filter; });
    const bool names_groups =
        std::ranges::any_of(groups, [&](const auto& each) { return contains(each.name, filter); });
    for (const auto& each : groups) {
        if (names_one && each.name != filter) continue;
        if (names_groups && !contains(each.name, filter)) continue;
        if (!names_groups && each.begins_figures && !filter.starts_with(each.name)) continue;
        std::cerr << "measuring: " << each.name << std::endl;
        auto figures = each.measure();
        if (!names_groups) std::erase_if(figures, [&](const auto& f) { return !contains(f.name, filter); });
        if (json)
            print_json(std::cout, figures);
        else
            print_table(std::cout, figures);
        std::cout.flush();
    }
}

}  // namespace
}  // namespace ota::bench

int main(int argc, char** argv) {
    CLI::App arguments(
        "Measures the rooms of the gateway. A figure is printed with the limit or the peer that stands beside it.");
    bool json = false;
    double seconds = 3, site_seconds = 60;
    std::string filter;
    std::string java;
    arguments.add_flag("--json", json, "one JSON object per figure: name, value, unit, limit");
    arguments.add_option("--seconds", seconds, "of each measurement (3)")->check(CLI::PositiveNumber);
    arguments
        .add_option("--site-seconds", site_seconds, "of each measurement of a whole installation: kafka-postgres (60)")
        ->check(CLI::PositiveNumber);
    arguments.add_option("--java-driver", java,
                         "command line of the gsm0348 driver, to measure that library beside ours");
    arguments.add_option(
        "FILTER", filter,
        "a group (packet, cat-tp, objects, smpp, store, postgres, queue, kafka-postgres) or a part of a figure's name");
    try {
        arguments.parse(argc, argv);
    } catch (const CLI::ParseError& failed) {
        return arguments.exit(failed) == 0 ? 0 : 2;
    }
    using namespace ota::bench;
    (json ? std::cerr : std::cout) << machine() << '\n';
    try {
        measure({{"packet", [&] { return packet_figures(seconds, java); }},
                 {"cat-tp", [&] { return cat_tp_figures(seconds); }},
                 {"objects", [&] { return object_figures(seconds); }},
                 {"smpp", [&] { return smpp_figures(seconds); }},
                 {"store", [&] { return store_figures(seconds); }},
                 {"postgres", [&] { return postgres_figures(seconds); }},
                 {"queue", [&] { return queue_figures(seconds); }},
                 {"kafka-postgres", [&] { return kafka_postgres_figures(site_seconds); }, true}},
                filter, json);
    } catch (const std::exception& failed) {
        std::cerr << "otagw-bench: " << failed.what() << '\n';
        return 1;
    }
    return 0;
}
