#include "tests/bip/field.hpp"

namespace ota::bip {
namespace {

using namespace testing;
using bearer::link_down;
using bearer::link_packet;
using bearer::link_up;

const endpoint here = at(0x0A000001, 40000);
const endpoint moved = at(0x0A000001, 41234);
const endpoint moved_far = at(0x0A000001, 51234);

/// A link with work, whose card is heard of now and then.
struct standing : field {
    explicit standing() { begin_link(); }
    void begin_link() {
        card_settings.idle = milliseconds(0);
        c = &connected(here, {7, 70});
        id = last_link();
        keep(id, true);
    }
    card* c = nullptr;
    bearer::link_id id;
};

/// What the card would send now to say that it lives.
wire::octets sign_of_life(field& f, card& c) {
    link::actions did;
    c.machine->probe(f.now, did);
    return std::get<link::transmit>(did.at(0)).datagram;
}

}  // namespace

TEST(exchange_move, a_card_whose_port_changed_keeps_its_link) {
    standing f;
    f.c->where = moved;
    f.send(*f.c, wire::octets(100, 1));
    f.settle();
    EXPECT_TRUE(f.told_of<link_packet>().empty()) << "nothing gets in before the proof";
    f.pass(seconds(10));
    ASSERT_EQ(f.told_of<link_packet>().size(), 1u);
    EXPECT_EQ(f.x.tally().moved, 1u);
    f.transmit(f.id, {.packet = 1}, wire::octets(5000, 2));
    f.pass(seconds(10));
    ASSERT_EQ(f.c->got.size(), 1u);
    EXPECT_TRUE(f.told_of<link_down>().empty());
}

TEST(exchange_move, what_got_lost_on_the_old_path_arrives_over_the_new_one) {
    standing f;
    f.c->where = moved;
    f.transmit(f.id, {.packet = 1}, wire::octets(6000, 2));  // to the old port
    f.pass(seconds(1));
    EXPECT_TRUE(f.c->got.empty());
    f.send(*f.c, wire::octets(100, 1));
    f.pass(seconds(60));
    ASSERT_EQ(f.c->got.size(), 1u);
    EXPECT_EQ(f.told_of<link_packet>().size(), 1u);
    EXPECT_EQ(f.x.tally().moved, 1u);
    EXPECT_TRUE(f.told_of<link_down>().empty());
}

// Somebody behind the same NAT knows the numbers, gets the challenge and answers it. The card is alive.
TEST(exchange_move, a_spoofer_does_not_get_a_link_whose_card_answers) {
    standing f;
    auto forged = cat_tp::parse(sign_of_life(f, *f.c)).value();
    f.hear(moved, forged);
    ASSERT_EQ(f.sent.size(), 2u) << "both are asked";
    const auto challenge = cat_tp::parse(f.sent[0].octets).value();
    EXPECT_TRUE(f.sent[0].to == moved || f.sent[1].to == moved);
    forged.body = cat_tp::traffic{};
    forged.acknowledgement = challenge.sequence;
    f.hear(moved, forged);  // faster than the card
    f.settle();
    f.pass(seconds(30));
    EXPECT_EQ(f.x.tally().moved, 0u);
    EXPECT_EQ(f.x.tally().moves_dismissed, 1u);
    f.transmit(f.id, {.packet = 1}, wire::octets(50, 1));
    f.settle();
    EXPECT_EQ(f.c->got.size(), 1u) << "the card has its link";
}

TEST(exchange_move, without_an_answer_to_the_challenge_nothing_moves) {
    standing f;
    const auto forged = sign_of_life(f, *f.c);
    f.cards.clear();  // the card is silent
    f.hear(moved, forged);
    f.sent.clear();
    for (int i = 0; i < 20; ++i) {
        f.pass(seconds(1));
        f.hear(moved, forged);
    }
    EXPECT_EQ(f.x.tally().moved, 0u);
    EXPECT_TRUE(f.told_of<link_packet>().empty());
}

TEST(exchange_move, another_address_gets_no_link_whatever_it_knows) {
    standing f;
    const auto forged = sign_of_life(f, *f.c);
    f.hear(at(0x0A000002, 40000), forged);
    ASSERT_EQ(f.sent.size(), 1u);
    EXPECT_EQ(reset_in(f.sent[0]), cat_tp::reset_reason::unexpected_pdu);
    EXPECT_EQ(f.x.tally().move_challenges, 0u);
}

TEST(exchange_move, numbers_out_of_the_windows_get_the_answer_of_a_stranger) {
    standing f;
    auto p = cat_tp::parse(sign_of_life(f, *f.c)).value();
    p.sequence = static_cast<std::uint16_t>(p.sequence + 1000);
    f.hear(moved, p);
    EXPECT_EQ(f.x.tally().move_challenges, 0u);
    ASSERT_EQ(f.sent.size(), 1u);
    EXPECT_EQ(f.sent[0].to, moved);
    EXPECT_TRUE(reset_in(f.sent[0]));
}

TEST(exchange_move, a_datagram_that_two_links_could_own_moves_neither) {
    field f;
    std::vector<std::pair<std::uint16_t, cat_tp::pdu>> lives;  // by what the server said last
    for (std::int64_t i = 0; i < 100; ++i) {
        auto& c = f.connected(at(0x0A000001, static_cast<std::uint16_t>(40000 + i)), {i, 1});
        const auto p = cat_tp::parse(sign_of_life(f, c)).value();
        lives.emplace_back(*p.acknowledgement, p);
    }
    std::ranges::sort(lives, {}, &std::pair<std::uint16_t, cat_tp::pdu>::first);
    std::size_t twins = 0;
    for (std::size_t i = 1; i < lives.size(); ++i) {
        if (lives[i].first - lives[i - 1].first > 20) continue;
        ++twins;
        f.hear(moved_far, lives[i - 1].second);
        f.now += seconds(1);
    }
    EXPECT_GT(twins, 0u) << "of a hundred cards that began with the same number";
    EXPECT_EQ(f.x.tally().of(refusal::stray), twins);
    EXPECT_EQ(f.x.tally().move_challenges, 0u);
    EXPECT_TRUE(f.sent.empty()) << "an RST would end the link of the card that moved";
}

TEST(exchange_move, claims_on_one_link_are_few_however_often_they_come) {
    standing f;
    for (int i = 0; i < 1000; ++i) {
        const auto forged = sign_of_life(f, *f.c);
        f.hear(at(0x0A000001, static_cast<std::uint16_t>(50000 + i)), forged);
        f.settle();
        f.now += milliseconds(10);
    }
    EXPECT_LE(f.x.tally().move_challenges, 3u) << "10 s, and 6 s of rest after each wrong claim";
    EXPECT_TRUE(f.told_of<link_down>().empty());
}

// --- the identification, from elsewhere
// -----------------------------------------------------------------------------------

TEST(exchange_claim, a_repeated_syn_from_the_same_place_is_a_repetition) {
    field f;
    auto& c = f.begin(here, push_id{7, 70});
    const auto syn = c.out.at(0);
    f.hear(here, syn);
    f.hear(here, syn);
    EXPECT_EQ(f.x.figures().records, 1u);
    f.settle();
    EXPECT_EQ(f.told_of<link_up>().size(), 1u);
}

TEST(exchange_claim, of_two_set_ups_with_one_identification_the_newer_counts) {
    field f;
    auto& c = f.begin(here, push_id{7, 70});
    f.hear(here, c.out.at(0));
    f.sent.clear();
    c.out.clear();
    auto& newer = f.begin(at(0x0A000009, 1), push_id{7, 70}, 500);
    f.settle();
    EXPECT_TRUE(newer.open);
    EXPECT_EQ(f.x.figures().records, 1u);
    EXPECT_EQ(f.told_of<link_up>().size(), 1u);
}

TEST(exchange_claim, an_open_link_whose_card_lives_is_not_taken_by_its_identification) {
    standing f;
    auto& thief = f.begin(at(0x0A000009, 1), push_id{7, 70}, 500);
    f.pass(std::chrono::minutes(3));
    EXPECT_FALSE(thief.open);
    EXPECT_EQ(f.told_of<link_up>().size(), 1u);
    EXPECT_TRUE(f.told_of<link_down>().empty());
    EXPECT_GE(f.x.tally().of(refusal::contested), 2u);
    f.transmit(f.id, {.packet = 1}, wire::octets(50, 1));
    f.settle();
    EXPECT_EQ(f.c->got.size(), 1u);
}

TEST(exchange_claim, a_card_that_opened_its_channel_anew_elsewhere_gets_a_link) {
    standing f;
    f.cards.clear();  // the modem restarted
    auto& again = f.begin(at(0x0A000009, 1), push_id{7, 70}, 500);
    f.pass(seconds(30));
    EXPECT_TRUE(again.open);
    ASSERT_EQ(f.told_of<link_down>().size(), 1u);
    EXPECT_EQ(f.told_of<link_down>()[0].why, link_down::cause::timed_out);
    EXPECT_EQ(f.told_of<link_up>().size(), 2u);
    EXPECT_EQ(f.x.figures().records, 1u);
}

}  // namespace ota::bip
