#include "bench/store_bench.hpp"

#include "gateway/store/life_cycles.hpp"
#include "gateway/store/postgres.hpp"
#include "tests/store/postgres_cluster.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

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

std::vector<figure> postgres_figures(double seconds) {
    std::vector<figure> out;
    for (const auto& [name, cards] : {std::pair("10k", std::size_t{10'000}), std::pair("1m", std::size_t{1'000'000})}) {
        store::postgres_cluster server({"shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min"});
        auto options = server.options(server.make_database());
        options.migrate = true;
        const auto opened = store::open_postgres(options);
        if (!opened) throw std::runtime_error("store-postgres: " + opened.error().message());
        const auto f = store::run_life_cycles(*opened.value(), cards, seconds);
        const auto figure_name = [&](std::string_view what) {
            return "store-postgres-" + std::string(what) + "-" + name + "-cards";
        };
        out.push_back({figure_name("lifecycles"), f.per_second, "events/s", ""});
        out.push_back({figure_name("client-cpu"), f.cpu_us, "us/event", ""});
        out.push_back({figure_name("import"), f.import_seconds, "s", ""});
    }
    return out;
}

}  // namespace ota::bench
