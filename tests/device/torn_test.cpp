#include "tests/device/phone_bench.hpp"

namespace ota::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view longer = "Chat of another name, which takes more than one run of octets";

TEST(device_torn, a_cut_script_leaves_the_copy_and_the_next_one_brings_the_whole_object) {
    phone_with_card bench;
    const auto before = *mo::find(bench.phone.tree(), at("./IMPS"));
    // The SELECT and the object's runs are through, the control file is not.
    change(bench.card, "./IMPS", "AppAddr/x/Addr", "imps.new.example.org", {.power_cut_after = 2});
    bench.refresh();
    EXPECT_THAT(bench.told(kind::incorporated), testing::Not(testing::Contains("./IMPS 1")));
    EXPECT_EQ(*mo::find(bench.phone.tree(), at("./IMPS")), before);
    EXPECT_TRUE(bench.has("./NAP"));
    bench.restart();
    EXPECT_EQ(*mo::find(bench.phone.tree(), at("./IMPS")), before);
    change(bench.card, "./IMPS", "Name", "Repaired");
    bench.refresh();
    EXPECT_EQ(bench.value("./IMPS/Name"), "Repaired");
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
}

/// A control file that is ahead of its object: check sum and generation do not fit what the file holds.
TEST(device_torn, keeps_the_old_copy_of_an_object_that_the_control_file_does_not_confirm) {
    for (const bool has_copy : {true, false}) {
        object_card card;
        phone_bench bench;
        if (has_copy) bench.start_with(card);
        const auto plan = card.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
        const auto control_only = mo::plan_script({{0x6440, card.control_before, card.control_after}});
        (void)card.send_long(card.packet(++card.last_counter, object_card::script_of(control_only)));
        card.terminal.reset();
        has_copy ? bench.refresh() : bench.start_with(card);
        EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), has_copy ? "imps.old.example.org" : "<none>");
        EXPECT_EQ(bench.told(kind::kept_old_copy),
                  has_copy ? std::vector<std::string>{"./IMPS 1"} : std::vector<std::string>{});
        EXPECT_EQ(bench.told(kind::absent).size(), has_copy ? 0U : 1U);
        EXPECT_TRUE(bench.has("./NAP"));
        (void)card.send_long(card.packet(++card.last_counter, object_card::script_of(plan)));
        card.terminal.reset();
        bench.refresh();
        EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
        EXPECT_THAT(bench.told(kind::incorporated), testing::Contains("./IMPS 1"));
    }
}

TEST(device_torn, takes_a_torn_object_as_absent_when_it_has_no_copy) {
    object_card card;
    change(card, "./IMPS", "AppAddr/x/Addr", "imps.new.example.org", {.power_cut_after = 2});
    phone_bench bench;
    bench.start_with(card);
    EXPECT_FALSE(bench.has("./IMPS"));
    EXPECT_TRUE(bench.has("./NAP"));
    EXPECT_EQ(bench.told(kind::absent).size(), 1U);
    change(card, "./IMPS", "Name", "Repaired");
    bench.refresh();
    EXPECT_EQ(bench.value("./IMPS/Name"), "Repaired");
}

/// Cut anywhere, a device with a copy shows one of the two contents, one without a copy shows the new one, the old or
/// none.
TEST(device_torn, never_shows_a_mix_wherever_the_script_is_cut) {
    for (const std::string_view object : {"./IMPS", "./Email", "./NAP"}) {
        for (unsigned commands = 0; commands < 8; ++commands) {
            phone_with_card bench;
            const auto before = *mo::find(bench.phone.tree(), at(object));
            change(bench.card, object, "Name", std::string(longer), {.power_cut_after = commands});
            bench.refresh();
            phone_bench fresh;
            fresh.start_with(bench.card);
            auto next = before;
            next.child("Name")->value = std::string(longer);
            const auto* kept = mo::find(bench.phone.tree(), at(object));
            ASSERT_NE(kept, nullptr);
            EXPECT_TRUE(*kept == before || *kept == next) << object << commands;
            const auto* taken = mo::find(fresh.phone.tree(), at(object));
            EXPECT_TRUE(taken == nullptr || *taken == before || *taken == next) << object << commands;
        }
    }
}

TEST(device_torn, a_torn_control_file_or_directory_changes_nothing) {
    for (const std::string_view file : {"6440", "6430"}) {
        phone_with_card bench;
        const auto before = bench.phone.tree();
        // Other octets where the file begins: no check sum and no structure fits any more.
        EXPECT_EQ(bench.card.run("00a40804047f50" + std::string(file) + "00d6000004ffffffff").substr(2), "9000");
        bench.card.terminal.reset();
        bench.refresh();
        bench.restart();
        EXPECT_EQ(bench.phone.tree(), before) << file;
        EXPECT_THAT(bench.told(kind::purged), IsEmpty()) << file;
        phone_bench fresh;
        fresh.start_with(bench.card);
        EXPECT_THAT(fresh.phone.objects(), IsEmpty()) << file;
    }
}

TEST(device_torn, a_card_pulled_out_while_it_is_read_changes_nothing) {
    for (int commands = 0; commands < 40; ++commands) {
        phone_with_card bench;
        const auto before = bench.phone.tree();
        change(bench.card, "./IMPS", "Name", std::string(longer));
        auto left = commands;
        auto slot = bench.slot_of(bench.card);
        slot.transmit = [&bench, &left](wire::octet_view c) {
            return left-- > 0 ? bench.card.terminal.transmit(c) : wire::octets();
        };
        bench.phone.insert(slot, bench.now);
        const auto& name = bench.value("./IMPS/Name");
        EXPECT_TRUE(name == "Example chat" || name == longer) << commands;
        EXPECT_THAT(bench.told(kind::purged), IsEmpty()) << commands;
        EXPECT_EQ(bench.phone.objects().size(), 4U);
    }
}

/// The object with two files: while the directory points to the one and the control file to the other, nothing moves.
TEST(device_torn, an_object_with_two_files_is_followed_once_the_control_file_says_so) {
    phone_with_card bench;
    auto& card = bench.card;
    const auto& object = *card.profile.find_object("./DMAcc/Operator");
    const auto next = mo::change_image(card.read_file(0x6434), {.at = at("Name"), .value = "Another"}, at(object.uri),
                                       form_of(object))
                          .value();
    const auto plans = card.plan_pair(object, next);
    (void)bench.told(kind::incorporated);
    for (std::size_t done = 0; done < plans.size(); ++done) {
        EXPECT_EQ(card.run_long(object_card::script_of(plans[done])).substr(2), "9000");
        card.terminal.reset();
        bench.refresh();
        EXPECT_EQ(bench.value("./DMAcc/Operator/Name"), done < 2 ? "Example DM" : "Another") << done;
    }
    EXPECT_THAT(bench.told(kind::incorporated), ElementsAre("./DMAcc/Operator 1"));
    EXPECT_THAT(bench.told(kind::purged), IsEmpty());
}

}  // namespace
}  // namespace ota::sandbox
