#include "bench/store_bench.hpp"

#include "gateway/store/life_cycles.hpp"

#include <cstdlib>
#include <filesystem>

namespace ota::bench {

std::vector<figure> store_figures(double seconds) {
    const char* chosen = std::getenv("OTAGW_BENCH_DIR");
    const std::filesystem::path folder = chosen != nullptr ? chosen : "build/bench";
    std::filesystem::create_directories(folder);
    const auto few = store::run_life_cycles(10'000, seconds, folder);
    const auto many = store::run_life_cycles(1'000'000, seconds, folder);
    return {
        {"store-lifecycles-10k-cards", few.per_second, "events/s", ""},
        {"store-lifecycles-1m-cards", many.per_second, "events/s", ""},
        {"store-cpu-10k-cards", few.cpu_us, "us/event", ""},
        {"store-cpu-1m-cards", many.cpu_us, "us/event", ""},
        {"store-cpu-ratio-1m-to-10k", many.cpu_us / few.cpu_us, "", "<= 1.4"},
        {"store-import-1m-cards", many.import_seconds, "s", "< 60"},
        {"store-rss-1m-cards", many.resident, "MiB", ""},
    };
}

}  // namespace ota::bench
