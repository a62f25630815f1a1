#include "tests/bip/field.hpp"

#include <random>

namespace ota::bip {
namespace {

using namespace testing;
using bearer::link_down;
using bearer::link_up;
using cat_tp::reset_reason;

const endpoint here = at(0x0A000001, 40000);

cat_tp::pdu syn(const wire::octets& identification) {
    return {.source_port = card_port,
            .destination_port = server_port,
            .sequence = 100,
            .window = 10,
            .body = cat_tp::set_up{1400, 4096, identification}};
}

/// What a SYN of a stranger gets back, and that nothing is left of it.
void expect_refused(const cat_tp::pdu& p, refusal why, reset_reason reason, exchange_settings s = few()) {
    field f(std::move(s));
    f.hear(here, p);
    ASSERT_EQ(f.sent.size(), 1u);
    EXPECT_EQ(f.sent[0].to, here);
    EXPECT_EQ(reset_in(f.sent[0]), reason);
    const auto answer = cat_tp::parse(f.sent[0].octets).value();
    EXPECT_EQ(answer.acknowledgement, p.sequence) << "so that a card knows that it is meant";
    EXPECT_LE(f.sent[0].octets.size(), cat_tp::serialize(p).value().size());
    EXPECT_EQ(f.x.tally().of(why), 1u);
    EXPECT_EQ(f.x.figures().records, 0u);
    EXPECT_TRUE(f.told.empty());
    EXPECT_FALSE(f.x.due());
}

}  // namespace

TEST(exchange_hostile, a_foreign_identification_is_refused) {
    expect_refused(syn({}), refusal::foreign, reset_reason::set_up_failed);
    expect_refused(syn(wire::from_hex("98101032547698103214").value()), refusal::foreign, reset_reason::set_up_failed);
    expect_refused(syn(wire::octets(24, 7)), refusal::foreign, reset_reason::set_up_failed);
    expect_refused(syn(wire::octets(232, 7)), refusal::foreign, reset_reason::set_up_failed);
    expect_refused(syn(bearer::push_tokens(kek(2)).make({7, 70})), refusal::foreign, reset_reason::set_up_failed);
}

TEST(exchange_hostile, another_port_version_or_impossible_limits_are_refused) {
    const auto good = bearer::push_tokens(kek()).make({7, 70});
    auto p = syn(good);
    p.destination_port = 1;
    expect_refused(p, refusal::port, reset_reason::port_not_available);
    p = syn(good);
    p.version = 1;
    expect_refused(p, refusal::version, reset_reason::version_not_supported);
    p = syn(good);
    std::get<cat_tp::set_up>(p.body).max_pdu = 22;
    expect_refused(p, refusal::parameters, reset_reason::set_up_failed);
    auto s = few();
    s.ports.clear();
    expect_refused(syn(good), refusal::port, reset_reason::port_not_available, s);
}

TEST(exchange_hostile, as_many_links_as_we_take_are_refused_with_come_again) {
    const auto good = bearer::push_tokens(kek()).make({7, 70});
    auto s = few();
    s.max_links = 0;
    expect_refused(syn(good), refusal::links, reset_reason::temporarily_unable, s);
    s = few();
    s.half_open = 0;
    expect_refused(syn(good), refusal::half_open, reset_reason::temporarily_unable, s);
    s = few();
    s.per_source = 0;
    expect_refused(syn(good), refusal::source, reset_reason::temporarily_unable, s);
}

TEST(exchange_hostile, one_address_has_so_many_links_and_not_more) {
    auto s = few();
    s.per_source = 3;
    field f(s);
    for (std::int64_t i = 0; i < 5; ++i) f.begin(at(0x0A000001, static_cast<std::uint16_t>(40000 + i)), push_id{i, 1});
    f.begin(at(0x0A000002, 40000), push_id{9, 1});
    f.settle();
    EXPECT_EQ(f.told_of<link_up>().size(), 4u);
    EXPECT_EQ(f.x.tally().of(refusal::source), 2u);
}

TEST(exchange_hostile, ipv6_addresses_of_one_customer_count_as_one) {
    endpoint a, b;
    a.address = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8};
    b = a;
    b.address[15] = 99;
    EXPECT_EQ(source_of(a), source_of(b));
    b.address[7] = 2;
    EXPECT_NE(source_of(a), source_of(b));
    EXPECT_NE(source_of(at(1, 1)), source_of(at(2, 1)));
}

TEST(exchange_hostile, an_identification_opens_one_link_and_no_second_one) {
    field f;
    f.connected(here, {7, 70});
    f.close(f.last_link());
    f.settle();
    f.pass(seconds(60));
    EXPECT_EQ(f.x.figures().records, 0u);
    auto& replay = f.begin(at(0x0A000009, 9), push_id{7, 70});
    f.settle();
    ASSERT_TRUE(replay.end);
    EXPECT_EQ(replay.end->reason, reset_reason::set_up_failed);
    EXPECT_EQ(f.x.tally().of(refusal::used), 1u);
    EXPECT_EQ(f.told_of<link_up>().size(), 1u);
}

TEST(exchange_hostile, a_card_whose_set_up_failed_may_try_again) {
    field f;
    f.begin(here, push_id{7, 70});
    f.hear(here, f.cards[0]->out.at(0));
    f.cards.clear();
    f.sent.clear();
    f.pass(std::chrono::minutes(10));
    f.connected(here, {7, 70});
    EXPECT_EQ(f.told_of<link_up>().size(), 1u);
}

TEST(exchange_hostile, used_identifications_are_remembered_for_a_time_and_in_a_bounded_number) {
    field f(few(), {std::chrono::minutes(5), 10});
    for (std::int64_t i = 0; i < 50; ++i) {
        f.connected(at(0x0A000001, static_cast<std::uint16_t>(40000 + i)), {i, 1});
        f.close(f.last_link());
        f.settle();
        EXPECT_LE(f.x.figures().remembered, 10u);
    }
    EXPECT_EQ(f.x.figures().remembered, 10u);
    f.pass(std::chrono::minutes(6));
    f.connected(here, {999, 1});
    EXPECT_EQ(f.x.figures().remembered, 1u);
}

TEST(exchange_hostile, what_is_no_pdu_is_dropped_and_counted) {
    field f;
    auto good = cat_tp::serialize(syn(f.tokens.make({7, 70}))).value();
    good[17] ^= 1;
    f.hear(here, good);
    EXPECT_EQ(f.x.tally().of(refusal::bad_checksum), 1u);
    for (const auto* hex :
         {"", "80", "20000014000100020000000a00140005dfb9000c", "90000017000100020000000a0000000564e60578057800",
          "40000012000100020009000a001400057bec68656c6c6f", "50000012000100020000000a00140000afcc"}) {
        f.hear(here, wire::from_hex(hex).value());
    }
    EXPECT_EQ(f.x.tally().of(refusal::malformed) + f.x.tally().of(refusal::bad_checksum), 7u);
    EXPECT_TRUE(f.sent.empty());
    EXPECT_EQ(f.x.figures().records, 0u);
}

TEST(exchange_hostile, a_pdu_of_no_connection_gets_an_rst_and_an_rst_gets_nothing) {
    field f;
    f.hear(here, wire::from_hex("4000001280011f9000000a015000000ac650").value());  // ACK
    ASSERT_EQ(f.sent.size(), 1u);
    EXPECT_EQ(reset_in(f.sent[0]), reset_reason::unexpected_pdu);
    EXPECT_EQ(cat_tp::parse(f.sent[0].octets).value().sequence, 0x5001);
    f.sent.clear();
    for (int i = 0; i < 10'000; ++i) f.hear(here, wire::from_hex("1000001380011f9000000a0200000000415905").value());
    EXPECT_TRUE(f.sent.empty());
    EXPECT_EQ(f.x.tally().of(refusal::stray_reset), 10'000u);
    EXPECT_EQ(f.x.figures().records, 0u);
}

TEST(exchange_hostile, a_storm_of_rsts_over_the_path_of_a_link_is_not_answered_in_kind) {
    field f;
    auto& c = f.connected(here, {7, 70});
    f.sent.clear();
    const auto stood = f.x.tally().datagrams_out;
    for (std::uint32_t n = 0; n < 65536; ++n) {
        const auto sequence = static_cast<std::uint16_t>(n);
        const auto distance = static_cast<std::uint16_t>(sequence - 100);
        if (distance > 0 && distance <= 11) continue;  // those in the window end it: the sender sits on the path
        f.hear(here, cat_tp::pdu{.source_port = card_port,
                                 .destination_port = server_port,
                                 .sequence = sequence,
                                 .body = cat_tp::reset{}});
    }
    EXPECT_LE(f.x.tally().datagrams_out - stood, 1u);
    EXPECT_TRUE(f.told_of<link_down>().empty());
    f.send(c, wire::octets(5, 1));
    f.settle();
    EXPECT_EQ(f.told_of<bearer::link_packet>().size(), 1u);
}

// A hundred thousand addresses, each with its SYN: nothing is kept, and little is answered.
TEST(exchange_hostile, a_flood_of_spoofed_syns_leaves_no_state_and_few_answers) {
    field f;
    f.connected(here, {7, 70});
    f.sent.clear();
    std::mt19937 random(1);
    for (int i = 0; i < 100'000; ++i) {
        if (i % 10 == 0) f.now += milliseconds(1);  // ten seconds in all
        wire::octets token(24);
        for (auto& octet : token) octet = static_cast<std::uint8_t>(random());
        f.hear(at(random(), static_cast<std::uint16_t>(random())), syn(token));
    }
    EXPECT_EQ(f.x.tally().of(refusal::foreign), 100'000u);
    EXPECT_EQ(f.x.figures().records, 1u);
    EXPECT_LE(f.sent.size(), 200u * 11);
    EXPECT_EQ(f.x.tally().answered + f.x.tally().unanswered, 100'000u);
    std::size_t octets = 0;
    for (const auto& each : f.sent) octets += each.octets.size();
    EXPECT_LT(octets * 50, f.x.tally().octets_in) << "less than a fiftieth of what came";
}

TEST(exchange_hostile, one_source_gets_few_answers_and_leaves_some_for_others) {
    field f;
    for (int i = 0; i < 1000; ++i) f.hear(here, syn(wire::octets(24, 7)));
    EXPECT_EQ(f.sent.size(), 10u);
    f.hear(at(0x0B000001, 1), syn(wire::octets(24, 7)));
    EXPECT_EQ(f.sent.size(), 11u);
}

// Whoever overheard one identification, and sends it from a hundred thousand addresses.
TEST(exchange_hostile, one_identification_from_everywhere_has_one_record) {
    field f;
    std::mt19937 random(2);
    const auto token = f.tokens.make({7, 70});
    for (int i = 0; i < 100'000; ++i) {
        f.hear(at(random(), static_cast<std::uint16_t>(random())), syn(token));
        ASSERT_LE(f.x.figures().records, 1u);
        f.sent.clear();
    }
    f.pass(std::chrono::minutes(10));
    EXPECT_EQ(f.x.figures().records, 0u);
    EXPECT_TRUE(f.told.empty());
}

TEST(exchange_hostile, limits_hold_for_those_with_good_identifications) {
    auto s = few();
    s.max_links = 100;
    s.half_open = 20;
    field f(s);
    for (std::int64_t i = 0; i < 1000; ++i)
        f.hear(at(0x0A000000u + static_cast<std::uint32_t>(i), 1), syn(f.tokens.make({i, 1})));
    EXPECT_EQ(f.x.figures().half_open, 20u);
    EXPECT_EQ(f.x.tally().of(refusal::half_open), 980u);
    f.sent.clear();
    f.pass(std::chrono::minutes(10));
    for (std::int64_t i = 0; i < 150; ++i) {
        f.begin(at(0x0A000000u + static_cast<std::uint32_t>(i), 1), push_id{i, 2});
        f.settle();
    }
    EXPECT_EQ(f.x.figures().links, 100u);
    EXPECT_EQ(f.x.tally().of(refusal::links), 50u);
}

// Random PDUs with ports, numbers and flags that could be right.
TEST(exchange_hostile, whatever_comes_leaves_a_bounded_state) {
    for (const unsigned seed : {1u, 2u, 3u}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        auto s = few();
        s.max_links = 16;
        s.half_open = 4;
        field f(s);
        std::mt19937 random(seed);
        const auto one_of = [&](std::uint32_t n) { return static_cast<std::uint16_t>(random() % n); };
        for (int i = 0; i < 30'000; ++i) {
            cat_tp::pdu p{.source_port = static_cast<std::uint16_t>(card_port + one_of(2)),
                          .destination_port = server_port,
                          .sequence = static_cast<std::uint16_t>(95 + one_of(20)),
                          .window = one_of(12)};
            const auto kind = one_of(6);
            if (kind != 0) p.acknowledgement = static_cast<std::uint16_t>(random());
            for (const auto& each : f.sent) {  // what a listener has seen
                if (kind == 0 || one_of(2) == 0) break;
                p.acknowledgement = cat_tp::parse(each.octets).value().sequence;
            }
            if (kind == 0) p.body = cat_tp::set_up{1400, 1400, f.tokens.make({one_of(30), 1})};
            if (kind == 1) p.body = cat_tp::reset{static_cast<reset_reason>(one_of(8))};
            if (kind == 2) p.body = cat_tp::traffic{.nul = true};
            if (kind >= 3) p.body = cat_tp::traffic{.more = one_of(2) == 0, .data = wire::octets(one_of(100))};
            if (one_of(4) == 0) f.sent.clear();
            f.hear(at(0x0A000000u + one_of(4), static_cast<std::uint16_t>(1 + one_of(4))), p);
            if (one_of(50) == 0) f.pass(milliseconds(one_of(2000)));
            ASSERT_LE(f.x.figures().records, 16u);
            ASSERT_LE(f.x.figures().half_open, 4u);
        }
        f.sent.clear();
        f.pass(std::chrono::hours(2));
        EXPECT_EQ(f.x.figures().records, 0u);
        EXPECT_EQ(f.told_of<link_up>().size(), f.told_of<link_down>().size()) << "every link that was told ends once";
        EXPECT_FALSE(f.x.due());
    }
}

}  // namespace ota::bip
