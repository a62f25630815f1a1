#include "gateway/flow/twin.hpp"

#include <gtest/gtest.h>

namespace ota::flow {
namespace {

guard reversing_guard() {
    guard g;
    g.seal = [](wire::octet_view v, std::string_view) { return wire::octets(v.rbegin(), v.rend()); };
    g.open = [](wire::octet_view v, std::string_view) -> wire::result<wire::octets> {
        return wire::octets(v.rbegin(), v.rend());
    };
    return g;
}

twin full_twin() {
    twin t;
    t.counters = {{1, 0x123456789A}, {2, 7}};
    for (const char* uri : {"./SC/USIM/SPN", "./SC/USIM/ACC"}) t.nodes[t.node_index(uri, uri[10] == 'A')].wanted = true;
    t.nodes[0].desired = t.nodes[0].reported = {1, 2, 3};
    t.nodes[0].confirmed = true;
    t.nodes[0].revision = 42;
    t.nodes[1].desired = {9, 8};
    t.nodes[1].reported = {7};
    t.nodes[1].blocked = "card-refused";
    open_event e;
    e.seq = 77;
    e.node = 1;
    e.priority = -3;
    e.owns_image = true;
    e.image = {5, 5};
    e.expires_at = wall_time(std::chrono::milliseconds(123456789));
    e.bearer = queue::bearer_wish::bip;
    t.events.push_back(e);
    packet p;
    p.id = 1234567;
    p.cntr = 99;
    p.sealed = {0xAA, 0xBB};
    p.spi = {0x12, 0x21};
    p.kic.octet = 0x15;
    p.tar.octets = {0xB0, 0x00, 0x10};
    p.destination = "491701234567";
    p.carries.push_back({carried::kind::write, 1, 1, 2, true, 77, 0, 2});
    t.in_flight = p;
    p.by = carriage::channel;
    p.link = 0x1234567890;
    t.unknown = p;
    t.reserved = p;
    t.channel = data_channel{8, 511, 4096, wall_time(std::chrono::milliseconds(987654321))};
    t.channel_failures = 3;
    t.short_messages_until = wall_time(std::chrono::milliseconds(555));
    t.hold = "tar-unknown";
    t.leaps = 3;
    t.last_event = 77;
    return t;
}

TEST(twin, survives_its_octets) {
    const auto g = reversing_guard();
    const auto octets = serialize_twin(full_twin(), g);
    auto back = parse_twin(octets, g);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(serialize_twin(back.value(), g), octets);
    EXPECT_EQ(back.value().nodes[1].desired, (wire::octets{9, 8}));
    EXPECT_EQ(back.value().nodes[0].revision, 42);
    EXPECT_EQ(back.value().events[0].priority, -3);
    EXPECT_EQ(back.value().in_flight->carries[0].last, 2);
    EXPECT_EQ(back.value().in_flight->sealed, (wire::octets{0xAA, 0xBB}));
    EXPECT_EQ(back.value().counters[0].last, 0x123456789Au);
    EXPECT_EQ(back.value().events[0].bearer, queue::bearer_wish::bip);
    EXPECT_EQ(back.value().in_flight->by, carriage::short_message);
    EXPECT_EQ(back.value().unknown->by, carriage::channel);
    EXPECT_EQ(back.value().unknown->link, 0x1234567890u);
    ASSERT_TRUE(back.value().channel);
    EXPECT_EQ(back.value().channel->instance, 511);
    EXPECT_EQ(back.value().channel->max_sdu, 4096);
    EXPECT_EQ(back.value().channel->opened_at.time_since_epoch().count(), 987654321);
    EXPECT_EQ(back.value().channel_failures, 3);
    EXPECT_EQ(back.value().short_messages_until.time_since_epoch().count(), 555);
}

TEST(twin, every_strict_prefix_of_its_octets_is_refused) {
    const auto g = reversing_guard();
    const auto octets = serialize_twin(full_twin(), g);
    for (std::size_t n = 1; n < octets.size(); ++n) {
        EXPECT_FALSE(parse_twin(wire::octet_view(octets).first(n), g)) << n;
    }
    auto longer = octets;
    longer.push_back(0);
    EXPECT_FALSE(parse_twin(longer, g));
}

TEST(twin, a_piece_of_a_kind_that_only_a_later_program_knows_is_refused) {
    const auto g = reversing_guard();
    auto t = full_twin();
    t.in_flight->carries.front().is = carried::kind::audit;
    EXPECT_TRUE(parse_twin(serialize_twin(t, g), g));
    t.in_flight->carries.front().is = static_cast<carried::kind>(7);
    EXPECT_FALSE(parse_twin(serialize_twin(t, g), g));
}

TEST(twin, keeps_secret_images_and_unciphered_packets_wrapped) {
    auto t = full_twin();
    t.nodes[1].desired = wire::octets(8, 0xC5);
    t.in_flight->sealed = wire::octets(8, 0xD6);
    guard g = reversing_guard();
    g.seal = [](wire::octet_view v, std::string_view) { return wire::octets(v.size(), 0); };
    const auto octets = serialize_twin(t, g);
    const auto holds = [&](std::uint8_t octet) {
        const wire::octets run(4, octet);
        return std::search(octets.begin(), octets.end(), run.begin(), run.end()) != octets.end();
    };
    EXPECT_FALSE(holds(0xC5));
    EXPECT_FALSE(holds(0xD6));
}

TEST(twin, an_empty_blob_is_a_fresh_twin) {
    auto t = parse_twin({}, {});
    ASSERT_TRUE(t);
    EXPECT_FALSE(t.value().has_work());
}

}  // namespace
}  // namespace ota::flow
