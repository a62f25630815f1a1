#include "sandbox/device_models.hpp"
#include "sandbox/device_pool.hpp"
#include "tests/sandbox/bip/bip_bench.hpp"

namespace ota::sandbox {
namespace {

constexpr auto spn = "./SC/USIM/SPN";

/// The same cards, each in a device.
struct device_bip_bench : bip_bench {
    explicit device_bip_bench(const radio_options& how = {}, std::uint64_t seed = 7)
        : bip_bench(how, 4, seed),
          devices(
              cards, {.share = 1}, seed, [](device_message) {}, &modems, &radio) {
        devices.switch_on(now);
        other = &devices;
    }
    void run_devices(std::chrono::seconds most = std::chrono::seconds(3600)) {
        const auto end = now + most;
        exchange();
        for (;;) {
            std::optional<instant> due;
            for (const auto& next : {radio.next_due(), devices.next_due(), server.next_due()})
                if (next && (!due || *next < *due)) due = next;
            if (!due || *due > end) return;
            now = std::max(now, *due);
            radio.on_tick(now);
            devices.on_tick(now);
            server.on_tick(now);
            exchange();
        }
    }
    device_pool devices;
};

TEST(bip_in_a_device, goes_from_push_to_reset) {
    device_bip_bench bench;
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "029000");
    bench.server.jobs = {bench.data_packet(1, bip_bench::spn_script(7, 4000))};
    bench.run_devices();
    ASSERT_EQ(bench.server.answers.size(), 1U);
    EXPECT_EQ(bench.answer(1, bench.server.answers[0]).substr(0, 3), "00 ");
    EXPECT_EQ(bench.cards.content(1, spn), bip_bench::spn_image(7));
    EXPECT_EQ(bench.server.closed_well, 1U);
    EXPECT_EQ(bench.modems.alive(), 0U);
    EXPECT_EQ(bench.open, 0);
    EXPECT_TRUE(bench.judged().good());
}

TEST(bip_in_a_device, gets_through_loss_and_is_left_clean_by_cuts) {
    std::size_t done = 0, cut = 0;
    for (std::uint64_t seed = 400; seed < 412; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        device_bip_bench bench({.cuts = seed % 2 == 0 ? 0.05 : 0,
                                .loss = 0.08,
                                .reordering = 0.05,
                                .delay_max = std::chrono::milliseconds(60)},
                               seed);
        for (std::size_t card = 0; card < 3; ++card) bench.by_sms(card, bip_bench::push_of());
        bench.run_devices();
        EXPECT_EQ(bench.open, 0);
        done += bench.server.closed_well;
        cut += bench.radio.counts().cut;
    }
    EXPECT_GT(done, 15U);
    EXPECT_GT(cut, 0U);
}

TEST(bip_in_a_device, ends_with_the_card_that_is_taken_out) {
    device_bip_bench bench;
    bench.server.answers_nothing = true;
    bench.by_sms(1, bip_bench::push_of());
    bench.exchange();
    EXPECT_EQ(bench.open, 1);
    const auto other = bench.devices.add_device(make_device(1, 900), bench.now);
    ASSERT_TRUE(bench.devices.insert(1, other, bench.now));
    bench.exchange();
    EXPECT_EQ(bench.open, 0);
    bench.server.answers_nothing = false;
    EXPECT_EQ(bench.by_sms(1, bip_bench::push_of()), "029000");
    bench.run_devices();
    EXPECT_EQ(bench.server.closed_well, 1U);
}

}  // namespace
}  // namespace ota::sandbox
