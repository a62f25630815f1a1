#include "gateway/ops/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace ota::ops {
namespace {

constexpr std::array<std::string_view, 7> label_names{"route",  "bearer",    "stage",  "state",
                                                      "reason", "partition", "version"};

void check_name(const std::string& name, std::string_view ending) {
    const auto plain = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!name.starts_with("otagw_") || !name.ends_with(ending) || !std::ranges::all_of(name, plain)) {
        throw std::invalid_argument("metric '" + name + "' is not named otagw_*" + std::string(ending));
    }
}

void check_labels(const std::string& name, const labels& with) {
    for (const auto& [label, value] : with) {
        if (std::ranges::find(label_names, label) == label_names.end()) {
            throw std::invalid_argument("metric '" + name + "' has the label '" + label + "', which is not bounded");
        }
    }
}

}  // namespace

void counter::add(double amount) { static_cast<prometheus::Counter*>(series_)->Increment(amount); }

void counter::raise_to(double total) {
    auto& series = *static_cast<prometheus::Counter*>(series_);
    if (const auto missing = total - series.Value(); missing > 0) series.Increment(missing);
}

void gauge::set(double value) { static_cast<prometheus::Gauge*>(series_)->Set(value); }
void gauge::add(double amount) { static_cast<prometheus::Gauge*>(series_)->Increment(amount); }
void histogram::observe(double value) { static_cast<prometheus::Histogram*>(series_)->Observe(value); }
void histogram::observe(std::span<const std::uint32_t> by_bound, double sum) {
    static_cast<prometheus::Histogram*>(series_)->ObserveMultiple({by_bound.begin(), by_bound.end()}, sum);
}

std::vector<double> work_bounds_in_seconds() {
    return {0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
}

std::vector<double> latency_bounds_in_seconds() {
    return {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60};
}

std::vector<double> delivery_bounds_in_seconds() {
    return {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 14400, 86400, 604800};
}

struct metrics::registry {
    explicit registry(std::size_t limit) : series_limit(limit) {}

    // The labels as the family takes them, or "other" in each once the family is full.
    prometheus::Labels bounded(const std::string& name, const labels& with) {
        check_labels(name, with);
        prometheus::Labels wanted(with.begin(), with.end());
        const std::lock_guard lock(mutex);
        auto& known = series[name];
        if (known.contains(wanted)) return wanted;
        if (known.size() < series_limit) {
            known.insert(wanted);
            return wanted;
        }
        for (auto& [label, value] : wanted) value = "other";
        return wanted;
    }

    const std::size_t series_limit;
    prometheus::Registry all;
    std::mutex mutex;  // of what follows
    std::map<std::string, std::set<prometheus::Labels>> series;
    std::vector<std::function<void()>> refreshers;
};

metrics::metrics(std::size_t series_limit) : registry_(std::make_unique<registry>(series_limit)) {}
metrics::~metrics() = default;

counter metrics::make_counter(const std::string& name, const std::string& help, const labels& with) {
    check_name(name, "_total");
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry_->all);
    return counter(&family.Add(registry_->bounded(name, with)));
}

gauge metrics::make_gauge(const std::string& name, const std::string& help, const labels& with) {
    check_name(name, "");
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry_->all);
    return gauge(&family.Add(registry_->bounded(name, with)));
}

histogram metrics::make_histogram(const std::string& name, const std::string& help,
                                  const std::vector<double>& upper_bounds_in_seconds, const labels& with) {
    check_name(name, "_seconds");
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(registry_->all);
    return histogram(&family.Add(registry_->bounded(name, with), upper_bounds_in_seconds));
}

void metrics::on_render(std::function<void()> refresh) {
    const std::lock_guard lock(registry_->mutex);
    registry_->refreshers.push_back(std::move(refresh));
}

std::string metrics::text() {
    std::vector<std::function<void()>> refreshers;
    {
        const std::lock_guard lock(registry_->mutex);
        refreshers = registry_->refreshers;
    }
    for (const auto& refresh : refreshers) refresh();
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, registry_->all.Collect());
    return std::move(out).str();
}

}  // namespace ota::ops
