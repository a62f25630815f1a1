#include "tests/bip/field.hpp"

#include <iostream>
#include <queue>
#include <random>

namespace ota::bip {
namespace {

using namespace testing;
using bearer::link_packet;
using bearer::link_up;

/// Many cards, a net that loses, doubles and delays, and a corridor that sends each card three packets and waits for
/// the answers.
class crowd {
public:
    crowd(std::uint32_t cards, unsigned seed) : f_(room_for(cards)), random_(seed), cards_(cards) {
        for (std::uint32_t i = 0; i < cards; ++i) {
            auto& c = cards_[i];
            c.where = at(0x0A000000u + i / 50, static_cast<std::uint16_t>(20'000 + i));  // fifty behind one address
            by_place_[c.where] = i;
            link::actions did;
            c.machine.emplace(settings(), card_port, server_port, f_.tokens.make({i + 1, 1}),
                              static_cast<std::uint16_t>(random_()), i, f_.now, did);
            mind(i, did);
        }
    }

    /// Runs until all is answered or the hours are over; how many cards had their three packets answered.
    std::size_t run() {
        const auto end = f_.now + std::chrono::hours(2);
        while (f_.now < end && answered_ < cards_.size()) {
            f_.now = std::max(f_.now, next());
            while (!in_the_air_.empty() && in_the_air_.top().when <= f_.now) carry();
            f_.x.on_tick(f_.now, out_);
            look();
            while (!timers_.empty() && timers_.top().first <= f_.now) {
                const auto i = timers_.top().second;
                timers_.pop();
                if (cards_[i].machine->due().value_or(end) > f_.now) continue;
                link::actions did;
                cards_[i].machine->on_tick(f_.now, did);
                mind(i, did);
            }
        }
        return answered_;
    }

    std::size_t most_records = 0;
    unsigned lost = 0, doubled = 0;
    [[nodiscard]] const counts& tally() const { return f_.x.tally(); }

private:
    struct flying {
        time_point when;
        std::uint64_t order;
        bool to_card;
        endpoint card;
        wire::octets octets;
        bool operator<(const flying& o) const { return std::tie(when, order) > std::tie(o.when, o.order); }
    };

    static exchange_settings room_for(std::uint32_t cards) {
        auto s = few();
        s.max_links = cards;
        s.half_open = cards;
        return s;
    }
    static cat_tp::link_settings settings() {
        cat_tp::link_settings s;
        s.window = 4;
        s.set_up_retries = 10;
        s.retries = 12;
        s.idle = milliseconds(0);
        return s;
    }

    time_point next() const {
        auto t = f_.x.due().value_or(f_.now + seconds(1));
        if (!in_the_air_.empty()) t = std::min(t, in_the_air_.top().when);
        if (!timers_.empty()) t = std::min(t, timers_.top().first);
        return t;
    }
    void fly(bool to_card, const endpoint& card, wire::octets octets) {
        if (random_() % 10 == 0) {
            ++lost;
            return;
        }
        const auto copies = random_() % 50 == 0 ? 2u : 1u;
        doubled += copies - 1;
        for (unsigned i = 0; i < copies; ++i)
            in_the_air_.push({f_.now + milliseconds(200 + random_() % 400), ++order_, to_card, card, octets});
    }
    void carry() {
        const auto each = in_the_air_.top();
        in_the_air_.pop();
        if (!each.to_card) {
            f_.x.on_datagram(each.card, each.octets, f_.now, out_);
            return look();
        }
        const auto i = by_place_.at(each.card);
        link::actions did;
        cards_[i].machine->on_pdu(cat_tp::parse(each.octets).value(), f_.now, did);
        mind(i, did);
    }
    /// A card that answers every packet.
    void mind(std::uint32_t i, link::actions& did) {
        auto& c = cards_[i];
        c.take(did);
        for (auto& packet : std::exchange(c.got, {})) {
            if (c.machine->send(std::move(packet), f_.now, did)) c.take(did);
        }
        for (auto& each : std::exchange(c.out, {})) fly(false, c.where, std::move(each));
        if (const auto due = c.machine->due()) timers_.emplace(*due, i);
    }
    /// The corridor.
    void look() {
        while (!out_.tell.empty()) {
            for (auto& each : std::exchange(out_.tell, {})) {
                if (std::holds_alternative<link_up>(each.what)) {
                    f_.x.keep(each.link, true, f_.now, out_);
                    f_.x.transmit(each.link, {}, wire::octets(2500, 1), f_.now, out_);
                } else if (const auto* p = std::get_if<link_packet>(&each.what)) {
                    ASSERT_EQ(p->packet.size(), 2500u);
                    if (++rounds_[each.card] == 3) {
                        ++answered_;
                        f_.x.close(each.link, f_.now, out_);
                    } else {
                        f_.x.transmit(each.link, {}, wire::octets(2500, 1), f_.now, out_);
                    }
                }
            }
        }
        for (auto& each : std::exchange(out_.send, {})) fly(true, each.to, std::move(each.octets));
        most_records = std::max(most_records, f_.x.figures().records);
    }

    field f_;
    std::mt19937 random_;
    std::vector<card> cards_;
    std::map<endpoint, std::uint32_t> by_place_;
    std::map<std::int64_t, int> rounds_;
    std::priority_queue<flying> in_the_air_;
    std::priority_queue<std::pair<time_point, std::uint32_t>, std::vector<std::pair<time_point, std::uint32_t>>,
                        std::greater<>>
        timers_;
    exchange::actions out_;
    std::uint64_t order_ = 0;
    std::size_t answered_ = 0;
};

}  // namespace

TEST(exchange_load, two_thousand_links_over_a_net_that_loses_every_tenth_datagram) {
    constexpr unsigned seed = 7;
    crowd all(2000, seed);
    EXPECT_EQ(all.run(), 2000u) << "seed " << seed;
    EXPECT_GT(all.most_records, 1900u) << "most of them at once";
    EXPECT_GT(all.lost, 1000u);
    EXPECT_GT(all.doubled, 100u);
    std::cout << "seed " << seed << ": " << all.tally().datagrams_in << " datagrams in, " << all.tally().datagrams_out
              << " out, " << all.lost << " lost, " << all.doubled << " doubled\n";
}

}  // namespace ota::bip
