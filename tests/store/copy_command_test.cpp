#include "gateway/cards/commands.hpp"
#include "gateway/store/copy.hpp"

#include "tests/store/conformance.hpp"
#include "tests/store/postgres_cluster.hpp"
#include "tests/store/sqlite_home.hpp"

#include <filesystem>
#include <sstream>

// `otagw store copy`: what an operator sees of it.
namespace ota::cards {

namespace {

using store::must;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class store_copy_command : public testing::Test {
protected:
    int run(const arguments& args) {
        std::istringstream in;
        std::ostringstream o, e;
        arguments all{"copy"};
        all.insert(all.end(), args.begin(), args.end());
        const int code = run_store(all, {in, o, e}, {});
        out = o.str();
        err = e.str();
        return code;
    }
    [[nodiscard]] std::string file(const std::string& name) const { return here.path(name); }
    [[nodiscard]] std::string as_file(const std::string& name) const { return "sqlite:" + file(name); }
    [[nodiscard]] std::string as_server() const { return "postgres:" + there.options().connection; }
    [[nodiscard]] auto open_file(const std::string& name) const {
        return store::open_sqlite({.path = file(name), .exclusive = true});
    }

    static void fill(store::store& st) {
        auto tx = must(st.begin());
        std::vector<store::card_row> cards{store::a_card("8988303000000000017", "491701"),
                                           store::a_card("8988303000000000025")};
        must(tx->insert_cards(cards));
        must(tx->insert_events(
            std::vector{store::an_event(1, "one", cards[0].id), store::an_event(2, "two", cards[1].id)}));
        must(tx->append_history(std::vector<store::history_row>{{3, cards[0].id, 0, store::at(5), "{}"}}));
        must(tx->append_outbox(std::vector<store::outbox_row>{{4, "t", "k", "v"}}));
        must(tx->set_value("paused/usim", "why"));
        must(tx->commit());
    }
    void expect_filled(store::store& st) {
        auto tx = must(st.begin());
        EXPECT_EQ(must(tx->count()).cards, 2);
        EXPECT_EQ(must(tx->events_by_seq(std::vector<store::event_seq>{2})).front().value().id, "two");
        EXPECT_EQ(must(tx->outbox(0, 10)).size(), 1u);
        EXPECT_EQ(must(tx->value("paused/usim")), "why");
        EXPECT_THAT(must(tx->values("store/")), IsEmpty()) << "the mark of a copy under way";
    }

    store::folder here;
    store::postgres_home there;
    std::string out, err;
};

}  // namespace

TEST_F(store_copy_command, moves_a_file_into_a_new_file) {
    fill(*must(open_file("from.db")));
    ASSERT_EQ(run({"--from", as_file("from.db"), "--to", as_file("to.db")}), good) << err;
    EXPECT_THAT(err, AllOf(HasSubstr("copied: 2 cards\n"), HasSubstr("compared: 2 cards\n"),
                           HasSubstr("compared: 2 events\n")));
    EXPECT_THAT(out, AllOf(HasSubstr("2 cards, 2 events, 1 statuses"), HasSubstr("both are alike"),
                           HasSubstr("from.db.moved now")));
    expect_filled(*must(open_file("to.db")));
    EXPECT_EQ(store::error_of(open_file("from.db")), make_error_code(store::errc::vanished))
        << "R3: no gateway starts there again";
    expect_filled(*must(open_file("from.db.moved")));
}

TEST_F(store_copy_command, moves_a_file_as_a_killed_gateway_left_it) {
    {
        const auto running = must(open_file("running.db"));
        fill(*running);
        for (const char* end : {"", "-wal"})
            std::filesystem::copy_file(file("running.db") + end, file("from.db") + end);
    }
    ASSERT_EQ(run({"--from", as_file("from.db"), "--to", as_file("to.db")}), good) << err;
    expect_filled(*must(open_file("to.db")));
    expect_filled(*must(open_file("from.db.moved")));
    EXPECT_FALSE(std::filesystem::exists(file("from.db-wal")));
}

TEST_F(store_copy_command, moves_a_file_into_the_database_and_back) {
    fill(*must(open_file("from.db")));
    ASSERT_EQ(run({"--from", as_file("from.db"), "--to", as_server() + " password=not-needed"}), good) << err;
    EXPECT_THAT(err, HasSubstr("compared: 2 cards"));
    EXPECT_THAT(out + err, Not(HasSubstr("not-needed")));
    EXPECT_FALSE(std::filesystem::exists(file("from.db")));
    expect_filled(*must(store::open_postgres(there.options())));
    ASSERT_EQ(run({"--from", as_server(), "--to", as_file("back.db")}), good) << err;
    EXPECT_THAT(out, HasSubstr("Never start a gateway on the source again"));
    expect_filled(*must(open_file("back.db")));
}

TEST_F(store_copy_command, leaves_a_target_alone_that_is_not_empty) {
    fill(*must(open_file("from.db")));
    fill(*must(store::open_postgres(there.options())));
    EXPECT_EQ(run({"--from", as_file("from.db"), "--to", as_server()}), failed);
    EXPECT_THAT(err, AllOf(HasSubstr("the target is not empty"), Not(HasSubstr("delete"))));
    EXPECT_THAT(out, IsEmpty());
    expect_filled(*must(store::open_postgres(there.options())));
    must(open_file("to.db")).reset();
    EXPECT_EQ(run({"--from", as_file("from.db"), "--to", as_file("to.db")}), failed);
    EXPECT_THAT(err, HasSubstr("to.db: is there already"));
    expect_filled(*must(open_file("from.db")));
}

TEST_F(store_copy_command, says_what_a_half_copied_target_is) {
    fill(*must(open_file("from.db")));
    {
        auto st = must(store::open_postgres(there.options()));
        auto tx = must(st->begin());
        must(tx->set_value(store::unfinished_copy, ""));
        must(tx->commit());
    }
    EXPECT_EQ(run({"--from", as_file("from.db"), "--to", as_server()}), failed);
    EXPECT_THAT(err, AllOf(HasSubstr("copy that was not finished"), HasSubstr("otagw store copy")));
    EXPECT_EQ(run({"--from", as_server(), "--to", as_file("to.db")}), failed);
    EXPECT_THAT(err, HasSubstr("copy that was not finished"));
    expect_filled(*must(open_file("from.db")));
}

TEST_F(store_copy_command, refuses_a_source_that_a_gateway_runs_on_or_that_is_not_there) {
    EXPECT_EQ(run({"--from", as_file("none.db"), "--to", as_server()}), failed);
    EXPECT_THAT(err, HasSubstr("none.db: there is no store"));
    EXPECT_FALSE(std::filesystem::exists(file("none.db")));
    const auto running = must(open_file("from.db"));
    EXPECT_EQ(run({"--from", as_file("from.db"), "--to", as_server()}), failed);
    EXPECT_THAT(err, HasSubstr("another gateway runs on this store"));
}

TEST_F(store_copy_command, tells_a_wrong_call_from_a_failure) {
    EXPECT_EQ(run({"--from", as_file("from.db")}), wrong_usage);
    EXPECT_EQ(run({"--from", "mysql://u:top-secret@h/db", "--to", as_server()}), wrong_usage);
    EXPECT_THAT(err, AllOf(HasSubstr("neither sqlite:PATH nor postgres:CONNECTION"), Not(HasSubstr("secret"))));
    EXPECT_EQ(run({"--help"}), good);
    EXPECT_THAT(out, HasSubstr("Exit status"));
}

}  // namespace ota::cards
