#include "tests/sandbox/bip/bip_bench.hpp"

#include <algorithm>

namespace ota::sandbox {
namespace {

constexpr auto push_tcp =
    "80ec01031335010339020578"
    "3c03022329"
    "3e05217f000001"
    "80ec0104043602abcd";

/// The server's end of a connection by hand.
struct tcp_bench : bip_bench {
    using bip_bench::bip_bench;

    /// What was sent since the last time.
    wire::octets sent_to_server() {
        wire::octets out;
        for (const auto& order : std::exchange(orders, {})) {
            if (order.what == socket_order::kind::open) id = order.channel;
            if (order.what == socket_order::kind::close) closed = true;
            if (order.what == socket_order::kind::send) out.insert(out.end(), order.data.begin(), order.data.end());
        }
        return out;
    }
    channel_id id = 0;
    bool closed = false;
};

TEST(tcp_session, identifies_the_card_and_carries_packets) {
    tcp_bench bench;
    EXPECT_EQ(bench.by_sms(1, push_tcp), "029000");
    EXPECT_TRUE(bench.sent_to_server().empty());
    ASSERT_NE(bench.id, 0U);
    bench.radio.on_link(bench.id, true, bench.now);
    EXPECT_EQ(wire::to_hex(bench.sent_to_server()), "0302abcd");
    for (std::uint8_t round = 1; round <= 2; ++round) {
        const auto packet = bench.data_packet(1, bip_bench::spn_script(round, 3000));
        for (std::size_t at = 0; at < packet.size(); at += 1000)  // as a stream cuts it
            bench.radio.on_data(bench.id,
                                {packet.begin() + static_cast<std::ptrdiff_t>(at),
                                 packet.begin() + static_cast<std::ptrdiff_t>(std::min(at + 1000, packet.size()))},
                                bench.now);
        EXPECT_EQ(bench.answer(1, bench.sent_to_server()).substr(0, 3), "00 ");
        EXPECT_EQ(bench.cards.content(1, "./SC/USIM/SPN"), bip_bench::spn_image(round));
    }
    bench.radio.on_link(bench.id, false, bench.now);
    (void)bench.sent_to_server();
    EXPECT_TRUE(bench.closed);
    bench.modems.on_tick(bench.now);
    EXPECT_EQ(bench.modems.alive(), 0U);
    EXPECT_EQ(bench.judged().by_data, 2U);
}

TEST(tcp_session, that_nothing_comes_over_is_closed_by_the_card) {
    tcp_bench bench;
    bench.by_sms(1, push_tcp);
    (void)bench.sent_to_server();
    bench.radio.on_link(bench.id, true, bench.now);
    while (const auto due = bench.modems.next_due()) {
        bench.now = std::max(bench.now, *due);
        bench.modems.on_tick(bench.now);
    }
    (void)bench.sent_to_server();
    EXPECT_TRUE(bench.closed);
    EXPECT_EQ(bench.modems.alive(), 0U);
}

TEST(tcp_session, ends_where_no_connection_comes_to_stand) {
    tcp_bench bench;
    bench.by_sms(1, push_tcp);
    (void)bench.sent_to_server();
    bench.radio.on_link(bench.id, false, bench.now);
    bench.modems.on_tick(bench.now);
    EXPECT_EQ(bench.modems.alive(), 0U);
    EXPECT_EQ(bench.radio.counts().failed, 1U);
}

}  // namespace
}  // namespace ota::sandbox
