#include "gateway/cards/commands.hpp"

#include "tests/cards/card_room.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

namespace ota::cards::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// The commands as `otagw` runs them, over a folder with a configuration.
struct commands : ::testing::Test {
    commands() {
        std::ofstream(config()) << "data_directory: data\nprofiles:\n" << indented();
        write("cards.csv", header + room_row(iccid_a, "491700000001") + room_row(iccid_b, "491700000002"));
    }
    void TearDown() override { EXPECT_THAT(everything, AllOf(Not(HasSubstr(kic_16)), Not(HasSubstr(kid_16)))); }  // R24

    static std::string indented() {
        std::istringstream in(profiles_yaml);
        std::string out;
        for (std::string line; std::getline(in, line);) out += "  " + line + "\n";
        return out;
    }
    static std::string room_row(const std::string& iccid, const std::string& msisdn) {
        return iccid + "," + msisdn + ",aes,1," + kic_16 + "," + kid_16 + ",,,\n";
    }
    [[nodiscard]] std::string config() const { return at.path / "otagw.yaml"; }
    [[nodiscard]] std::string file(const std::string& name) const { return at.path / name; }
    void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }

    using command = int (*)(const arguments&, streams, const surroundings&);
    int run(command c, const arguments& args, const std::string& input = {}) {
        std::istringstream in(input);
        std::ostringstream o, e;
        surroundings around;
        around.now = [] { return store::wall_time(std::chrono::milliseconds(1'800'000'000'000)); };
        around.config = config();
        const int code = c(args, {in, o, e}, around);
        out = o.str();
        err = e.str();
        everything += out + err;
        return code;
    }
    void import_both() { ASSERT_EQ(run(run_cards, {"import", file("cards.csv"), "--create-key"}), good) << err; }

    folder at;
    std::string out, err, everything;
};

TEST_F(commands, import_makes_the_key_only_when_told) {
    EXPECT_EQ(run(run_cards, {"import", file("cards.csv")}), failed);
    EXPECT_THAT(err, HasSubstr("kek"));
    EXPECT_EQ(run(run_cards, {"import", file("cards.csv"), "--create-key"}), good) << err;
    EXPECT_THAT(out, HasSubstr("2 rows: 2 cards added"));
    std::filesystem::remove(at.path / "data" / "kek");  // a lost key is not hidden by a new one
    EXPECT_EQ(run(run_cards, {"import", file("cards.csv"), "--create-key"}), failed);
}

TEST_F(commands, import_tells_rejected_rows_by_file_and_line_and_in_a_file) {
    write("cards.csv",
          header + "123,491700000001,aes,1," + kic_16 + "," + kid_16 + ",,,\n" + room_row(iccid_b, "491700000002"));
    EXPECT_EQ(run(run_cards, {"import", file("cards.csv"), "--create-key", "--rejects", file("rejects"), "--json"}),
              failed);
    const auto line = file("cards.csv") + ":2: iccid: should be 18 to 20 digits";
    EXPECT_THAT(err, HasSubstr(line));
    EXPECT_THAT(out, HasSubstr(R"("added":1)"));
    EXPECT_THAT(out, HasSubstr(R"("rejected_rows":1)"));
    std::ifstream rejects(file("rejects"));
    std::string told;
    std::getline(rejects, told);
    EXPECT_EQ(told, line);
}

TEST_F(commands, import_reads_standard_input) {
    EXPECT_EQ(run(run_cards, {"import", "-", "--create-key"}, header + room_row(iccid_a, "491700000001")), good) << err;
    EXPECT_EQ(run(run_cards, {"list"}), good);
    EXPECT_THAT(out, HasSubstr(iccid_a));
}

TEST_F(commands, show_list_explain_and_operate_on_cards) {
    import_both();
    EXPECT_EQ(run(run_cards, {"show", iccid_a}), good);
    EXPECT_THAT(out, HasSubstr("standing    active"));
    EXPECT_EQ(run(run_cards, {"show", "--msisdn", "491700000002", "--json"}), good);
    EXPECT_THAT(out, HasSubstr(iccid_b));
    EXPECT_EQ(run(run_cards, {"label", iccid_a, "region=north"}), good);
    EXPECT_EQ(run(run_cards, {"list", "--label", "region", "--json"}), good);
    EXPECT_THAT(out, AllOf(HasSubstr(iccid_a), Not(HasSubstr(iccid_b))));
    EXPECT_EQ(run(run_cards, {"suspend", iccid_a}), good);
    EXPECT_EQ(run(run_cards, {"explain", iccid_a}), good);
    EXPECT_THAT(out, HasSubstr("suspended by an operator"));
    EXPECT_EQ(run(run_cards, {"list", "--state", "suspended"}), good);
    EXPECT_THAT(out, HasSubstr(iccid_a));
    EXPECT_EQ(run(run_cards, {"resume", iccid_a}), good);
    EXPECT_EQ(run(run_cards, {"resume", iccid_a}), failed);
    EXPECT_EQ(run(run_cards, {"repair", iccid_a}), good);
    EXPECT_EQ(run(run_cards, {"resume", "--profile", "aes"}), good);
    EXPECT_THAT(out, HasSubstr("was not paused"));
    EXPECT_EQ(run(run_cards, {"resume", "--profile", "nope"}), failed);
    EXPECT_EQ(run(run_cards, {"replace", iccid_a, iccid_b, "--carry-over", "--json"}), good);
    EXPECT_THAT(out, HasSubstr(R"("events_ended":0)"));
    EXPECT_EQ(run(run_cards, {"suspend", iccid_a}), failed);
    EXPECT_THAT(err, HasSubstr("replaced"));
}

TEST_F(commands, wrong_usage_is_2_and_a_bad_configuration_78) {
    EXPECT_EQ(run(run_cards, {}), wrong_usage);
    EXPECT_EQ(run(run_cards, {"show"}), wrong_usage);
    EXPECT_EQ(run(run_cards, {"show", iccid_a, "--msisdn", "49170"}), wrong_usage);
    EXPECT_EQ(run(run_cards, {"list", "--state", "lost"}), wrong_usage);
    EXPECT_EQ(run(run_events, {"cancel"}), wrong_usage);
    EXPECT_EQ(run(run_keys, {"rewrap", "--old-kek", "x"}), wrong_usage);
    EXPECT_EQ(run(run_store, {"recover", "--leap", "0"}), wrong_usage);
    EXPECT_EQ(run(run_cards, {"import", "--help"}), good);
    EXPECT_THAT(out, HasSubstr("kic_key"));
    write("bad.yaml", "no_such_setting: 1\n");
    EXPECT_EQ(run(run_cards, {"list", "--config", file("bad.yaml")}), bad_configuration);
    EXPECT_THAT(err, HasSubstr("bad.yaml:1"));
}

TEST_F(commands, nothing_but_an_import_makes_a_store) {
    EXPECT_EQ(run(run_cards, {"list"}), failed);
    EXPECT_THAT(err, HasSubstr("there is no store yet"));
    EXPECT_EQ(run(run_store, {"check"}), failed);
    EXPECT_EQ(run(run_store, {"recover"}), failed);
    EXPECT_FALSE(std::filesystem::exists(at.path / "data" / "otagw.db"));
}

TEST_F(commands, events_that_are_not_known_are_told) {
    import_both();
    EXPECT_EQ(run(run_events, {"show", "e1"}), failed);
    EXPECT_THAT(err, HasSubstr("no event e1 has been taken in"));
    EXPECT_EQ(run(run_events, {"cancel", "e1", "--source", "//dm"}), failed);
    EXPECT_EQ(run(run_events, {"list", iccid_a}), good);
    EXPECT_EQ(out, "");
    EXPECT_EQ(run(run_events, {"list", "123"}), failed);
}

TEST_F(commands, keys_are_rewrapped_between_files_and_refused_while_a_gateway_runs) {
    import_both();
    EXPECT_EQ(run(run_keys, {"generate", file("new")}), good);
    EXPECT_EQ(run(run_keys, {"generate", file("new")}), failed);
    const auto old = (at.path / "data" / "kek").string();
    const arguments args{"rewrap", "--old-kek", old, "--new-kek", file("new")};
    {
        const auto gateway = store::open_sqlite({.path = at.path / "data" / "otagw.db", .exclusive = true});
        ASSERT_TRUE(gateway.has_value());
        EXPECT_EQ(run(run_keys, args), failed);
        EXPECT_THAT(err, HasSubstr("another gateway runs"));
        EXPECT_EQ(run(run_cards, {"list"}), good) << err;  // the others work beside it
        EXPECT_EQ(run(run_store, {"check"}), good) << out;
        EXPECT_THAT(out, HasSubstr("a gateway runs"));
    }
    EXPECT_EQ(run(run_keys, args), good) << err;
    EXPECT_THAT(out, HasSubstr("2 rewrapped"));
    EXPECT_EQ(run(run_store, {"check"}), failed);
    std::filesystem::rename(file("new"), old);
    EXPECT_EQ(run(run_store, {"check"}), good) << out;
    EXPECT_THAT(out, HasSubstr("2 cards, 0 open events"));
}

TEST_F(commands, recovery_says_when_there_is_nothing_to_recover_and_leaps_when_forced) {
    import_both();
    EXPECT_EQ(run(run_store, {"recover"}), good);
    EXPECT_THAT(out, HasSubstr("nothing to recover"));
    EXPECT_EQ(run(run_store, {"recover", "--force", "--leap", "5"}), good) << err;
    EXPECT_THAT(out, HasSubstr("2 counters leapt by 5"));
    EXPECT_EQ(run(run_cards, {"show", iccid_a}), good);
    EXPECT_THAT(out, HasSubstr("key version 1: 0000000005"));
}

TEST_F(commands, pruning_never_goes_below_the_queues_retention) {
    import_both();
    EXPECT_EQ(run(run_store, {"prune"}), good);
    EXPECT_THAT(out, HasSubstr("0 rows deleted"));
    EXPECT_EQ(run(run_store, {"prune", "--days", "1"}), wrong_usage);  // R22
}

}  // namespace
}  // namespace ota::cards::testing
