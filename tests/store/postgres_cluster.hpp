#pragma once

#include "gateway/store/postgres.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace ota::store {

/// A PostgreSQL server of the test's own, in a folder of its own, on a Unix socket in it. It makes commits durable as
/// in production. It ends with the test program, however that ends, and its folder with it. Where it cannot be started,
/// the constructor throws a std::runtime_error that says why.
class postgres_cluster {
public:
    /// `settings`: "name=value", beside those of a small server.
    explicit postgres_cluster(std::vector<std::string> settings = {});
    postgres_cluster(const postgres_cluster&) = delete;
    postgres_cluster& operator=(const postgres_cluster&) = delete;
    ~postgres_cluster();

    /// One for all tests of this program; its template database has the schema.
    [[nodiscard]] static postgres_cluster& shared();

    /// A new database with an empty schema, as a copy of the template; its name.
    [[nodiscard]] std::string make_database();
    void drop_database(const std::string& name);
    /// Options for a store in this database, as the superuser `otagw`.
    [[nodiscard]] postgres_options options(const std::string& database) const;
    /// Statements, in this database, as the superuser; throws when they fail. The first value of the last answer.
    std::string run(const std::string& database, const std::string& sql);

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::string socket() const { return (folder_ / ".s.PGSQL.5432").string(); }
    [[nodiscard]] pid_t pid() const { return server_; }

    void start();
    /// As `pg_ctl stop -m fast`: sessions are thrown out.
    void stop();
    /// As a crash: what was not written is gone, recovery comes at the next start.
    void crash();
    /// The whole server stops answering, as a machine that hangs; `wake` lets it go on.
    void freeze();
    void wake();

private:
    void end(int signal);
    void signal_all(int signal);

    std::filesystem::path bin_, folder_;
    std::vector<std::string> settings_;
    pid_t server_ = 0;
    pid_t sweeper_ = 0;  ///< removes the folder when the test program is gone
    int alive_ = -1;     ///< its other end tells the sweeper that we live
    int databases_ = 0;
};

/// A database that vanishes with the test.
class postgres_home {
public:
    postgres_home() : name_(postgres_cluster::shared().make_database()) {}
    postgres_home(const postgres_home&) = delete;
    postgres_home& operator=(const postgres_home&) = delete;
    ~postgres_home() { postgres_cluster::shared().drop_database(name_); }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] postgres_options options() const { return postgres_cluster::shared().options(name_); }

private:
    std::string name_;
};

}  // namespace ota::store
