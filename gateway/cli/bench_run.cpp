#include "gateway/cli/bench_run.hpp"

#include "gateway/cli/bench_peers.hpp"
#include "gateway/cli/gateway_process.hpp"
#include "gateway/cli/population_import.hpp"
#include "gateway/cli/sandbox_run.hpp"
#include "gateway/store/life_cycles.hpp"
#include "queue/base64.hpp"
#include "queue/embedded/embedded_log.hpp"
#include "queue/embedded/embedded_sink.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>

namespace ota::cli {

namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

queue::wall_time wall_now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Of the threads that serve HTTP, by their names.
double http_cpu_seconds() {
    double seconds = 0;
    for (const auto& task : fs::directory_iterator("/proc/self/task")) {
        std::string name;
        std::ifstream(task.path() / "comm") >> name;
        double ns = 0;
        if (name.starts_with("http") && std::ifstream(task.path() / "schedstat") >> ns) seconds += ns / 1e9;
    }
    return seconds;
}

double resident_mb() {
    std::ifstream in("/proc/self/statm");
    long total = 0, resident = 0;
    in >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

/// One node of 20 octets, keys of the wanted algorithm: every event is one packet of one SMS.
std::shared_ptr<const card_profile> bench_profile(bool triple_des) {
    auto profile = std::make_shared<card_profile>(*sandbox::demo_profile());
    profile->name = "bench";
    if (triple_des) profile->kic_algorithm = profile->kid_algorithm = 5;
    node_binding node;
    node.uri = "./SC/" + profile->applications.front().name + "/Bench";
    node.path = profile->applications.front().directory;
    node.path.push_back(0x6FEE);
    node.size = 20;
    profile->nodes.clear();
    profile->nodes[node.uri] = node;
    return profile;
}

/// Appends events for cards in a random order that repeats only after every card had its turn.
class producer {
public:
    producer(const sandbox::population& who, std::string node, const fs::path& log)
        : who_(who), node_(std::move(node)), order_(who.size()), log_(queue::embedded_log::open(log)) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::shuffle(order_.begin(), order_.end(), dice_);
    }

    bool append(std::size_t count) {
        if (!log_) return false;
        std::vector<std::pair<std::string, std::string>> texts(count);
        std::vector<queue::embedded::entry> batch;
        wire::octets octets(20);
        for (auto& [key, payload] : texts) {
            for (auto& o : octets) o = static_cast<std::uint8_t>(dice_());
            queue::change_event e;
            e.source = "urn:otagw:bench";
            e.id = "bench-" + std::to_string(made_);
            e.subject = key = who_.iccid(order_[made_++ % order_.size()]);
            e.node = node_;
            e.format = "bin";
            e.value = {queue::node_value::kind::text, queue::to_base64(octets)};
            payload = queue::serialize_event(e);
        }
        for (const auto& [key, payload] : texts) batch.push_back({key, payload});
        const auto at = wall_now();
        if (!log_.value().append(batch, at)) return false;
        appended_at_.insert(appended_at_.end(), count, at);
        return true;
    }
    [[nodiscard]] const std::vector<queue::wall_time>& appended_at() const { return appended_at_; }
    [[nodiscard]] std::size_t card_of(std::size_t event) const { return order_[event % order_.size()]; }

private:
    const sandbox::population& who_;
    std::string node_;
    std::mt19937_64 dice_{7};
    std::vector<std::size_t> order_;
    wire::result<queue::embedded_log> log_;
    std::size_t made_ = 0;
    std::vector<queue::wall_time> appended_at_;
};

struct counters {
    std::atomic<std::size_t> applied{0}, other{0}, proofs{0}, packets{0}, commits{0};

    void add(const flow::commit_report& r) {
        applied += r.closed[static_cast<std::size_t>(queue::event_state::applied)];
        for (std::size_t s = 2; s < r.closed.size(); ++s) other += r.closed[s];
        proofs += r.proofs;
        packets += r.packets;
        ++commits;
    }
};

/// A line on a terminal, every second.
class progress {
public:
    explicit progress(const counters& now) : now_(now), applied_(now.applied), commits_(now.commits) {}
    void show(double seconds) {
        if (!on_ || seconds < next_) return;
        const auto applied = now_.applied.load(), commits = now_.commits.load();
        std::fprintf(stderr, "\r%4.0f s  %7zu events/s  %5zu commits/s  %7zu packets in flight \033[K", seconds,
                     applied - applied_, commits - commits_, now_.packets - now_.proofs);
        applied_ = applied;
        commits_ = commits;
        next_ += 1;
    }
    ~progress() {
        if (on_) std::fputs("\r\033[K", stderr);
    }

private:
    const counters& now_;
    bool on_ = ::isatty(STDERR_FILENO) == 1 || std::getenv("OTAGW_PROGRESS") != nullptr;
    std::size_t applied_, commits_;
    double next_ = 1;
};

/// From the event's append to the arrival of its submit_sm, by the peers' journal.
void latencies(const producer& events, const sandbox::population& who, const std::string& journal, bench_outcome& out) {
    const auto arrivals = first_arrivals(journal, who);
    std::vector<double> ms;
    const auto n = std::min(events.appended_at().size(), who.size());
    for (std::size_t i = n / 10; i < n; ++i) {  // the first tenth warms up
        const auto at = arrivals[events.card_of(i)];
        if (at != 0)
            ms.push_back(static_cast<double>(at) / 1000.0 -
                         static_cast<double>(events.appended_at()[i].time_since_epoch().count()));
    }
    if (ms.empty()) return;
    std::sort(ms.begin(), ms.end());
    out.p50_ms = ms[ms.size() / 2];
    out.p99_ms = ms[ms.size() * 99 / 100];
}

gateway_settings settings_for(const fs::path& place, std::shared_ptr<const card_profile> profile, std::uint16_t port,
                              bool receipts) {
    gateway_settings s;
    s.data_directory = place.string();
    s.log = log_level::error;
    s.profiles[profile->name] = std::move(profile);
    route_settings route;
    route.name = "bench";
    route.port = port;
    route.system_id = "otagw";
    route.window = 1000;
    route.source_address = "4900";
    route.registered_delivery = receipts ? 1 : 0;
    s.routes.push_back(route);
    return s;
}

/// What somebody asks who looks at the gateway and at single cards.
callers_plan plan_for(const bench_options& options, const sandbox::population& who, std::string token) {
    callers_plan plan;
    plan.streams = options.streams;
    plan.calls_per_s = options.calls_per_s;
    plan.token = std::move(token);
    for (std::size_t i = 0; i < std::min<std::size_t>(who.size(), 1000); ++i) {
        const auto card = "/api/v1/cards/" + who.iccid(i * (who.size() / std::min<std::size_t>(who.size(), 1000)));
        const std::string of_four[] = {card, card + "/changes", "/api/v1/overview", "/api/v1/routes"};
        plan.paths.push_back(of_four[i % 4]);
    }
    return plan;
}

void serve_http(gateway_settings& s, const fs::path& place, const std::string& token) {
    const auto file = place / "token";
    std::ofstream(file) << token << '\n';
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    s.http.port = 0;
    s.http.tokens.push_back({"bench", api_role::read, file.string()});
}

}  // namespace

bool run_end_to_end(const bench_options& options, bench_outcome& out, std::string& why) {
    const bool own = options.directory.empty();
    const fs::path place =
        own ? fs::temp_directory_path() / ("otagw-bench-" + std::to_string(::getpid())) : fs::path(options.directory);
    fs::remove_all(place);
    fs::create_directories(place);
    struct cleaner {
        fs::path path;
        bool on;
        ~cleaner() {
            std::error_code ec;
            if (on) fs::remove_all(path, ec);
        }
    } clean{place, own};

    sandbox::peers_options with;
    with.cards = options.cards;
    with.profile = bench_profile(options.triple_des);
    with.window = 20'000;  // an SMSC that does not hold deliveries back
    if (options.rate > 0) with.journal_file = (place / "peers.journal").string();
    const sandbox::population who(sandbox::population_of(with));
    auto peers = peers_process::start(with, why);  // forks: before any thread is made
    if (!peers) return false;
    const std::string token =
        "bench-" + std::to_string(std::random_device()()) + std::to_string(std::random_device()());
    std::unique_ptr<callers_process> callers;
    if (options.calls_per_s > 0 && !(callers = callers_process::start(plan_for(options, who, token), why)))
        return false;
    auto settings = settings_for(place, with.profile, peers->port(), options.receipts);
    if (options.http) serve_http(settings, place, token);
    if (!import_population(settings, who, why)) return false;
    producer events(who, with.profile->nodes.begin()->first,
                    queue::topic_directory(settings.queue_directory(), queue::topic_changes));
    const std::size_t backlog = options.rate > 0 ? 0 : static_cast<std::size_t>(options.seconds * 30'000);
    for (std::size_t made = 0; made < backlog; made += 5000) {
        if (!events.append(5000)) {
            why = "the event log cannot be written";
            return false;
        }
    }
    counters now;
    process_options how;
    how.http = options.http;
    how.on_commit = [&](const flow::commit_report& r) { now.add(r); };
    gateway_process gateway(std::move(settings), how);
    if (!gateway.start(why)) return false;
    if (callers && !callers->begin(gateway.http_port())) {
        why = "the clients do not begin";
        return false;
    }
    std::this_thread::sleep_for(std::chrono::seconds(2));  // bound, caches warm, checkpoints begun
    const auto began = clock::now();
    const auto cpu = cpu_seconds(), http_cpu = http_cpu_seconds();
    const auto peers_cpu = peers->cpu_seconds();
    const auto applied = now.applied.load(), proofs = now.proofs.load(), packets = now.packets.load();
    const auto elapsed = [&] { return std::chrono::duration<double>(clock::now() - began).count(); };
    std::size_t offered = 0;
    progress live(now);
    while (elapsed() < options.seconds) {
        std::this_thread::sleep_for(milliseconds(options.rate > 0 ? 5 : 50));
        live.show(elapsed());
        const auto wanted = static_cast<std::size_t>(elapsed() * options.rate);
        if (options.rate > 0 && wanted > offered) {
            if (!events.append(wanted - offered)) break;
            offered = wanted;
        }
    }
    const auto seconds = elapsed();
    out.events = now.applied - applied;
    out.proofs = now.proofs - proofs;
    out.packets = now.packets - packets;
    out.not_applied = now.other;
    const auto n = static_cast<double>(std::max<std::size_t>(out.events, 1));
    out.events_per_s = static_cast<double>(out.events) / seconds;
    const auto for_http = http_cpu_seconds() - http_cpu;
    out.http_cpu_us_per_event = for_http * 1e6 / n;
    out.cpu_us_per_event = (cpu_seconds() - cpu - for_http) * 1e6 / n;
    if (callers) out.callers = callers->stop();
    out.peers_cpu_us_per_event = (peers->cpu_seconds() - peers_cpu) * 1e6 / n;
    out.rss_mb = resident_mb();
    (void)gateway.stop(std::chrono::seconds(5));
    peers->stop();
    if (options.rate > 0) latencies(events, who, with.journal_file, out);
    if (options.store_ceiling) {
        try {
            out.store_events_per_s =
                store::run_life_cycles(options.cards, std::clamp(options.seconds / 4, 2.0, 15.0), place).per_second;
        } catch (const std::runtime_error& failed) {
            why = failed.what();
            return false;
        }
    }
    return true;
}

}  // namespace ota::cli
