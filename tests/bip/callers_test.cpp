#include "gateway/bip/callers.hpp"

#include "tests/bip/field.hpp"

namespace ota::bip {
namespace {

using namespace testing;
using bearer::link_down;
using bearer::link_packet;
using bearer::link_up;
using cause = bearer::link_down::cause;

callers_settings tagged() {
    callers_settings s;
    s.tags.identification = 0x36;
    return s;
}

wire::octets identification(const wire::octets& token) {
    return wire::writer().u8(0x36).u8(token.size()).put(token).take();
}
wire::octets response(std::size_t size) { return wire::writer().u8(0x02).u8(0x82).u16(size).fill(size, 5).take(); }

struct desk {
    explicit desk(callers_settings s = tagged()) : x(std::move(s), tokens, used) {}

    void connect(std::uint64_t id, const endpoint& from = at(0x0A000001, 1)) {
        x.on_connected(id, from, now, did);
        collect();
    }
    void hear(std::uint64_t id, wire::octet_view octets) {
        x.on_octets(id, octets, now, did);
        collect();
    }
    bearer::link_id identified(std::uint64_t id, const push_id& push) {
        connect(id);
        hear(id, identification(tokens.make(push)));
        EXPECT_FALSE(told.empty());
        return told.empty() ? bearer::link_id{} : told.back().link;
    }
    void pass(milliseconds span) {
        const auto end = now + span;
        while (x.due() && *x.due() <= end) {
            now = std::max(now, *x.due());
            x.on_tick(now, did);
            collect();
        }
        now = end;
    }
    void collect() {
        for (auto& each : did.write) written.push_back(std::move(each));
        closed.insert(closed.end(), did.close.begin(), did.close.end());
        cut.insert(cut.end(), did.cut.begin(), did.cut.end());
        for (auto& each : did.tell) told.push_back(std::move(each));
        did = {};
    }
    template <class T>
    [[nodiscard]] std::size_t told_of() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(told, [](const auto& each) { return std::holds_alternative<T>(each.what); }));
    }
    [[nodiscard]] cause last_cause() const { return std::get<link_down>(told.back().what).why; }

    secure_channel::key_encryption_key under = kek();
    bearer::push_tokens tokens{under};
    used_pushes used{std::chrono::minutes(30), 1000};
    callers x;
    callers::actions did;
    time_point now{std::chrono::hours(1)};
    std::vector<callers::output> written;
    std::vector<std::uint64_t> closed, cut;
    std::vector<bearer::link_event> told;
};

}  // namespace

TEST(callers, tells_of_a_link_once_the_caller_has_said_who_it_is) {
    desk d;
    const auto id = d.identified(1, {7, 70});
    EXPECT_EQ(id.value % 2, 1u);
    EXPECT_EQ(std::get<link_up>(d.told[0].what).push, (push_id{7, 70}));
    EXPECT_EQ(d.x.links(), 1u);
    EXPECT_EQ(d.x.unidentified(), 0u);
}

TEST(callers, takes_the_identification_bare_and_in_its_object) {
    desk d;
    d.connect(1);
    d.hear(1, identification(identification(d.tokens.make({7, 70}))));
    EXPECT_EQ(d.told_of<link_up>(), 1u);
}

TEST(callers, takes_packets_in_whatever_pieces_they_come) {
    desk d;
    d.connect(1);
    const auto token = d.tokens.make({7, 70});
    auto all = identification(token);
    for (int i = 0; i < 3; ++i) {
        const auto more = response(300);
        all.insert(all.end(), more.begin(), more.end());
    }
    for (const auto octet : all) d.hear(1, wire::octets{octet});
    EXPECT_EQ(d.told_of<link_packet>(), 3u);
    EXPECT_EQ(std::get<link_packet>(d.told.back().what).packet, response(300));
    d.connect(2);
    auto whole = all;
    std::ranges::copy(d.tokens.make({8, 80}), whole.begin() + 2);
    d.hear(2, whole);
    EXPECT_EQ(d.told_of<link_packet>(), 6u);
}

TEST(callers, cuts_whoever_shows_no_good_identification) {
    desk d;
    const auto refuses = [&](std::uint64_t id, const wire::octets& octets, refusal why) {
        d.connect(id);
        const auto before = d.x.tally().of(why);
        d.hear(id, octets);
        EXPECT_EQ(d.x.tally().of(why), before + 1) << id;
        ASSERT_FALSE(d.cut.empty());
        EXPECT_EQ(d.cut.back(), id);
    };
    refuses(1, identification(wire::octets(24, 1)), refusal::foreign);
    refuses(2, identification({}), refusal::foreign);
    refuses(3, response(10), refusal::foreign);
    refuses(4, {'G', 'E', 'T', ' ', '/'}, refusal::malformed);
    refuses(5, wire::from_hex("3683ffffff").value(), refusal::oversize);
    refuses(6, wire::from_hex("3680").value(), refusal::malformed);
    d.identified(7, {7, 70});
    refuses(8, identification(d.tokens.make({7, 70})), refusal::used);
    EXPECT_EQ(d.told_of<link_up>(), 1u);
    EXPECT_EQ(d.x.unidentified(), 0u) << "nothing is left";
    EXPECT_EQ(d.told_of<link_down>(), 0u);
}

TEST(callers, gives_a_caller_so_long_to_say_who_it_is) {
    desk d;
    d.connect(1);
    const auto packet = identification(d.tokens.make({7, 70}));
    for (std::size_t i = 0; i + 1 < packet.size() && d.cut.empty(); ++i) {  // an octet a second
        d.hear(1, wire::octet_view(packet).subspan(i, 1));
        d.pass(seconds(1));
    }
    EXPECT_EQ(d.cut, std::vector<std::uint64_t>{1});
    EXPECT_EQ(d.x.tally().of(refusal::slow), 1u);
}

TEST(callers, gives_a_packet_so_long_to_come_whole) {
    desk d;
    const auto id = d.identified(1, {7, 70});
    d.x.keep(id, true, d.now, d.did);
    const auto packet = response(200);
    for (std::size_t i = 0; i < packet.size() && d.cut.empty(); ++i) {
        d.hear(1, wire::octet_view(packet).subspan(i, 1));
        d.pass(seconds(1));
    }
    EXPECT_EQ(d.cut.size(), 1u);
    EXPECT_EQ(d.last_cause(), cause::timed_out);
}

TEST(callers, gives_a_card_so_long_to_take_a_packet) {
    desk d;
    const auto id = d.identified(1, {7, 70});
    d.x.keep(id, true, d.now, d.did);
    d.x.transmit(id, response(100), d.now, d.did);
    d.collect();
    ASSERT_EQ(d.written.size(), 1u);
    d.x.on_written(1, d.now);
    d.pass(std::chrono::minutes(5));
    EXPECT_TRUE(d.cut.empty());
    d.x.transmit(id, response(100), d.now, d.did);
    d.pass(std::chrono::minutes(5));
    EXPECT_EQ(d.last_cause(), cause::timed_out);
}

TEST(callers, closes_a_link_without_work_and_keeps_one_with) {
    desk d;
    const auto idle = d.identified(1, {1, 1});
    const auto busy = d.identified(2, {2, 2});
    d.x.keep(busy, true, d.now, d.did);
    d.pass(seconds(61));
    EXPECT_EQ(d.told_of<link_down>(), 1u);
    EXPECT_EQ(d.told.back().link, idle);
    EXPECT_EQ(d.last_cause(), cause::idle);
    d.x.keep(busy, false, d.now, d.did);
    d.pass(seconds(61));
    EXPECT_EQ(d.told_of<link_down>(), 2u);
}

TEST(callers, limits_hold_and_are_counted) {
    auto s = tagged();
    s.max_links = 4;
    s.unidentified = 3;
    s.per_source = 2;
    desk d(s);
    for (std::uint64_t i = 1; i <= 3; ++i) d.connect(i);
    EXPECT_EQ(d.x.tally().of(refusal::source), 1u);
    d.connect(4, at(2, 1));
    d.connect(5, at(3, 1));
    EXPECT_EQ(d.x.tally().of(refusal::half_open), 1u);
    for (const std::uint64_t i : {1, 2, 4}) d.hear(i, identification(d.tokens.make({static_cast<std::int64_t>(i), 1})));
    d.connect(6, at(4, 1));
    d.connect(7, at(5, 1));
    EXPECT_EQ(d.x.tally().of(refusal::links), 1u);
    EXPECT_EQ(d.cut, (std::vector<std::uint64_t>{3, 5, 7}));
}

TEST(callers, ends_a_link_whose_card_floods_or_sends_what_no_card_sends) {
    desk d;
    d.identified(1, {1, 1});
    for (int i = 0; i < 20; ++i) d.hear(1, response(10));
    EXPECT_EQ(d.told_of<link_packet>(), 16u);
    EXPECT_EQ(d.last_cause(), cause::protocol);
    d.identified(2, {2, 2});
    d.hear(2, wire::writer().u8(0x01).u8(1).u8(0).take());
    EXPECT_EQ(d.last_cause(), cause::protocol);
    d.identified(3, {3, 3});
    d.hear(3, identification(d.tokens.make({3, 3})));
    EXPECT_EQ(d.last_cause(), cause::protocol);
}

TEST(callers, writes_what_was_handed_over_before_it_closes) {
    desk d;
    const auto id = d.identified(1, {1, 1});
    d.x.transmit(id, response(10), d.now, d.did);
    d.x.close(id, d.did);
    d.collect();
    EXPECT_EQ(d.written.size(), 1u);
    EXPECT_EQ(d.closed, std::vector<std::uint64_t>{1});
    EXPECT_EQ(d.told_of<link_down>(), 0u);
    d.x.on_closed(1, d.did);
    d.collect();
    EXPECT_EQ(d.last_cause(), cause::by_us);
    EXPECT_FALSE(d.x.due());
}

TEST(callers, drain_and_stop_end_everything_once) {
    desk d;
    d.identified(1, {1, 1});
    const auto busy = d.identified(2, {2, 2});
    d.x.keep(busy, true, d.now, d.did);
    d.connect(3);
    d.x.drain(d.did);
    d.collect();
    EXPECT_EQ(d.closed, std::vector<std::uint64_t>{1});
    EXPECT_EQ(d.cut, std::vector<std::uint64_t>{3});
    d.connect(4);
    EXPECT_EQ(d.x.tally().of(refusal::draining), 1u);
    d.x.stop(d.did);
    d.collect();
    EXPECT_EQ(d.told_of<link_down>(), 2u);
    EXPECT_EQ(d.last_cause(), cause::shutdown);
    EXPECT_EQ(d.x.links() + d.x.unidentified(), 0u);
    EXPECT_FALSE(d.x.due());
}

}  // namespace ota::bip
