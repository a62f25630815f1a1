#include "tests/bip/field.hpp"

namespace ota::bip {
namespace {

using namespace testing;
using bearer::link_acknowledged;
using bearer::link_down;
using bearer::link_packet;
using bearer::link_up;
using cause = bearer::link_down::cause;

const endpoint here = at(0x0A000001, 40000);

}  // namespace

TEST(exchange, tells_of_a_link_whose_card_showed_the_identification_of_a_push) {
    field f;
    f.connected(here, {7, 70});
    ASSERT_EQ(f.told.size(), 1u);
    const auto up = std::get<link_up>(f.told[0].what);
    EXPECT_EQ(up.push, (push_id{7, 70}));
    EXPECT_EQ(f.told[0].card, 7);
    EXPECT_EQ(up.max_sdu, f.card_settings.max_sdu);
    EXPECT_EQ(f.x.figures().links, 1u);
    EXPECT_EQ(f.x.figures().half_open, 0u);
}

TEST(exchange, tells_nothing_of_a_card_that_does_not_finish_its_set_up) {
    field f;
    f.begin(here, push_id{7, 70});
    f.hear(here, f.cards[0]->out.at(0));
    EXPECT_EQ(f.x.figures().half_open, 1u);
    f.cards.clear();
    f.sent.clear();
    f.pass(std::chrono::minutes(10));
    EXPECT_TRUE(f.told.empty());
    EXPECT_EQ(f.x.figures().records, 0u) << "nothing is left";
    EXPECT_EQ(f.x.tally().set_up_failed, 1u);
}

TEST(exchange, carries_several_packets_both_ways_over_one_link) {
    field f;
    auto& c = f.connected(here, {7, 70});
    const auto id = f.last_link();
    f.keep(id, true);
    for (std::uint8_t i = 1; i <= 5; ++i) {
        const wire::octets packet(300u * i, i), answer(200u * i, static_cast<std::uint8_t>(i + 100));
        f.transmit(id, {.packet = i, .card = 7}, packet);
        f.settle();
        ASSERT_EQ(c.got.size(), i);
        EXPECT_EQ(c.got.back(), packet);
        f.send(c, answer);
        f.settle();
        ASSERT_EQ(f.told_of<link_packet>().size(), i);
        EXPECT_EQ(f.told_of<link_packet>().back().packet, answer);
    }
    const auto through = f.told_of<link_acknowledged>();
    ASSERT_EQ(through.size(), 5u);
    for (std::uint8_t i = 1; i <= 5; ++i) EXPECT_EQ(through[i - 1u].id.packet, i);
    EXPECT_TRUE(f.told_of<link_down>().empty());
}

TEST(exchange, cuts_a_packet_into_pdus_and_joins_those_of_the_card) {
    field f;
    auto& c = f.connected(here, {7, 70});
    const wire::octets large(20'000, 0x5A);
    f.transmit(f.last_link(), {.packet = 1}, large);
    f.send(c, large);
    f.settle();
    ASSERT_EQ(c.got.size(), 1u);
    EXPECT_EQ(c.got[0], large);
    ASSERT_EQ(f.told_of<link_packet>().size(), 1u);
    EXPECT_EQ(f.told_of<link_packet>()[0].packet, large);
}

// R8: acknowledged by the transport is a hint; what was not acknowledged when the link ends is not told to be anything.
TEST(exchange, says_nothing_of_a_packet_that_was_under_way_when_the_link_ended) {
    field f;
    f.connected(here, {7, 70});
    const auto id = f.last_link();
    f.keep(id, true);
    f.cards.clear();
    f.transmit(id, {.packet = 1}, wire::octets(100));
    f.pass(std::chrono::minutes(30));
    EXPECT_TRUE(f.told_of<link_acknowledged>().empty());
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::timed_out);
    EXPECT_EQ(f.x.figures().records, 0u);
}

TEST(exchange, closes_a_link_without_work_after_its_idle_time) {
    field f;
    auto& c = f.connected(here, {7, 70});
    f.pass(seconds(59));
    EXPECT_TRUE(f.told_of<link_down>().empty());
    f.pass(seconds(2));
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::idle);
    EXPECT_TRUE(c.end);
    f.pass(seconds(30));
    EXPECT_EQ(f.x.figures().records, 0u);
}

TEST(exchange, keeps_the_path_open_while_work_is_pending) {
    field f;
    auto& c = f.connected(here, {7, 70});
    f.card_settings.idle = milliseconds(0);
    const auto id = f.last_link();
    f.keep(id, true);
    const auto before = f.x.tally().datagrams_out;
    c.machine->work_pending(true, f.now);
    f.pass(std::chrono::minutes(10));
    EXPECT_TRUE(f.told_of<link_down>().empty());
    EXPECT_GT(f.x.tally().datagrams_out, before + 10);
    f.keep(id, false);
    c.machine->work_pending(false, f.now);
    f.pass(std::chrono::minutes(3));
    EXPECT_EQ(f.told_of<link_down>().size(), 1u);
}

TEST(exchange, drains_what_was_handed_over_before_it_closes) {
    field f;
    auto& c = f.connected(here, {7, 70});
    const auto id = f.last_link();
    f.transmit(id, {.packet = 1}, wire::octets(30'000, 1));
    f.close(id);
    f.settle();
    ASSERT_EQ(c.got.size(), 1u);
    EXPECT_EQ(f.told_of<link_acknowledged>().size(), 1u);
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::by_us);
}

TEST(exchange, tells_that_the_card_closed) {
    field f;
    auto& c = f.connected(here, {7, 70});
    link::actions did;
    c.machine->close(f.now, did);
    c.take(did);
    f.settle();
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::by_card);
}

TEST(exchange, ignores_what_is_asked_of_a_link_that_is_gone) {
    field f;
    f.connected(here, {7, 70});
    const auto id = f.last_link();
    f.close(id);
    f.settle();
    const auto told = f.told.size();
    f.transmit(id, {.packet = 1}, wire::octets(10));
    f.keep(id, true);
    f.close(id);
    f.transmit(bearer::link_id{999}, {.packet = 1}, wire::octets(10));
    f.settle();
    EXPECT_EQ(f.told.size(), told);
}

TEST(exchange, ends_a_link_that_is_handed_more_than_the_card_takes) {
    field f;
    f.card_settings.max_sdu = 500;
    f.connected(here, {7, 70});
    f.transmit(f.last_link(), {.packet = 1}, wire::octets(501));
    f.settle();
    EXPECT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.x.tally().packets_refused, 1u);
}

TEST(exchange, ends_a_link_whose_card_sends_more_than_we_said_we_take) {
    auto s = few();
    s.link.max_sdu = 3000;
    field f(s);
    auto& c = f.connected(here, {7, 70});
    // A card that does not keep to the limit: its PDUs are made by hand.
    for (std::uint16_t i = 0; i < 4; ++i) {
        cat_tp::pdu p{
            .source_port = card_port, .destination_port = server_port, .sequence = static_cast<std::uint16_t>(101 + i)};
        p.acknowledgement = 0;
        p.window = 10;
        p.body = cat_tp::traffic{.more = true, .data = wire::octets(1000)};
        // The number that the server began with is read off its SYN+ACK by the card's own machine.
        link::actions did;
        c.machine->probe(f.now, did);
        const auto own = cat_tp::parse(std::get<link::transmit>(did.at(0)).datagram);
        p.acknowledgement = own.value().acknowledgement;
        f.hear(here, p);
    }
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::protocol);
}

TEST(exchange, ends_a_link_whose_card_floods_the_corridor) {
    field f;
    auto& c = f.connected(here, {7, 70});
    for (int i = 0; i < 100 && !c.end; ++i) {
        f.send(c, wire::octets(10, 1));
        f.settle();
    }
    EXPECT_LE(f.told_of<link_packet>().size(), 16u);
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::protocol);
}

TEST(exchange, never_uses_the_number_of_a_link_twice) {
    field f;
    std::vector<std::uint64_t> seen;
    for (std::int64_t i = 1; i <= 20; ++i) {
        f.connected(at(0x0A000001, static_cast<std::uint16_t>(40000 + i)), {7, i});
        seen.push_back(f.last_link().value);
        f.close(f.last_link());
        f.settle();
    }
    std::ranges::sort(seen);
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST(exchange, drains_links_without_work_at_once_and_others_when_their_work_is_done) {
    field f;
    f.connected(at(1, 1), {1, 1});
    f.connected(at(2, 2), {2, 2});
    const auto busy = f.last_link();
    f.keep(busy, true);
    auto& late = f.begin(at(3, 3), push_id{3, 3});
    f.drain();
    f.settle();
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::shutdown);
    ASSERT_TRUE(late.end);
    EXPECT_EQ(late.end->reason, cat_tp::reset_reason::temporarily_unable);
    EXPECT_EQ(f.x.tally().of(refusal::draining), 1u);
    f.transmit(busy, {.packet = 1}, wire::octets(5000));
    f.keep(busy, false);
    f.settle();
    EXPECT_EQ(f.told_of<link_acknowledged>().size(), 1u) << "its work came through";
    ASSERT_EQ(f.told_of<link_down>().size(), 2u);
    EXPECT_EQ(f.told_of<link_down>()[1].why, cause::shutdown);
}

TEST(exchange, stop_ends_every_link_at_once) {
    field f;
    auto& a = f.connected(at(1, 1), {1, 1});
    f.keep(f.last_link(), true);
    f.begin(at(2, 2), push_id{2, 2});
    f.hear(at(2, 2), f.cards[1]->out.at(0));
    f.stop();
    ASSERT_EQ(f.told_of<link_down>().size(), 1u) << "the half-open one was never told";
    EXPECT_EQ(f.told_of<link_down>()[0].why, cause::shutdown);
    f.settle();
    EXPECT_TRUE(a.end);
    EXPECT_EQ(f.x.figures().links + f.x.figures().half_open, 0u);
}

// A card that lost power in the middle, and was asked again.
TEST(exchange, a_card_that_begins_anew_over_the_same_path_gets_a_new_link) {
    field f;
    f.connected(here, {7, 70});
    const auto first = f.last_link();
    f.cards.clear();
    auto& again = f.begin(here, push_id{7, 71}, 9000);
    f.settle();
    EXPECT_TRUE(again.open);
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_up>().size(), 2u);
    EXPECT_NE(f.last_link(), first);
    EXPECT_EQ(f.x.figures().records, 1u);
}

TEST(exchange, serves_every_instance_s_identifications) {
    field f;
    const bearer::push_tokens elsewhere(f.under);  // another instance made the PUSH
    f.begin(here, elsewhere.make({7, 70}));
    f.settle();
    EXPECT_EQ(f.told_of<link_up>().size(), 1u);
}

}  // namespace ota::bip
