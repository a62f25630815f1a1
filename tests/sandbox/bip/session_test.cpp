#include "tests/sandbox/bip/bip_bench.hpp"

namespace ota::sandbox {
namespace {

constexpr auto spn = "./SC/USIM/SPN";

TEST(bip_session, goes_from_push_to_reset) {
    bip_bench bench;
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "029000");
    bench.server.jobs = {bench.data_packet(1, bip_bench::spn_script(7, 4000))};
    ASSERT_GT(bench.server.jobs[0].size(), 4000U);
    bench.run();
    ASSERT_EQ(bench.server.answers.size(), 1U);
    EXPECT_EQ(bench.answer(1, bench.server.answers[0]).substr(0, 3), "00 ");
    EXPECT_EQ(bench.cards.content(1, spn), bip_bench::spn_image(7));
    EXPECT_EQ(bench.server.closed_well, 1U);
    EXPECT_EQ(bench.modems.alive(), 0U);
    EXPECT_EQ(bench.open, 0);
    const auto v = bench.judged();
    EXPECT_TRUE(v.good());
    EXPECT_EQ(v.packets, 2U);
    EXPECT_EQ(v.by_data, 1U);
    EXPECT_EQ(v.scripts, 2U);
    EXPECT_EQ(bench.cards.counts().by_data, 1U);
}

TEST(bip_session, tells_who_the_card_is) {
    bip_bench bench;
    bench.by_sms(0, bip_bench::push_of());
    bench.by_sms(2,
                 "80ec0101133501033902057"
                 "83c030123283e05217f000001"
                 "80ec0102093c03001f903602abcd");
    bench.run();
    wire::octets iccid;  // as EF(ICCID) has it
    const auto digits = bench.cards.who().iccid(0);
    for (std::size_t i = 0; i < 20; i += 2) {
        const auto low = digits.at(i) - '0', high = i + 1 < digits.size() ? digits[i + 1] - '0' : 0x0F;
        iccid.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    ASSERT_EQ(bench.server.identifications.size(), 2U);
    EXPECT_EQ(bench.server.identifications[0], iccid);
    EXPECT_EQ(bench.server.identifications[1], (wire::octets{0xAB, 0xCD}));
}

TEST(bip_session, carries_several_packets_and_refuses_a_counter_that_was_used) {
    bip_bench bench;
    bench.by_sms(3, bip_bench::push_of());
    const auto first = bench.data_packet(3, bip_bench::spn_script(1));
    bench.server.jobs = {first, bench.data_packet(3, bip_bench::spn_script(2)), first};
    bench.run();
    ASSERT_EQ(bench.server.answers.size(), 3U);
    EXPECT_EQ(bench.answer(3, bench.server.answers[0]), "00 029000");
    EXPECT_EQ(bench.answer(3, bench.server.answers[1]), "00 029000");
    EXPECT_EQ(bench.answer(3, bench.server.answers[2]), "02 ");
    EXPECT_EQ(bench.cards.content(3, spn), bip_bench::spn_image(2));
    const auto v = bench.judged();
    EXPECT_TRUE(v.good());
    EXPECT_EQ(v.repeats, 1U);
}

TEST(bip_session, shows_the_judge_a_counter_of_two_bearers) {
    bip_bench bench;
    bench.by_sms(3, bip_bench::push_of());
    --bench.sent[3];
    bench.server.jobs = {bench.data_packet(3, bip_bench::spn_script(1))};
    bench.run();
    EXPECT_EQ(bench.judged().counters_reused, 1U);
    bip_bench other({}, 4, 8);
    other.by_sms(3, bip_bench::push_of());
    other.sent[3] += 2;
    const auto late = other.data_packet(3, bip_bench::spn_script(1));
    other.sent[3] -= 2;
    other.server.jobs = {late, other.data_packet(3, bip_bench::spn_script(1))};
    other.run();
    EXPECT_EQ(other.judged().counters_lowered, 1U);
}

TEST(bip_session, is_one_at_a_time) {
    bip_bench bench;
    bench.server.answers_nothing = true;
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "029000");
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "019300");  // a second order tears nothing down
    bench.exchange();
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "019300");
    EXPECT_EQ(bench.by_sms(1, "80ec0102053c03001f90"), "019300");
    EXPECT_EQ(bench.by_sms(1, "00a4000c026f46"), "019000");  // short messages go on as before
    bench.server.answers_nothing = false;
    bench.run();
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "029000");
    bench.run();
    EXPECT_EQ(bench.server.closed_well, 2U);
}

TEST(bip_session, takes_channel_and_link_by_two_messages) {
    bip_bench bench;
    EXPECT_EQ(bench.by_sms(1, "80ec0102053c03001f90"), "016985");
    EXPECT_EQ(bench.by_sms(1, "80ec010113350103390205783c030123283e05217f000001"), "019000");
    bench.exchange();
    EXPECT_EQ(bench.server.connections, 0U);
    EXPECT_EQ(bench.open, 1);
    EXPECT_EQ(bench.by_sms(1, "80ec0102053c03001f90"), "019000");
    bench.run();
    EXPECT_EQ(bench.server.closed_well, 1U);
}

TEST(bip_session, closes_a_channel_that_nobody_wants_a_link_on) {
    bip_bench bench;
    bench.by_sms(1, "80ec010113350103390205783c030123283e05217f000001");
    bench.run();
    EXPECT_EQ(bench.open, 0);
    EXPECT_EQ(bench.modems.alive(), 0U);
}

TEST(bip_session, does_not_begin_beyond_this_machine) {
    bip_bench bench;
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of("c000020a")), "029000");
    bench.run();
    EXPECT_EQ(bench.radio.counts().beyond, 1U);
    EXPECT_EQ(bench.server.connections, 0U);
    EXPECT_EQ(bench.modems.alive(), 0U);
}

TEST(bip_session, is_refused_by_a_card_whose_terminal_opens_no_channels) {
    bip_bench bench({.share = 0});
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "016f00830130");
    EXPECT_EQ(bench.modems.alive(), 0U);
}

TEST(bip_session, ends_when_no_server_answers) {
    bip_bench bench;
    bench.server.answers_nothing = true;
    bench.by_sms(1, bip_bench::push_of());
    bench.run();
    EXPECT_EQ(bench.modems.alive(), 0U);
    EXPECT_EQ(bench.open, 0);
    EXPECT_GT(bench.radio.counts().sent, 3U);  // it tried
}

TEST(bip_session, gets_through_loss_duplicates_and_reordering) {
    constexpr std::uint64_t seeds = 12;
    radio_counts all;
    for (std::uint64_t seed = 100; seed < 100 + seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        bip_bench bench({.loss = 0.1,
                         .duplicates = 0.1,
                         .reordering = 0.1,
                         .delay_min = std::chrono::milliseconds(5),
                         .delay_max = std::chrono::milliseconds(80)},
                        2, seed);
        bench.by_sms(1, bip_bench::push_of());
        bench.server.jobs = {bench.data_packet(1, bip_bench::spn_script(7, 4000)),
                             bench.data_packet(1, bip_bench::spn_script(8, 3000))};
        bench.run(std::chrono::seconds(3600));
        ASSERT_EQ(bench.server.answers.size(), 2U);
        EXPECT_EQ(bench.answer(1, bench.server.answers[1]).substr(0, 3), "00 ");
        EXPECT_EQ(bench.cards.content(1, spn), bip_bench::spn_image(8));
        EXPECT_EQ(bench.modems.alive(), 0U);
        EXPECT_EQ(bench.open, 0);
        EXPECT_EQ(bench.cards.counts().duplicates, 0U);  // the link delivers once
        EXPECT_TRUE(bench.judged().good());
        for (const auto& [name, field] : radio_counts::names) all.*field += bench.radio.counts().*field;
    }
    EXPECT_GT(all.lost, 0U);
    EXPECT_GT(all.duplicated, 0U);
    EXPECT_GT(all.reordered, 0U);
}

TEST(bip_session, that_is_cut_or_refused_leaves_nothing_behind) {
    std::uint64_t cut = 0, refused = 0, done = 0;
    for (std::uint64_t seed = 200; seed < 230; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        bip_bench bench({.refusals = 0.2, .cuts = 0.05}, 2, seed);
        bench.by_sms(1, bip_bench::push_of());
        bench.server.jobs = {bench.data_packet(1, bip_bench::spn_script(7, 4000))};
        bench.run(std::chrono::seconds(3600));
        EXPECT_EQ(bench.modems.alive(), 0U);
        EXPECT_EQ(bench.open, 0);
        EXPECT_TRUE(bench.judged().good());
        cut += bench.radio.counts().cut;
        refused += bench.radio.counts().refused;
        done += bench.server.answers.size();
        EXPECT_EQ(bench.by_sms(1, "00a4000c026f46"), "019000");  // the card lives
    }
    EXPECT_GT(cut, 3U);
    EXPECT_GT(refused, 0U);
    EXPECT_GT(done, 3U);
}

TEST(bip_session, ends_when_the_power_goes) {
    bip_bench bench({}, 2, 7, {.power_cut = 0.5});
    for (int i = 0; i < 40; ++i) {
        bench.by_sms(1, bip_bench::push_of());
        bench.server.jobs = {bench.data_packet(1, bip_bench::spn_script(7, 200))};
        bench.run(std::chrono::seconds(3600));
        EXPECT_EQ(bench.modems.alive(), 0U);
        EXPECT_EQ(bench.open, 0);
    }
    EXPECT_GT(bench.cards.counts().power_cuts, 0U);
    EXPECT_GT(bench.server.answers.size(), 0U);
    EXPECT_TRUE(bench.judged().good());
}

TEST(bip_session, goes_on_for_many_cards_at_once) {
    constexpr std::size_t count = 200;
    bip_bench bench({.loss = 0.02, .delay_max = std::chrono::milliseconds(50)}, count);
    for (std::size_t card = 0; card < count; ++card) EXPECT_EQ(bench.by_sms(card, bip_bench::push_of()), "029000");
    EXPECT_EQ(bench.modems.alive(), count);
    bench.run(std::chrono::seconds(3600));
    EXPECT_EQ(bench.server.closed_well, count);
    EXPECT_EQ(bench.modems.alive(), 0U);
}

}  // namespace
}  // namespace ota::sandbox
