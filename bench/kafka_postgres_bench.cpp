#include "bench/kafka_postgres_bench.hpp"

#include "bench/grown_site.hpp"
#include "gateway/store/life_cycles.hpp"
#include "gateway/store/postgres.hpp"
#include "sandbox/journal.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <variant>

namespace ota::bench {
namespace {

using clock = std::chrono::steady_clock;
using seconds_of = std::chrono::duration<double>;

constexpr std::size_t cards = 100'000;
constexpr double warm_up = 10;                  // seconds
constexpr double most_events_per_s = 15'000;    // the backlog is as long as this rate needs
constexpr std::size_t warm_up_events = 10'000;  // and as many are closed before the clock starts

struct outcome {
    double events = 0, seconds = 0;
    grown_site::usage used;
    double wal_octets = 0, commits = 0, gateway_mebibytes = 0;
    struct place {
        double whole = 0, indexes = 0;  ///< octets
    } per_card, per_event;

    [[nodiscard]] double per_s() const { return events / seconds; }
    [[nodiscard]] double us(double cpu_seconds) const { return cpu_seconds * 1e6 / std::max(events, 1.0); }
};

void wait_until_warm(grown_site& site) {
    const auto until = clock::now() + std::chrono::seconds(120);
    while (site.closed() < warm_up_events) {
        if (clock::now() > until) throw std::runtime_error("kafka-postgres: the gateways close no events");
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    std::this_thread::sleep_for(seconds_of(warm_up));
}

/// Octets on disk that a row of `counted` costs in these tables and their partitions; nothing of them has been removed
/// yet.
outcome::place place_of(grown_site& site, const std::string& counted, const std::string& tables) {
    const auto rows = std::max(site.number("SELECT count(*) FROM otagw." + counted), 1.0);
    const auto sum = [&](const std::string& function) {
        return site.number("SELECT sum(" + function + "(relid)) FROM pg_stat_user_tables WHERE relname ~ '^(" + tables +
                           ")(_w[0-9]+|_rest)?$'") /
               rows;
    };
    return {sum("pg_total_relation_size"), sum("pg_indexes_size")};
}

/// What one moment looks like: two of them make a measurement.
struct moment {
    explicit moment(grown_site& site)
        : closed(static_cast<double>(site.closed())),
          at(clock::now()),
          used(site.used()),
          wal(site.number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")),
          commits(site.number("SELECT sum(commits) FROM otagw.tally")) {}
    double closed;
    clock::time_point at;
    grown_site::usage used;
    double wal, commits;
};

outcome work_off_a_backlog(std::size_t instances, double seconds) {
    grown_site site(cards, instances, false);
    site.produce(static_cast<std::size_t>((seconds + warm_up) * most_events_per_s) + warm_up_events);
    for (std::size_t i = 0; i < instances; ++i) site.add_gateway();
    wait_until_warm(site);
    const moment first(site);
    std::this_thread::sleep_for(seconds_of(seconds));
    const moment last(site);
    if (last.closed >= static_cast<double>(site.produced_at().size()))
        throw std::runtime_error("kafka-postgres: the backlog was too short");
    outcome out;
    out.events = last.closed - first.closed;
    out.seconds = seconds_of(last.at - first.at).count();
    out.used = last.used - first.used;
    out.wal_octets = last.wal - first.wal;
    out.commits = last.commits - first.commits;
    out.gateway_mebibytes = site.gateway_mebibytes();
    if (instances == 1) {
        out.per_card = place_of(site, "card", "card|number");
        out.per_event = place_of(site, "event", "event|event_end|submission|history");
    }
    return out;
}

double store_ceiling(double seconds) {
    store::postgres_cluster server({"shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min"});
    auto options = server.options(server.make_database());
    const auto opened = store::open_postgres(options);
    if (!opened) throw std::runtime_error("kafka-postgres: " + opened.error().message());
    return store::run_life_cycles(*opened.value(), cards, std::clamp(seconds / 4, 2.0, 15.0)).per_second;
}

/// Milliseconds from the event to the arrival of its submit_sm, sorted, without the first `skipped`. Every card had one
/// event.
std::vector<double> latencies(const grown_site& site, std::size_t skipped) {
    std::unordered_map<std::string, std::uint64_t> arrived;
    sandbox::journal_extent extent;
    std::string error;
    const auto visit = [&](const sandbox::journal_record& record) {
        if (const auto* packet = std::get_if<sandbox::journal_packet>(&record))
            arrived.try_emplace(packet->iccid, packet->time_us);
    };
    if (!sandbox::read_journal(site.journal(), visit, extent, error))
        throw std::runtime_error("kafka-postgres: " + error);
    std::vector<double> out;
    const auto& sent = site.produced_at();
    for (auto i = skipped; i < sent.size(); ++i) {
        const auto at = arrived.find(site.card_of(i));
        if (at == arrived.end()) throw std::runtime_error("kafka-postgres: an event led to no submit_sm");
        out.push_back((static_cast<double>(at->second) - static_cast<double>(sent[i])) / 1000);
    }
    std::ranges::sort(out);
    return out;
}

std::vector<double> offer_steadily(double rate, double seconds) {
    const auto whole = static_cast<std::size_t>(rate * (warm_up + seconds));
    grown_site site(std::max(whole, cards), 1, true);
    site.add_gateway();
    const auto began = clock::now();
    const auto elapsed = [&] { return seconds_of(clock::now() - began).count(); };
    for (std::size_t offered = 0; offered < whole;) {
        const auto wanted = std::min(whole, static_cast<std::size_t>(elapsed() * rate));
        if (wanted > offered) site.produce(wanted - offered);
        offered = std::max(offered, wanted);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    for (const auto until = clock::now() + std::chrono::seconds(60); site.closed() < whole && clock::now() < until;)
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    site.stop_gateways();
    site.stop_peers();
    return latencies(site, static_cast<std::size_t>(rate * warm_up));
}

void add_costs(std::vector<figure>& out, const outcome& one) {
    const auto& used = one.used;
    out.push_back({"kafka-postgres-gateway-share-of-cpu", 100 * used.gateways.whole / used.whole(), "%", ""});
    out.push_back({"kafka-postgres-cores-used", used.whole() / one.seconds, "cores", ""});
    out.push_back({"kafka-postgres-gateway-cpu", one.us(used.gateways.whole), "us/event", ""});
    out.push_back({"kafka-postgres-database-cpu", one.us(used.database.whole), "us/event", ""});
    out.push_back({"kafka-postgres-broker-cpu", one.us(used.broker.whole), "us/event", ""});
    out.push_back({"kafka-postgres-peers-cpu", one.us(used.peers.whole), "us/event", ""});
    out.push_back({"kafka-postgres-busiest-gateway-thread", used.busiest_gateway_thread / one.seconds, "cores", ""});
    out.push_back({"kafka-postgres-busiest-database-session", used.database.busiest / one.seconds, "cores", ""});
    out.push_back({"kafka-postgres-events-per-commit", one.events / std::max(one.commits, 1.0), "events", ""});
    out.push_back({"kafka-postgres-wal", one.wal_octets / std::max(one.events, 1.0), "octets/event", ""});
    out.push_back({"kafka-postgres-kept-per-event", one.per_event.whole, "octets", ""});
    out.push_back({"kafka-postgres-kept-per-event-in-indexes", one.per_event.indexes, "octets", ""});
    out.push_back({"kafka-postgres-kept-per-card", one.per_card.whole, "octets", ""});
    out.push_back({"kafka-postgres-kept-per-card-in-indexes", one.per_card.indexes, "octets", ""});
    out.push_back({"kafka-postgres-gateway-rss", one.gateway_mebibytes, "MiB", ""});
}

}  // namespace

std::vector<figure> kafka_postgres_figures(double seconds) {
    std::vector<figure> out;
    const auto one = work_off_a_backlog(1, seconds);
    out.push_back({"kafka-postgres", one.per_s(), "events/s", ">= 5000"});
    const auto ceiling = store_ceiling(seconds);
    out.push_back({"kafka-postgres-store-ceiling", ceiling, "events/s", ""});
    out.push_back({"kafka-postgres-share-of-ceiling", one.per_s() / ceiling, "", ""});
    add_costs(out, one);
    for (std::size_t instances : {2, 3}) {
        const auto shared = work_off_a_backlog(instances, seconds);
        const auto name = "kafka-postgres-" + std::to_string(instances) + "-instances";
        out.push_back({name, shared.per_s(), "events/s", ""});
        out.push_back({name + "-gateway-cpu", shared.us(shared.used.gateways.whole), "us/event", ""});
        out.push_back({name + "-database-cpu", shared.us(shared.used.database.whole), "us/event", ""});
        out.push_back({name + "-cores-used", shared.used.whole() / shared.seconds, "cores", ""});
        out.push_back({name + "-events-per-commit", shared.events / std::max(shared.commits, 1.0), "events", ""});
    }
    const auto ms = offer_steadily(one.per_s() / 2, seconds);
    out.push_back({"kafka-postgres-submit-offered", one.per_s() / 2, "events/s", ""});
    out.push_back({"kafka-postgres-submit-p50", ms[ms.size() / 2], "ms", ""});
    out.push_back({"kafka-postgres-submit-p99", ms[ms.size() * 99 / 100], "ms", "< 50"});
    return out;
}

}  // namespace ota::bench
