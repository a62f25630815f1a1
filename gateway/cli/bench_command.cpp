#include "gateway/cli/bench_channels.hpp"
#include "gateway/cli/bench_run.hpp"
#include "gateway/cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <utility>

namespace ota::cli {

namespace {

struct line {
    std::string name;
    double value;
    std::string unit, limit;
};

void print(const line& l, bool json) {
    if (json) {
        std::printf(R"({"name":"%s","value":%.2f,"unit":"%s","limit":"%s"})"
                    "\n",
                    l.name.c_str(), l.value, l.unit.c_str(), l.limit.c_str());
    } else {
        std::printf("%-44s %12.2f %-10s %s\n", l.name.c_str(), l.value, l.unit.c_str(), l.limit.c_str());
    }
    std::fflush(stdout);
}

bool measure(const std::string& name, bench_options options, const char* limit, bool json, bench_outcome& out) {
    std::string why;
    options.name = name;
    if (!run_end_to_end(options, out, why)) {
        std::cerr << "otagw bench: " << name << ": " << why << '\n';
        return false;
    }
    print({name, out.events_per_s, "events/s", limit}, json);
    if (options.store_ceiling) {
        print({name + "-store-ceiling", out.store_events_per_s, "events/s", ""}, json);
        print({name + "-share-of-ceiling", out.events_per_s / std::max(out.store_events_per_s, 1.0), "", ">= 0.5"},
              json);
    }
    print({name + "-cpu", out.cpu_us_per_event, "us/event", ""}, json);
    print({name + "-peers-cpu", out.peers_cpu_us_per_event, "us/event", ""}, json);
    print({name + "-rss", out.rss_mb, "MB", ""}, json);
    print({name + "-packets-per-event",
           static_cast<double>(out.packets) / static_cast<double>(std::max<std::size_t>(out.events, 1)), "", "1"},
          json);
    print({name + "-not-applied", static_cast<double>(out.not_applied), "events", "0"}, json);
    return true;
}

/// The same content over a channel and by short messages, side by side, and what the channel saves.
bool measure_channels(std::size_t octets, const std::string& size, bool json) {
    double sms_saved = 0;
    constexpr std::array ways{std::pair{"short-messages", bench_way::short_messages},
                              std::pair{"lossy-short-messages", bench_way::lossy_short_messages},
                              std::pair{"channel", bench_way::channel}};
    for (const auto& [name, way] : ways) {
        channel_bench_outcome out;
        std::string why;
        if (!run_channel_bench({.octets = octets, .way = way}, out, why)) {
            std::cerr << "otagw bench: data-channels: " << size << ", " << name << ": " << why << '\n';
            return false;
        }
        const auto figure = "data-channels-" + size + '-' + name;
        print({figure + "-per-card", out.kb_per_s_card, "kB/s", ""}, json);
        print({figure + "-in-all", out.kb_per_s_all, "kB/s", ""}, json);
        print({figure + "-p50", out.p50_ms, "ms", ""}, json);
        print({figure + "-p99", out.p99_ms, "ms", ""}, json);
        print({figure + "-sms", out.sms_per_card, "SMS/card", ""}, json);
        print({figure + "-not-as-desired", static_cast<double>(out.not_applied + out.files_wrong), "cards", "0"}, json);
        if (way == bench_way::short_messages) sms_saved = out.sms_per_card;
        if (way == bench_way::channel) sms_saved -= out.sms_per_card;
    }
    print({"data-channels-" + size + "-sms-saved", sms_saved, "SMS/card", ""}, json);
    return true;
}

double median(std::vector<double> of) {
    std::sort(of.begin(), of.end());
    return of.empty() ? 0 : of[of.size() / 2];
}

/// Pairs of runs at a fixed rate, one without clients of the API and one with them, so that what the machine does
/// besides meets both; the order changes from pair to pair.
bool measure_api_load(bench_options options, bool json) {
    constexpr int pairs = 5;
    options.http = true;
    options.rate = options.rate > 0 ? options.rate : 5000;
    std::vector<double> quiet, loaded, ratios, serving;
    callers_report met;
    for (int pair = 0; pair < pairs; ++pair) {
        bench_outcome alone, with;
        for (int turn = 0; turn < 2; ++turn) {
            const bool called =
                (pair + turn) % 2 != 0;  // each comes first in turn: the machine grows warm, caches fill
            options.streams = called ? 100 : 0;
            options.calls_per_s = called ? 200 : 0;
            std::string why;
            if (!run_end_to_end(options, called ? with : alone, why)) {
                std::cerr << "otagw bench: api-load: " << why << '\n';
                return false;
            }
        }
        quiet.push_back(alone.cpu_us_per_event);
        loaded.push_back(with.cpu_us_per_event);
        ratios.push_back(with.cpu_us_per_event / std::max(alone.cpu_us_per_event, 0.001));
        serving.push_back(with.http_cpu_us_per_event);
        met.calls += with.callers.calls;
        met.refused += with.callers.refused;
        met.stream_octets += with.callers.stream_octets;
        met.streams_lost += with.callers.streams_lost;
        const auto name = "api-load-pair-" + std::to_string(pair + 1);
        print({name + "-events", with.events_per_s, "events/s", ""}, json);
        print({name + "-cpu-ratio", ratios.back(), "", ""}, json);
    }
    print({"api-load-cpu-without", median(quiet), "us/event", ""}, json);
    print({"api-load-cpu-with", median(loaded), "us/event", ""}, json);
    print({"api-load-cpu-ratio", median(ratios), "", "<= 1.10"}, json);
    print({"api-load-serving-cpu", median(serving), "us/event", "counted apart"}, json);
    print({"api-load-calls", static_cast<double>(met.calls), "answers", ""}, json);
    print({"api-load-calls-refused", static_cast<double>(met.refused), "calls", "0"}, json);
    print({"api-load-streams-lost", static_cast<double>(met.streams_lost), "streams", "0"}, json);
    print({"api-load-streamed", static_cast<double>(met.stream_octets) / 1e6, "MB", ""}, json);
    return true;
}

}  // namespace

int run_bench_command(const arguments& args) {
    CLI::App app(
        "Measures the way from an event in the embedded log to its final state in the store: gateway here, SMSC and "
        "cards in a "
        "process of their own, both on this machine.",
        "otagw bench");
    std::string which = "all";
    bench_options options;
    bool json = false;
    app.add_option("name", which, "end-to-end-aes, end-to-end-3des, scale, latency, data-channels, api-load, or all")
        ->check(CLI::IsMember(
            {"end-to-end-aes", "end-to-end-3des", "scale", "latency", "data-channels", "api-load", "all"}));
    app.add_option("--seconds", options.seconds, "length of each measurement")->check(CLI::Range(1.0, 3600.0));
    app.add_option("--cards", options.cards, "number of cards")->check(CLI::Range(100, 10'000'000));
    app.add_option("--directory", options.directory, "where store and logs are put (a disk, not memory)");
    app.add_option("--rate", options.rate, "latency, api-load: events per second offered");
    app.add_flag("--json", json, "a JSON object per figure");
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? good : wrong_usage;
    }
    const auto wants = [&](const char* name) { return which == name || which == "all"; };
    bench_outcome aes, des, small, large, calm;
    bool ok = true;
    auto with_ceiling = options;
    with_ceiling.store_ceiling = true;
    if (wants("end-to-end-aes")) ok = measure("end-to-end-aes", with_ceiling, ">= 15000", json, aes) && ok;
    if (wants("end-to-end-3des")) {
        auto o = with_ceiling;
        o.triple_des = true;
        ok = measure("end-to-end-3des", o, ">= 10000", json, des) && ok;
    }
    if (wants("scale")) {
        auto o = options;
        o.cards = 10'000;
        ok = measure("end-to-end-10k-cards", o, "", json, small) && ok;
        o.cards = 1'000'000;
        ok = measure("end-to-end-1m-cards", o, "", json, large) && ok;
        print({"scale-cpu-ratio-1m-to-10k", large.cpu_us_per_event / std::max(small.cpu_us_per_event, 0.001), "",
               "<= 1.5"},
              json);
    }
    if (wants("latency")) {
        auto o = options;
        o.rate = options.rate > 0 ? options.rate : std::max(1000.0, aes.events_per_s / 2);
        o.cards = std::max<std::size_t>(o.cards, static_cast<std::size_t>(o.rate * o.seconds) + 1);
        std::string why;
        if (run_end_to_end(o, calm, why)) {
            print({"event-to-submit-offered", o.rate, "events/s", ""}, json);
            print({"event-to-submit-p50", calm.p50_ms, "ms", ""}, json);
            print({"event-to-submit-p99", calm.p99_ms, "ms", "< 50"}, json);
        } else {
            std::cerr << "otagw bench: latency: " << why << '\n';
            ok = false;
        }
    }
    if (wants("data-channels")) {
        ok = measure_channels(4096, "4kB", json) && ok;
        ok = measure_channels(30'000, "30kB", json) && ok;
    }
    if (wants("api-load")) ok = measure_api_load(options, json) && ok;
    return ok ? good : failed;
}

}  // namespace ota::cli
