#include "tests/store/conformance.hpp"
#include "tests/store/postgres_cluster.hpp"

#include <signal.h>

#include <atomic>
#include <future>
#include <thread>

// What opening a store says when it cannot, and what stands before a store: its schema.
namespace ota::store {

namespace {

using testing::HasSubstr;
using testing::Not;

class postgres_open : public testing::Test {
protected:
    std::string run(const std::string& sql) { return postgres_cluster::shared().run(home_.name(), sql); }
    /// Every connection to the database is thrown out.
    void cut_all() {
        run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid "
            "<> pg_backend_pid()");
    }
    std::error_code refusal(const postgres_options& o) {
        why_.clear();
        return error_of(open_postgres(o, &why_));
    }

    postgres_home home_;
    postgres_options options_ = home_.options();
    std::string why_;
};

}  // namespace

TEST_F(postgres_open, a_wrong_password_is_refused_and_not_shown) {
    options_.connection += " user=with_password password=wrong-secret";
    EXPECT_EQ(refusal(options_), make_error_code(errc::refused));
    EXPECT_THAT(why_, HasSubstr("with_password"));
    EXPECT_THAT(why_, Not(HasSubstr("wrong-secret")));
    options_ = home_.options();
    options_.connection += " user=with_password";
    options_.password = "another-secret";
    EXPECT_EQ(refusal(options_), make_error_code(errc::refused));
    EXPECT_THAT(why_, Not(HasSubstr("another-secret")));
    options_.password = "correct horse";
    EXPECT_EQ(refusal(options_), make_error_code(errc::refused)) << "it may log in, but not use the schema: " << why_;
    run("GRANT ALL ON SCHEMA otagw TO with_password; GRANT ALL ON ALL TABLES IN SCHEMA otagw TO with_password");
    EXPECT_FALSE(refusal(options_)) << why_;
    run("DROP OWNED BY with_password");
}

TEST_F(postgres_open, a_connection_string_that_cannot_be_read_is_not_shown) {
    for (const char* bad : {"host=h password=top-secret nonsense", "postgresql://u:top-secret@[h/db", "top-secret=1"}) {
        options_.connection = bad;
        EXPECT_EQ(refusal(options_), make_error_code(errc::refused));
        EXPECT_THAT(why_, HasSubstr("connection string"));
        EXPECT_THAT(why_, Not(HasSubstr("secret")));
    }
}

TEST_F(postgres_open, a_database_or_a_server_that_is_not_there_is_named) {
    options_.connection += " dbname=nowhere";
    EXPECT_EQ(refusal(options_), make_error_code(errc::refused));
    EXPECT_THAT(why_, HasSubstr("nowhere"));
    options_.connection = "host=/nonexistent user=otagw";
    EXPECT_EQ(refusal(options_), make_error_code(errc::unreachable));
    EXPECT_THAT(why_, HasSubstr("/nonexistent"));
}

TEST_F(postgres_open, a_server_that_has_no_room_now_is_waited_for) {
    run("ALTER ROLE with_password CONNECTION LIMIT 0");  // as when all of max_connections are taken: 53300
    options_.connection += " user=with_password password='correct horse'";
    EXPECT_EQ(refusal(options_), make_error_code(errc::unreachable)) << why_;
    EXPECT_THAT(why_, HasSubstr("too many connections"));
    EXPECT_THAT(why_, Not(HasSubstr("53300")));
    EXPECT_THAT(why_, Not(HasSubstr("LOCATION")));
    run("ALTER ROLE with_password CONNECTION LIMIT -1");
    EXPECT_EQ(refusal(options_), make_error_code(errc::refused)) << "it may log in, but not use the schema: " << why_;
}

TEST_F(postgres_open, a_server_that_shuts_down_is_waited_for) {
    auto& server = postgres_cluster::shared();
    auto st = must(open_postgres(options_));
    auto tx = must(st->begin());
    ASSERT_EQ(::kill(server.pid(), SIGTERM), 0);  // it waits for our session, and takes no other: 57P03
    std::error_code said;
    for (int i = 0; i < 2000 && said != make_error_code(errc::unreachable); ++i) {
        said = refusal(options_);
        EXPECT_NE(said, make_error_code(errc::refused)) << why_;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(said, make_error_code(errc::unreachable));
    EXPECT_THAT(why_, HasSubstr("shutting down"));
    tx.reset();
    st.reset();
    server.stop();
    server.start();
    EXPECT_FALSE(refusal(options_)) << why_;
}

TEST_F(postgres_open, a_missing_schema_is_made_only_on_request) {
    options_.schema = "an other\" schema";
    EXPECT_EQ(refusal(options_), make_error_code(errc::outdated));
    EXPECT_THAT(why_, HasSubstr("otagw store migrate"));
    EXPECT_EQ(must(inspect_postgres(options_)).schema_version, 0);
    std::vector<std::future<wire::result<void>>> crowd;  // several instances that start at once
    for (int i = 0; i < 4; ++i)
        crowd.push_back(std::async(std::launch::async, [&] { return migrate_postgres(options_); }));
    for (auto& one : crowd) must(one.get());
    must(migrate_postgres(options_));
    EXPECT_FALSE(refusal(options_)) << why_;
    const auto facts = must(inspect_postgres(options_));
    EXPECT_EQ(facts.schema_version, facts.this_program);
    EXPECT_THAT(facts.warnings, testing::IsEmpty());
    EXPECT_EQ(must(must(must(open_postgres(home_.options()))->begin())->count()).cards, 0)
        << "the other one is left alone";
    options_.schema = "third";
    options_.migrate = true;
    EXPECT_FALSE(refusal(options_)) << why_;
}

TEST_F(postgres_open, a_schema_that_is_there_is_filled_without_rights_on_the_database) {
    run("CREATE SCHEMA given AUTHORIZATION with_password");
    options_.connection += " user=with_password password='correct horse'";
    options_.schema = "given";
    EXPECT_EQ(refusal(options_), make_error_code(errc::outdated));
    must(migrate_postgres(options_, &why_));
    EXPECT_FALSE(refusal(options_)) << why_;
    options_.schema = "not_given";
    EXPECT_EQ(error_of(migrate_postgres(options_, &why_)), make_error_code(errc::refused)) << why_;
    run("DROP OWNED BY with_password");
}

TEST_F(postgres_open, a_schema_of_a_newer_program_says_who_may_follow) {
    run("UPDATE otagw.program_schema SET version = 99");
    EXPECT_FALSE(refusal(options_)) << "expanded, not contracted: " << why_;
    must(migrate_postgres(options_));
    run("UPDATE otagw.program_schema SET oldest_program = 99");
    EXPECT_EQ(refusal(options_), make_error_code(errc::too_new));
    EXPECT_EQ(error_of(migrate_postgres(options_)), make_error_code(errc::too_new));
    run("UPDATE otagw.program_schema SET version = 0, oldest_program = 0");
    EXPECT_EQ(refusal(options_), make_error_code(errc::outdated));
}

TEST_F(postgres_open, a_store_that_lost_commits_or_was_exchanged_is_refused) {  // R3
    auto st = must(open_postgres(options_));
    auto tx = must(st->begin());
    must(tx->set_value("a", "1"));
    must(tx->commit());
    tx.reset();
    cut_all();
    must(st->begin()).reset();
    run("UPDATE otagw.tally SET commits = 0");
    cut_all();
    EXPECT_EQ(error_of(st->begin()), make_error_code(errc::restored));
    st = must(open_postgres(options_));
    run("UPDATE otagw.identity SET id = gen_random_uuid()");
    cut_all();
    EXPECT_EQ(error_of(st->begin()), make_error_code(errc::restored));
}

TEST_F(postgres_open, a_commit_that_a_replica_lacks_is_missed_although_others_wrote_more) {  // R3
    auto& server = postgres_cluster::shared();
    const auto commit = [](store& st, const char* value) {
        auto tx = must(st.begin());
        must(tx->set_value("a", value));
        must(tx->commit());
    };
    auto st = must(open_postgres(options_));
    commit(*st, "replicated");
    cut_all();
    const auto replica = home_.name() + "_replica";
    server.run("postgres", "CREATE DATABASE " + replica + " TEMPLATE " + home_.name());
    commit(*st, "not replicated");
    {
        const auto other = must(open_postgres(server.options(replica)));  // it goes on with the replica first
        for (int i = 0; i < 5; ++i) commit(*other, "another instance");
    }
    cut_all();
    server.run("postgres", "ALTER DATABASE " + home_.name() + " RENAME TO " + home_.name() + "_gone; ALTER DATABASE " +
                               replica + " RENAME TO " + home_.name());
    EXPECT_EQ(error_of(st->begin()), make_error_code(errc::restored));
    server.drop_database(home_.name() + "_gone");
}

TEST_F(postgres_open, connections_that_come_and_go_lose_no_commit) {
    auto st = must(open_postgres(options_));
    std::atomic<int> commits = 0, restored = 0;
    std::vector<std::jthread> crowd;
    for (int i = 0; i < 3; ++i)
        crowd.emplace_back([&, i](std::stop_token over) {
            while (!over.stop_requested()) {
                auto tx = st->begin();
                if (!tx) restored += error_of(tx) == make_error_code(errc::restored) ? 1 : 0;
                if (tx && tx.value()->set_value("a" + std::to_string(i), "1") && tx.value()->commit()) ++commits;
            }
        });
    for (int cuts = 0; cuts < 15; ++cuts) {
        const int before = commits;
        for (int i = 0; i < 2000 && commits < before + 10; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_GE(commits, before + 10);
        cut_all();
    }
    crowd.clear();
    EXPECT_EQ(restored, 0);
    EXPECT_LT(std::stoi(run("SELECT count(*) FROM otagw.commit_marker")), 200) << "two for each connection there was";
}

TEST_F(postgres_open, commits_that_are_not_durable_are_warned_of) {
    run("ALTER DATABASE " + home_.name() + " SET synchronous_commit = off");
    const auto facts = must(inspect_postgres(options_));
    EXPECT_THAT(facts.warnings, testing::ElementsAre(HasSubstr("synchronous_commit is off")));
    EXPECT_THAT(facts.server, testing::Not(testing::IsEmpty()));
}

TEST_F(postgres_open, more_transactions_than_connections_wait_for_each_other) {
    options_.connections = 1;
    options_.busy_timeout = std::chrono::milliseconds(20);
    auto st = must(open_postgres(options_));
    auto tx = must(st->begin());
    EXPECT_EQ(error_of(st->begin()), make_error_code(errc::busy));
    tx.reset();
    must(st->begin()).reset();
}

TEST_F(postgres_open, nothing_is_left_of_a_paused_transaction) {
    options_.idle_timeout = std::chrono::milliseconds(100);
    auto st = must(open_postgres(options_));
    auto tx = must(st->begin());
    must(tx->set_value("a", "paused"));
    const auto idle =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in "
        "transaction%'";
    for (int i = 0; i < 2000 && run(idle) != "0"; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(error_of(tx->commit()), make_error_code(errc::unreachable)) << "who wakes up too late commits nothing";
    tx.reset();
    EXPECT_FALSE(must(must(st->begin())->value("a")));
}

}  // namespace ota::store
