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
        around.ask_gateway = [this](const http_settings& asked) {
            asked_port = asked.port;
            return voice;
        };
        const int code = c(args, {in, o, e}, around);
        out = o.str();
        err = e.str();
        everything += out + err;
        return code;
    }
    void import_both() { ASSERT_EQ(run(run_cards, {"import", file("cards.csv"), "--create-key"}), good) << err; }

    folder at;
    std::string out, err, everything;
    gateway_voice voice;
    int asked_port = -1;
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
    EXPECT_THAT(out, HasSubstr("--old-kek"));  // dead letters stay under the old key
    EXPECT_EQ(run(run_store, {"check"}), bad_configuration);
    std::filesystem::rename(file("new"), old);
    EXPECT_EQ(run(run_store, {"check"}), good) << out;
    EXPECT_THAT(out, HasSubstr("2 cards, 0 open events"));
}

TEST_F(commands, refuse_a_key_that_is_not_the_stores) {
    import_both();
    std::filesystem::rename(file("data/kek"), file("right"));
    ASSERT_EQ(run(run_keys, {"generate", file("data/kek")}), good);
    for (const arguments& args :
         {arguments{"show", iccid_a}, arguments{"list"}, arguments{"import", file("cards.csv")}}) {
        EXPECT_EQ(run(run_cards, args), bad_configuration) << args.front();
        EXPECT_THAT(err, AllOf(HasSubstr("data/kek"),
                               HasSubstr("not the key-encryption key that the store was written under")));
    }
    std::filesystem::rename(file("right"), file("data/kek"));
    EXPECT_EQ(run(run_cards, {"show", iccid_a}), good) << err;
}

TEST_F(commands, a_key_is_not_generated_into_a_missing_folder_and_the_message_says_so) {
    EXPECT_EQ(run(run_keys, {"generate", file("nowhere/kek")}), failed);
    EXPECT_THAT(err, AllOf(HasSubstr("nowhere/kek: its folder does not exist"), HasSubstr("mkdir")));
}

TEST_F(commands, a_store_that_vanished_is_told_with_what_to_do) {
    import_both();
    for (const char* name : {"otagw.db", "otagw.db-wal", "otagw.db-shm"})
        std::filesystem::remove(at.path / "data" / name);
    EXPECT_EQ(run(run_cards, {"list"}), failed);
    EXPECT_THAT(err, AllOf(HasSubstr("the store is missing though its witness is there"),
                           HasSubstr("otagw store recover"), HasSubstr(".witness")));
    std::filesystem::remove(at.path / "data" / "otagw.db.witness");
    EXPECT_EQ(run(run_cards, {"import", file("cards.csv")}), good) << err;
}

TEST_F(commands, help_of_events_lists_all_of_them) {
    EXPECT_EQ(run(run_events, {"--help"}), good);
    for (const char* name : {"tail", "show", "list", "cancel"}) EXPECT_THAT(out, HasSubstr(std::string("\n  ") + name));
}

TEST_F(commands, explain_asks_the_gateway_of_the_settings) {
    import_both();
    ASSERT_EQ(run(run_cards, {"suspend", iccid_a}), good);
    voice = {true, false, {}};
    EXPECT_EQ(run(run_cards, {"explain", iccid_a}), good);
    EXPECT_EQ(asked_port, 8080);
    EXPECT_THAT(out, AllOf(HasSubstr("No gateway is running"), HasSubstr("otagw run")));
    voice = {true, true, {"routes: no route has a bind: smsc-a: Connection refused"}};
    EXPECT_EQ(run(run_cards, {"explain", iccid_a}), good);
    EXPECT_THAT(out, AllOf(HasSubstr("The gateway is not ready: routes: no route has a bind: smsc-a"),
                           Not(HasSubstr("No gateway"))));
    EXPECT_EQ(run(run_cards, {"explain", iccid_b}), good);
    EXPECT_THAT(out, AllOf(HasSubstr("Nothing waits"), HasSubstr("not ready")))
        << "what was published may not have been taken in";
    voice = {false, false, {}};  // no fixed port: it cannot be asked, and nothing is claimed
    EXPECT_EQ(run(run_cards, {"explain", iccid_a}), good);
    EXPECT_THAT(out, Not(HasSubstr("No gateway")));
}

TEST_F(commands, explain_tells_of_events_that_are_parked_for_a_card_that_is_not_imported) {
    import_both();
    {
        auto state = std::move(store::open_sqlite({.path = at.path / "data" / "otagw.db"}).value());
        auto tx = std::move(state->begin().value());
        ASSERT_TRUE(tx->set_value("parked/" + iccid_c + "/0000000000000001", "00"));
        ASSERT_TRUE(tx->set_value("parked/" + iccid_c + "/0000000000000002", "00"));
        ASSERT_TRUE(tx->commit());
    }
    EXPECT_EQ(run(run_cards, {"explain", iccid_c}), good) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("2 event(s) are parked"), HasSubstr("otagw cards import")));
    EXPECT_EQ(run(run_cards, {"explain", "8949000000000000042"}), failed);
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
