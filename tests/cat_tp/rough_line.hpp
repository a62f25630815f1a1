#pragma once

#include "secure-channel/cat_tp/link.hpp"

#include <map>
#include <random>

/// A line between two ends on a virtual clock that loses, doubles, delays and spoils datagrams; the same seed does the
/// same.
namespace ota::cat_tp {

struct weather {
    double loss = 0, duplication = 0, reordering = 0, corruption = 0;  ///< shares of the datagrams
    milliseconds delay{50};
    milliseconds latest{300};  ///< that a delayed one is late at most
};

struct strikes {
    std::uint64_t sent = 0, lost = 0, duplicated = 0, reordered = 0, corrupted = 0;

    strikes& operator+=(const strikes& other) {
        sent += other.sent;
        lost += other.lost;
        duplicated += other.duplicated;
        reordered += other.reordered;
        corrupted += other.corrupted;
        return *this;
    }
};

class rough_line {
public:
    struct parcel {
        int to = 0;
        wire::octets datagram;
        std::uint64_t order = 0;
    };

    rough_line(weather w, std::uint64_t seed) : weather_(w), random_(seed) {}

    /// The n-th datagram, counted from 1, is lost whatever the weather.
    void lose(std::uint64_t nth) { doomed_ = nth; }
    /// From the n-th datagram on nothing arrives.
    void cut_from(std::uint64_t nth) { cut_ = nth; }
    /// From now on.
    void calm() { weather_ = {.delay = weather_.delay}; }

    void send(int to, wire::octets datagram, time_point now) {
        ++count_.sent;
        if (tap) tap->push_back(datagram);
        if (count_.sent == doomed_ || count_.sent >= cut_ || strikes_with(weather_.loss)) {
            ++count_.lost;
            return;
        }
        if (strikes_with(weather_.duplication)) {
            ++count_.duplicated;
            put(to, datagram, now);
        }
        put(to, std::move(datagram), now);
    }

    [[nodiscard]] std::optional<time_point> due() const {
        return way_.empty() ? std::nullopt : std::optional(way_.begin()->first);
    }
    [[nodiscard]] parcel take() {
        auto out = std::move(way_.begin()->second);
        way_.erase(way_.begin());
        auto& newest = arrived_[out.to];
        if (out.order < newest) ++count_.reordered;
        newest = std::max(newest, out.order);
        return out;
    }
    [[nodiscard]] const strikes& count() const { return count_; }

    std::vector<wire::octets>* tap = nullptr;  ///< gets whatever is sent, before anything befalls it

private:
    bool strikes_with(double share) { return share > 0 && std::uniform_real_distribution<>(0, 1)(random_) < share; }

    void put(int to, wire::octets datagram, time_point now) {
        if (strikes_with(weather_.corruption)) spoil(datagram);
        auto at = now + weather_.delay;
        if (strikes_with(weather_.reordering))
            at += milliseconds(1 + random_() % static_cast<std::uint64_t>(weather_.latest.count()));
        way_.emplace(at, parcel{to, std::move(datagram), count_.sent});
    }

    /// One bit, or what a modem makes of a datagram that it read in part.
    void spoil(wire::octets& datagram) {
        ++count_.corrupted;
        if (random_() % 2 == 0)
            datagram.resize(random_() % datagram.size());
        else
            datagram[random_() % datagram.size()] ^= static_cast<std::uint8_t>(1u << random_() % 8);
    }

    weather weather_;
    std::mt19937_64 random_;
    std::multimap<time_point, parcel> way_;
    std::map<int, std::uint64_t> arrived_;
    strikes count_;
    std::uint64_t doomed_ = 0, cut_ = ~std::uint64_t{0};
};

}  // namespace ota::cat_tp
