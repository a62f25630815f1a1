#include "tests/device/phone_bench.hpp"

namespace ota::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(device_consent, asks_for_the_object_that_says_so_and_for_no_other) {
    phone_with_card bench;
    ASSERT_EQ(bench.asked.size(), 1U);
    EXPECT_EQ(bench.asked[0].at, at("./Email"));
    EXPECT_EQ(bench.asked[0].label, "Mail");
    EXPECT_FALSE(bench.asked[0].known);
    change(bench.card, "./IMPS", "Name", "Other");
    bench.refresh();
    EXPECT_EQ(bench.asked.size(), 1U);
}

TEST(device_consent, asks_nobody_when_no_object_says_so) {
    auto profile = sample_profile();
    for (auto& object : profile.management_objects) object.ask = false;
    phone_with_card bench(profile);
    EXPECT_THAT(bench.asked, IsEmpty());
    EXPECT_TRUE(bench.has("./Email"));
}

TEST(device_consent, a_refused_object_leaves_the_tree_as_it_was) {
    phone_bench bench;
    bench.says = consent::no;
    object_card card;
    bench.start_with(card);
    EXPECT_FALSE(bench.has("./Email"));
    EXPECT_TRUE(bench.has("./IMPS"));
    EXPECT_THAT(bench.told(kind::declined), ElementsAre("./Email 0"));
}

TEST(device_consent, a_refused_change_leaves_the_content_before) {
    phone_with_card bench;
    const auto before = *mo::find(bench.phone.tree(), at("./Email"));
    bench.says = consent::no;
    change(bench.card, "./Email", "AppAddr/x/Addr", "smtp.new.example.org");
    bench.refresh();
    EXPECT_EQ(*mo::find(bench.phone.tree(), at("./Email")), before);
    EXPECT_THAT(bench.told(kind::declined), ElementsAre("./Email 1"));
    ASSERT_EQ(bench.asked.size(), 2U);
    EXPECT_TRUE(bench.asked[1].known);
}

TEST(device_consent, an_answer_holds_for_its_content_over_restarts_and_changes_of_card) {
    for (const auto answer : {consent::yes, consent::no}) {
        phone_bench bench;
        bench.says = answer;
        object_card card;
        bench.start_with(card);
        bench.refresh();
        bench.restart();
        bench.phone.remove_card();
        bench.phone.insert(bench.slot_of(card), bench.now);
        EXPECT_EQ(bench.asked.size(), 1U);
        EXPECT_EQ(bench.has("./Email"), answer == consent::yes);
        EXPECT_EQ(bench.told(kind::declined).size(), answer == consent::no ? 1U : 0U);
        change(card, "./Email", "Name", "Other");
        bench.restart();
        EXPECT_EQ(bench.asked.size(), 2U);
    }
}

TEST(device_consent, what_was_left_for_later_is_asked_again_or_answered_late) {
    phone_bench bench;
    bench.says = consent::later;
    object_card card;
    bench.start_with(card);
    EXPECT_FALSE(bench.has("./Email"));
    EXPECT_THAT(bench.told(kind::deferred), ElementsAre("./Email 0"));
    bench.restart();
    EXPECT_EQ(bench.asked.size(), 2U);
    EXPECT_FALSE(bench.phone.on_answer(at("./IMPS"), true, bench.now));
    EXPECT_TRUE(bench.phone.on_answer(at("./Email"), true, bench.now));
    EXPECT_TRUE(bench.has("./Email"));
    EXPECT_EQ(bench.asked.size(), 2U);
    EXPECT_FALSE(bench.phone.on_answer(at("./Email"), false, bench.now));
}

TEST(device_consent, a_late_refusal_is_told) {
    phone_bench bench;
    bench.says = consent::later;
    object_card card;
    bench.start_with(card);
    EXPECT_TRUE(bench.phone.on_answer(at("./Email"), false, bench.now));
    EXPECT_FALSE(bench.has("./Email"));
    EXPECT_THAT(bench.told(kind::declined), ElementsAre("./Email 0"));
    bench.restart();
    EXPECT_EQ(bench.asked.size(), 1U);
}

/// Where directory and control file differ, asking is the safe side.
TEST(device_consent, one_of_the_two_signs_is_enough) {
    for (const bool in_directory : {true, false}) {
        object_card card;
        auto control = card.control();
        control.find(0x6433)->ask = !in_directory;
        ++control.generation;
        auto list = card.read_file(0x6430);
        if (!in_directory) {
            auto entries = mo::parse_data_objects(list).value();
            for (auto& entry : entries) entry.user_consent.reset();
            const auto octets = mo::serialize_data_objects(entries);
            std::ranges::fill(list, 0xFF);
            std::ranges::copy(octets, list.begin());
        }
        const auto plan = mo::plan_script({{0x6430, card.read_file(0x6430), list},
                                           {0x6440, card.read_file(0x6440), control_image(card.profile, control)}});
        (void)card.send_long(card.packet(++card.last_counter, object_card::script_of(plan)));
        phone_bench bench;
        bench.says = consent::no;
        bench.start_with(card);
        EXPECT_EQ(bench.asked.size(), 1U) << in_directory;
        EXPECT_FALSE(bench.has("./Email"));
    }
}

}  // namespace
}  // namespace ota::sandbox
