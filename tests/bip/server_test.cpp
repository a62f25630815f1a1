#include "tests/bip/live.hpp"

#include <chrono>
#include <functional>
#include <thread>

namespace ota::bip {
namespace {

using namespace testing_live;
using bearer::link_acknowledged;
using bearer::link_down;
using bearer::link_packet;
using bearer::link_up;
using cause = bearer::link_down::cause;

const secure_channel::key_encryption_key key = kek();

struct running {
    explicit running(server_settings s = on_loopback()) : told(), serves(std::move(s), key, told) {
        std::string error;
        EXPECT_TRUE(serves.start(error)) << error;
    }
    ear told;
    server serves;
    bearer::push_tokens tokens{key};
};

/// What `status` tells is of a moment ago.
bool soon(const std::function<bool()>& so) {
    for (int tries = 0; tries < 500 && !so(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return so();
}

/// A packet of the TCP stream: tag, length, octets.
wire::octets packet(std::uint8_t tag, std::size_t size, std::uint8_t fill) {
    wire::writer out;
    out.u8(tag);
    if (size > 127)
        out.u8(0x82).u16(size);
    else
        out.u8(size);
    return out.fill(size, fill).take();
}
wire::octets identification(const wire::octets& token) {
    return wire::writer().u8(0x36).u8(token.size()).put(token).take();
}

}  // namespace

TEST(bip_server, carries_packets_both_ways_over_udp) {
    running r;
    ASSERT_NE(r.serves.udp_port(), 0);
    udp_card card(r.serves.udp_port(), r.tokens.make({7, 70}));
    ASSERT_TRUE(card.run([&] { return card.open; }));
    const auto up = r.told.wait<link_up>(1);
    ASSERT_EQ(up.size(), 1u);
    EXPECT_EQ(up[0].second.push, (bearer::push_id{7, 70}));
    const wire::octets command(5000, 1), answer(3000, 2);
    r.serves.keep(up[0].first, true);
    r.serves.transmit(up[0].first, {.packet = 9, .card = 7}, command);
    ASSERT_TRUE(card.run([&] { return card.got.size() == 1; }));
    EXPECT_EQ(card.got[0], command);
    card.send(answer);
    ASSERT_TRUE(card.run([&] { return card.machine->backlog() == 0; }));
    const auto packets = r.told.wait<link_packet>(1);
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_EQ(packets[0].second.packet, answer);
    EXPECT_EQ(r.told.wait<link_acknowledged>(1).at(0).second.id.packet, 9);
    r.serves.close(up[0].first);
    ASSERT_TRUE(card.run([&] { return card.end.has_value(); }));
    EXPECT_EQ(r.told.wait<link_down>(1).at(0).second.why, cause::by_us);
    EXPECT_TRUE(soon([&] { return r.serves.status().cat_tp.opened == 1; }));
}

TEST(bip_server, refuses_a_foreign_card_and_counts_it) {
    running r;
    udp_card card(r.serves.udp_port(), wire::octets(24, 9));
    ASSERT_TRUE(card.run([&] { return card.end.has_value(); }));
    EXPECT_EQ(card.end->reason, cat_tp::reset_reason::set_up_failed);
    EXPECT_TRUE(soon([&] { return r.serves.status().cat_tp.of(refusal::foreign) == 1; }));
}

TEST(bip_server, an_observer_may_answer_on_the_spot) {
    ear told;
    server serves(on_loopback(), key, told);
    told.answer = [&](const bearer::link_event& e) {
        if (std::holds_alternative<link_up>(e.what)) serves.transmit(e.link, {.packet = 1}, wire::octets(10, 1));
        if (std::holds_alternative<link_packet>(e.what)) serves.close(e.link);
    };
    std::string error;
    ASSERT_TRUE(serves.start(error));
    udp_card card(serves.udp_port(), bearer::push_tokens(key).make({1, 1}));
    ASSERT_TRUE(card.run([&] { return card.got.size() == 1; }));
    card.send(wire::octets(5, 5));
    EXPECT_TRUE(card.run([&] { return card.end.has_value(); }));
}

TEST(bip_server, tells_which_port_it_cannot_have) {
    running r;
    auto s = on_loopback();
    s.port = r.serves.udp_port();
    ear told;
    server second(s, key, told);
    std::string error;
    EXPECT_FALSE(second.start(error));
    EXPECT_EQ(error, "cannot take datagrams on 127.0.0.1:" + std::to_string(s.port) + ": Address already in use");

    s = on_loopback();
    s.tcp_port = r.serves.tcp_port();
    server third(s, key, told);
    EXPECT_FALSE(third.start(error));
    EXPECT_EQ(error, "cannot listen on 127.0.0.1:" + std::to_string(*s.tcp_port) + ": Address already in use");

    s = on_loopback();
    s.address = "192.0.2.1";
    server elsewhere(s, key, told);
    EXPECT_FALSE(elsewhere.start(error));
    EXPECT_EQ(error, "cannot take datagrams on 192.0.2.1:0: Cannot assign requested address");
}

TEST(bip_server, serves_ipv6_and_ipv4_on_one_socket) {
    auto s = on_loopback();
    s.address = "::";
    running r(s);
    udp_card card(r.serves.udp_port(), r.tokens.make({7, 70}));  // by 127.0.0.1
    EXPECT_TRUE(card.run([&] { return card.open; }));
}

TEST(bip_server, shutdown_lets_work_finish_and_tells_the_others) {
    running r;
    udp_card idle(r.serves.udp_port(), r.tokens.make({1, 1}));
    ASSERT_TRUE(idle.run([&] { return idle.open; }));
    udp_card busy(r.serves.udp_port(), r.tokens.make({2, 2}));
    ASSERT_TRUE(busy.run([&] { return busy.open; }));
    const auto up = r.told.wait<link_up>(2);
    ASSERT_EQ(up.size(), 2u);
    r.serves.keep(up[1].first, true);
    r.serves.transmit(up[1].first, {.packet = 1}, wire::octets(2000, 1));
    std::thread ends([&] { r.serves.shutdown(seconds(30)); });
    EXPECT_TRUE(idle.run([&] { return idle.end.has_value(); }));
    EXPECT_TRUE(busy.run([&] { return busy.got.size() == 1; }));
    EXPECT_EQ(r.told.wait<link_down>(1).at(0).first, up[0].first);
    r.serves.keep(up[1].first, false);
    EXPECT_TRUE(busy.run([&] { return busy.end.has_value(); }));
    ends.join();
    const auto down = r.told.wait<link_down>(2);
    ASSERT_EQ(down.size(), 2u);
    for (const auto& each : down) EXPECT_EQ(each.second.why, cause::shutdown);
}

TEST(bip_server, shutdown_without_time_ends_every_link) {
    running r;
    udp_card card(r.serves.udp_port(), r.tokens.make({1, 1}));
    ASSERT_TRUE(card.run([&] { return card.open; }));
    r.serves.keep(r.told.wait<link_up>(1).at(0).first, true);
    r.serves.shutdown(std::chrono::milliseconds(0));
    ASSERT_EQ(r.told.wait<link_down>(1).size(), 1u);
    EXPECT_EQ(r.told.wait<link_down>(1)[0].second.why, cause::shutdown);
    EXPECT_TRUE(card.run([&] { return card.end.has_value(); })) << "the card was told";
}

TEST(bip_server, calls_from_many_threads_are_served) {
    running r;
    udp_card card(r.serves.udp_port(), r.tokens.make({1, 1}));
    ASSERT_TRUE(card.run([&] { return card.open; }));
    const auto id = r.told.wait<link_up>(1).at(0).first;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i) {
                r.serves.transmit(id, {.packet = t * 10 + i}, wire::octets(100, 1));
                r.serves.keep(id, true);
                (void)r.serves.status();
            }
        });
    }
    EXPECT_TRUE(card.run([&] { return card.got.size() == 40; }));
    for (auto& each : threads) each.join();
}

// --- the TCP variant
// ------------------------------------------------------------------------------------------------------

TEST(bip_server_tcp, carries_packets_both_ways_after_the_identification) {
    running r;
    ASSERT_NE(r.serves.tcp_port(), 0);
    const descriptor card(SOCK_STREAM, r.serves.tcp_port());
    card.send(identification(r.tokens.make({7, 70})));
    const auto up = r.told.wait<link_up>(1);
    ASSERT_EQ(up.size(), 1u);
    EXPECT_EQ(up[0].second.push, (bearer::push_id{7, 70}));
    const auto command = packet(0x01, 2000, 1), answer = packet(0x02, 500, 2);
    r.serves.transmit(up[0].first, {.packet = 1}, command);
    wire::octets got;
    while (got.size() < command.size()) {
        const auto part = card.receive(10'000);
        ASSERT_TRUE(part && !part->empty());
        got.insert(got.end(), part->begin(), part->end());
    }
    EXPECT_EQ(got, command);
    card.send(answer);
    EXPECT_EQ(r.told.wait<link_packet>(1).at(0).second.packet, answer);
    r.serves.close(up[0].first);
    const auto end = card.receive(10'000);
    ASSERT_TRUE(end);
    EXPECT_TRUE(end->empty()) << "closed";
    EXPECT_EQ(r.told.wait<link_down>(1).at(0).second.why, cause::by_us);
}

TEST(bip_server_tcp, tells_that_the_card_closed) {
    running r;
    {
        const descriptor card(SOCK_STREAM, r.serves.tcp_port());
        card.send(identification(r.tokens.make({7, 70})));
        ASSERT_EQ(r.told.wait<link_up>(1).size(), 1u);
    }
    EXPECT_EQ(r.told.wait<link_down>(1).at(0).second.why, cause::by_card);
}

TEST(bip_server_tcp, cuts_who_does_not_say_who_it_is) {
    auto s = on_loopback();
    s.callers.identification_timeout = std::chrono::milliseconds(100);
    running r(s);
    const descriptor silent(SOCK_STREAM, r.serves.tcp_port());
    const descriptor foreign(SOCK_STREAM, r.serves.tcp_port());
    foreign.send(identification(wire::octets(24, 9)));
    for (const auto* each : {&foreign, &silent}) {
        const auto end = each->receive(10'000);
        ASSERT_TRUE(end);
        EXPECT_TRUE(end->empty());
    }
}

TEST(bip_server_tcp, shutdown_ends_its_links) {
    running r;
    const descriptor card(SOCK_STREAM, r.serves.tcp_port());
    card.send(identification(r.tokens.make({7, 70})));
    r.serves.keep(r.told.wait<link_up>(1).at(0).first, true);
    r.serves.shutdown(std::chrono::milliseconds(0));
    EXPECT_EQ(r.told.wait<link_down>(1).at(0).second.why, cause::shutdown);
}

}  // namespace ota::bip
