#include "gateway/store/sqlite.hpp"
#include "gateway/store/witness.hpp"
#include "tests/store/conformance.hpp"
#include "tests/store/sqlite_home.hpp"

#include <sqlite3.h>

#include <fstream>

/// What guards the file: lock, witness (R3), schema version.
namespace ota::store {

namespace {

class sqlite_guard : public testing::Test {
protected:
    sqlite_options options(bool recover = false) const {
        return {.path = path,
                .cache_bytes = 1u << 20,
                .busy_timeout = std::chrono::milliseconds(50),
                .exclusive = true,
                .recover = recover};
    }
    /// Opens, commits so often, and closes.
    void commit_times(int times, bool recover = false) const {
        const auto st = must(open_sqlite(options(recover)));
        for (int i = 0; i < times; ++i) {
            auto tx = must(st->begin());
            must(tx->set_value("turn", std::to_string(i) + "of" + std::to_string(times)));
            must(tx->commit());
        }
    }
    std::error_code refusal(bool recover = false) const { return error_of(open_sqlite(options(recover))); }
    void copy_store(const std::string& from, const std::string& to) const {
        std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    }
    void sql(const char* statements) const {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, statements, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
        sqlite3_close(db);
    }

    folder folder_;
    std::string path = folder_.path("store.db");
    std::string copy = folder_.path("copy.db");
};

}  // namespace

TEST_F(sqlite_guard, refuses_a_second_gateway) {
    auto first = must(open_sqlite(options()));
    EXPECT_EQ(refusal(), make_error_code(errc::locked));
    first.reset();
    EXPECT_FALSE(refusal());
}

TEST_F(sqlite_guard, lets_a_tool_work_beside_the_gateway) {
    const auto gateway = must(open_sqlite(options()));
    auto beside = options();
    beside.exclusive = false;
    const auto tool = must(open_sqlite(beside));
    {
        auto tx = must(tool->begin());
        EXPECT_EQ(error_of(gateway->begin()), make_error_code(errc::busy)) << "the tool is writing";
        must(tx->set_value("from", "tool"));
        must(tx->commit());
    }
    auto tx = must(gateway->begin());
    EXPECT_EQ(must(tx->value("from")), "tool");
}

TEST_F(sqlite_guard, witnesses_the_commits_at_the_latest_when_it_is_closed) {
    commit_times(7);
    const auto beside = must(witness::load(path + ".witness")).value();
    EXPECT_EQ(beside.commits, 7u);
    EXPECT_EQ(beside.uuid.size(), 32u);
}

TEST_F(sqlite_guard, refuses_a_restored_copy) {  // R3
    commit_times(3);
    copy_store(path, copy);
    commit_times(1);
    copy_store(copy, path);
    EXPECT_EQ(refusal(), make_error_code(errc::restored));
    auto tool = options();
    tool.exclusive = false;
    EXPECT_EQ(error_of(open_sqlite(tool)), make_error_code(errc::restored));
}

TEST_F(sqlite_guard, accepts_a_restored_copy_only_after_a_commit_under_recover) {  // R3
    commit_times(3);
    copy_store(path, copy);
    commit_times(5);
    copy_store(path, folder_.path("newer.db"));
    copy_store(copy, path);
    commit_times(0, true);
    EXPECT_EQ(refusal(), make_error_code(errc::restored)) << "recovery that committed nothing has leapt no counter";
    commit_times(1, true);
    EXPECT_FALSE(refusal());
    copy_store(folder_.path("newer.db"), path);
    EXPECT_EQ(refusal(), make_error_code(errc::restored)) << "the branch that was given up has another identity";
}

TEST_F(sqlite_guard, refuses_to_begin_anew_where_a_store_has_vanished) {  // R3
    commit_times(2);
    std::filesystem::remove(path);
    EXPECT_EQ(refusal(), make_error_code(errc::vanished));
    EXPECT_FALSE(std::filesystem::exists(path));
    commit_times(1, true);
    EXPECT_FALSE(refusal());
}

TEST_F(sqlite_guard, takes_an_unreadable_witness_as_an_accusation) {
    commit_times(2);
    std::ofstream(path + ".witness", std::ios::trunc) << "nonsense";
    EXPECT_EQ(refusal(), make_error_code(errc::restored));
}

TEST_F(sqlite_guard, accepts_a_witness_that_a_crash_left_behind_the_store) {
    commit_times(2);
    copy_store(path + ".witness", copy);
    commit_times(2);
    copy_store(copy, path + ".witness");
    EXPECT_FALSE(refusal());
}

TEST_F(sqlite_guard, does_not_lower_the_witness_from_a_tool) {
    const auto gateway = must(open_sqlite(options()));
    auto beside = options();
    beside.exclusive = false;
    auto tool = must(open_sqlite(beside));
    {
        auto tx = must(tool->begin());
        must(tx->set_value("from", "tool"));
        must(tx->commit());
    }
    must(witness{must(witness::load(path + ".witness"))->uuid, 1000}.save(path + ".witness"));
    tool.reset();
    EXPECT_EQ(must(witness::load(path + ".witness"))->commits, 1000u);
}

TEST_F(sqlite_guard, brings_a_store_of_the_first_schema_up_to_this_one) {
    commit_times(1);
    sql("DROP TABLE device_account; DROP TABLE later_state; ALTER TABLE source_offset DROP COLUMN mark; UPDATE schema "
        "SET version = 1");
    auto opened = must(open_sqlite({.path = path}));
    auto tx = must(opened->begin());
    must(tx->save_account({1, "./DMAcc/A", "client", "", "", ""}));
    EXPECT_EQ(must(tx->accounts_named("client")).size(), 1u);
}

TEST_F(sqlite_guard, refuses_a_schema_that_it_cannot_follow) {
    commit_times(1);
    sql("UPDATE schema SET version = 9, oldest_program = 1");
    EXPECT_FALSE(refusal()) << "a newer program says that this one can follow";
    sql("UPDATE schema SET oldest_program = 9");
    EXPECT_EQ(refusal(), make_error_code(errc::too_new));
}

TEST_F(sqlite_guard, refuses_a_database_of_something_else) {
    sql("CREATE TABLE other(a)");
    EXPECT_EQ(refusal(), make_error_code(errc::corrupt));
    std::ofstream(copy, std::ios::trunc) << std::string(5000, 'x');
    copy_store(copy, path);
    EXPECT_EQ(refusal(), make_error_code(errc::corrupt));
}

TEST_F(sqlite_guard, says_io_where_no_file_can_be) {
    auto nowhere = options();
    nowhere.path = folder_.path("missing/store.db");
    EXPECT_EQ(error_of(open_sqlite(nowhere)), make_error_code(errc::io));
}

TEST_F(sqlite_guard, leaves_no_file_for_a_store_in_memory) {
    const auto st = must(open_sqlite({.path = ":memory:"}));
    auto tx = must(st->begin());
    must(tx->set_value("a", "1"));
    must(tx->commit());
    EXPECT_FALSE(std::filesystem::exists(":memory:"));
    EXPECT_FALSE(std::filesystem::exists(":memory:.witness"));
}

TEST_F(sqlite_guard, has_a_sentence_for_every_error) {
    std::vector<std::string> sentences;
    for (int code = 1; code <= static_cast<int>(errc::misuse); ++code) {
        const auto sentence = make_error_code(static_cast<errc>(code)).message();
        EXPECT_NE(sentence, make_error_code(static_cast<errc>(0)).message());
        EXPECT_EQ(std::count(sentences.begin(), sentences.end(), sentence), 0);
        sentences.push_back(sentence);
    }
}

}  // namespace ota::store
