#include "management-object/card_image.hpp"
#include "sandbox/card_network.hpp"
#include "sandbox/peers_options.hpp"
#include "tests/explorer/explorer_call.hpp"
#include "tests/sandbox/uicc/object_card.hpp"

#include <filesystem>

namespace ota::sandbox {
namespace {

using testing::HasSubstr;

/// A journal in which the card 2 of 5 got a new IMPS server.
struct journal_bench {
    journal_bench() {
        std::filesystem::remove(file);
        std::string error;
        journal diary;
        EXPECT_TRUE(diary.open(file, error)) << error;
        peers_options options;
        options.profile = std::make_shared<card_profile>(sample_profile());
        options.seed = 42;
        options.cards = 5;
        card_network cards(*options.profile, population_of(options), {}, {}, diary);
        cards.open_journal({});
        object_card desk;
        const auto plan = desk.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org");
        const auto& who = cards.who();
        iccid = who.iccid(2);
        const auto packet =
            sc::seal_command(desk.header(who.first_counter(2) + 1), hex(object_card::script_of(plan)), who.keys(2))
                .value();
        const auto parts = sc::split_packet(packet, sc::packet_kind::command, 1).value();
        const auto msisdn = who.msisdn(2);
        std::uint64_t order = 0;
        for (const auto& part : parts)
            EXPECT_EQ(cards.deliver({++order, msisdn, part, {}}).how, acknowledgement::accepted);
        EXPECT_EQ(cards.content(2, "./IMPS"), desk.after);
        diary.flush();
    }
    ~journal_bench() { std::filesystem::remove(file); }

    [[nodiscard]] called ask(const std::string& card, const std::string& command) const {
        return call_card({"--profile-file", profile_file("usim-aes-dm"), "--journal", file, "--card", card, command});
    }

    std::string file =
        testing::TempDir() + "explorer-journal-" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::string iccid;
};

TEST(restored_card, is_as_a_run_of_the_sandbox_left_it) {
    const journal_bench run;
    const auto shown = run.ask("2", "tree; show ./IMPS");
    EXPECT_EQ(shown.status, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("card " + run.iccid));
    EXPECT_THAT(line_with(shown.out, " Addr "), HasSubstr("imps.new.example.org"));
    EXPECT_THAT(line_with(shown.out, "6432"), HasSubstr("generation 1"));
    EXPECT_EQ(run.ask(run.iccid, "tree; show ./IMPS").out, shown.out);
    EXPECT_THAT(run.ask("3", "show ./IMPS").out, HasSubstr("imps.old.example.org"));
    EXPECT_EQ(run.ask("5", "tree").status, 1);
}

TEST(restored_card, is_refused_when_the_journal_is_of_another_profile_or_none) {
    const journal_bench run;
    const auto other = call_card({"--profile-file", profile_file("usim-aes"), "--journal", run.file, "tree"});
    EXPECT_EQ(other.status, 1);
    EXPECT_THAT(other.err, HasSubstr("its cards are of another profile than usim-aes"));
    const auto none = call_card({"--journal", profile_file("usim-aes"), "tree"});
    EXPECT_EQ(none.status, 1);
    EXPECT_THAT(none.err, HasSubstr("is no journal of cards"));
}

}  // namespace
}  // namespace ota::sandbox
