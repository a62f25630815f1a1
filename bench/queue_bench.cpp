#include "bench/queue_bench.hpp"

#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_source.hpp"
#include "queue/event.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

namespace ota::bench {
namespace {

using namespace ota::queue;
using clock = std::chrono::steady_clock;

constexpr const char* subject = "8949012345678901234";
/// 334 octets, as a DM server writes them.
constexpr std::string_view event_text =
    R"({"specversion":"1.0","type":"dm.mo.change.v1","source":"/dm/server-1","id":"a3f0c9e2-77b1-4a5e-9d1f-0123456789ab",)"
    R"("subject":"8949012345678901234","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","data":{"op":)"
    R"("replace","node":"./SC/USIM/SPN","format":"chr","type":"text/plain","value":"Example Mobile","revision":42}})";

/// What `work` counts, per second.
double rate(double seconds, const std::function<std::size_t()>& work) {
    std::size_t done = 0;
    const auto start = clock::now();
    std::chrono::duration<double> spent{};
    while (spent.count() < seconds) {
        done += work();
        spent = clock::now() - start;
    }
    return static_cast<double>(done) / spent.count();
}

/// A directory of its own below the working directory (a memory file system would measure nothing), removed at the end.
class scratch_directory {
public:
    scratch_directory() : path("queue-bench." + std::to_string(::getpid())) {
        std::filesystem::create_directories(path);
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    const std::filesystem::path path;
};

template <class T>
T must(wire::result<T> r) {
    if (!r) throw std::runtime_error("queue bench: " + r.error().message());
    return std::move(r).value();
}

std::size_t append_thousand(embedded_log& log) {
    static const std::vector<embedded::entry> batch(1000, {subject, event_text});
    (void)must(log.append(batch, wall_time{}));
    return batch.size();
}

std::size_t parse_hundred() {
    for (int i = 0; i < 100; ++i)
        if (!std::holds_alternative<change_event>(parse_event(event_text, subject)))
            throw std::runtime_error("queue bench: the sample event was refused");
    return 100;
}

}  // namespace

std::vector<figure> queue_figures(double seconds) {
    std::vector<figure> out;
    out.push_back({"events-parsed", rate(seconds, parse_hundred), "events/s", ">= 500000"});
    const auto event = std::get<change_event>(parse_event(event_text, subject));
    std::size_t octets = 0;
    out.push_back({"events-serialized",
                   rate(seconds,
                        [&] {
                            for (int i = 0; i < 100; ++i) octets += serialize_event(event).size();
                            return std::size_t{100};
                        }),
                   "events/s", ""});

    const scratch_directory scratch;
    auto log = must(embedded_log::open(scratch.path / "log"));
    out.push_back({"log-appended", rate(seconds, [&] { return append_thousand(log); }), "events/s", ">= 200000"});

    for (int i = 0; i < 200; ++i) append_thousand(log);
    auto source = must(embedded_source::open(scratch.path / "log"));
    out.push_back({"log-pulled",
                   rate(seconds,
                        [&] {
                            const auto n = must(source->pull(1000)).size();
                            if (n == 0 && source->seek(0, ota::queue::position{0}).has_error())
                                throw std::runtime_error("queue bench: cannot seek");
                            return n;
                        }),
                   "events/s", ">= 1000000"});
    if (octets == 0) throw std::runtime_error("queue bench: nothing was serialized");
    return out;
}

}  // namespace ota::bench
