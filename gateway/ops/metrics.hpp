#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ota::ops {

/// Handles are made once, at start-up, and kept: a look-up by labels costs ten times an increment. They are as cheap to
/// copy as a pointer and hold as long as the `metrics` that made them. Any thread may use them.
class counter {
public:
    void add(double amount = 1);
    /// For totals that somebody else keeps: moves the counter up to `total`, never down. One caller per counter.
    void raise_to(double total);

private:
    friend class metrics;
    explicit counter(void* series) : series_(series) {}
    void* series_;
};

class gauge {
public:
    void set(double value);
    void add(double amount);

private:
    friend class metrics;
    explicit gauge(void* series) : series_(series) {}
    void* series_;
};

class histogram {
public:
    void observe(double value);
    /// Many at once, counted by the bounds that it was made with: one more than these, for what is above the last.
    void observe(std::span<const std::uint32_t> by_bound, double sum);

private:
    friend class metrics;
    explicit histogram(void* series) : series_(series) {}
    void* series_;
};

using labels = std::vector<std::pair<std::string, std::string>>;

/// Upper bounds for work of our own: 10 us to 10 s.
std::vector<double> work_bounds_in_seconds();
/// Upper bounds for answers of a peer or a disk: 1 ms to 60 s.
std::vector<double> latency_bounds_in_seconds();
/// Upper bounds for the way of a change to a card: 100 ms to a week.
std::vector<double> delivery_bounds_in_seconds();

/// The figures of the gateway for Prometheus. Names are `otagw_*`, counters end in `_total`, histograms in `_seconds`;
/// labels are route, bearer, stage, state, reason, partition or version, never a card: what breaks this is a
/// programming error and throws std::invalid_argument. No summaries: they cost a thousand counters.
class metrics {
public:
    /// A metric has at most `series_limit` label sets; what comes after that is counted as "other" in every label.
    explicit metrics(std::size_t series_limit = 500);
    ~metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    /// The same name and labels give the same series again.
    counter make_counter(const std::string& name, const std::string& help, const labels& with = {});
    gauge make_gauge(const std::string& name, const std::string& help, const labels& with = {});
    histogram make_histogram(const std::string& name, const std::string& help,
                             const std::vector<double>& upper_bounds_in_seconds, const labels& with = {});

    /// Called before each rendering, to bring gauges up to date with a status that a room keeps.
    void on_render(std::function<void()> refresh);

    /// Prometheus text format 0.0.4.
    std::string text();
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    struct registry;
    std::unique_ptr<registry> registry_;
};

}  // namespace ota::ops
