#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

/// How long the stages of the corridor work, and how long what they wait for takes: counted here, for a histogram to
/// take a whole commit at once.
namespace ota::flow {

/// Work of one commit.
enum class stage : std::uint8_t { take_in, plan, secure, receipt, proof, write, commit };
inline constexpr std::array<std::string_view, 7> stage_names{"take-in", "plan",  "secure", "receipt",
                                                             "proof",   "write", "commit"};

enum class wait : std::uint8_t {
    first_submit,  ///< from the event's acceptance (or its not_before) to the first packet that carries it
    answer,        ///< from a packet's hand-over to the bearer to the answer to its last segment
    receipt,       ///< from a segment's answer to its delivery receipt
    proof,         ///< from a packet's last hand-over to its verified proof
    final,         ///< from the event's acceptance to its final state
};
inline constexpr std::array<std::string_view, 5> wait_names{"first-submit", "answer", "receipt", "proof", "final"};

/// Durations by bounds: place n counts those that are not above bound n, and not in a place before; the last one the
/// rest.
class spread {
public:
    static constexpr std::array<double, 17> bounds_in_seconds{0.01, 0.05, 0.1, 0.25, 0.5,  1,     2.5,   5,     10,
                                                              30,   60,   300, 1800, 3600, 14400, 86400, 604800};
    using counts = std::array<std::uint32_t, bounds_in_seconds.size() + 1>;

    /// One that is negative, by clocks that differ, counts as 0.
    void add(std::chrono::milliseconds took) noexcept {
        const auto seconds = took.count() > 0 ? static_cast<double>(took.count()) / 1000 : 0;
        std::size_t at = 0;
        while (at < bounds_in_seconds.size() && seconds > bounds_in_seconds[at]) ++at;
        ++counts_[at];
        sum_ += seconds;
        any_ = true;
    }
    [[nodiscard]] bool any() const noexcept { return any_; }
    [[nodiscard]] const counts& by_bound() const noexcept { return counts_; }
    [[nodiscard]] double sum_in_seconds() const noexcept { return sum_; }

private:
    counts counts_{};
    double sum_ = 0;
    bool any_ = false;
};

struct timings {
    std::array<std::chrono::nanoseconds, stage_names.size()> work{};  ///< 0: the stage had nothing to do
    std::array<spread, wait_names.size()> waits;

    [[nodiscard]] std::chrono::nanoseconds& of(stage s) noexcept { return work[static_cast<std::size_t>(s)]; }
    [[nodiscard]] spread& of(wait w) noexcept { return waits[static_cast<std::size_t>(w)]; }
};

/// Adds the time of its life.
class lap {
public:
    explicit lap(std::chrono::nanoseconds& to) noexcept : to_(to), began_(std::chrono::steady_clock::now()) {}
    lap(const lap&) = delete;
    lap& operator=(const lap&) = delete;
    ~lap() { to_ += std::chrono::steady_clock::now() - began_; }

private:
    std::chrono::nanoseconds& to_;
    std::chrono::steady_clock::time_point began_;
};

}  // namespace ota::flow
