#include "tests/store/postgres_cluster.hpp"

#include <libpq-fe.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace ota::store {

namespace fs = std::filesystem;

namespace {

constexpr auto patience = std::chrono::seconds(60);

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("PostgreSQL for the test: " + what); }

/// Where initdb and postgres are: $OTAGW_POSTGRES_BIN, or the newest that the packages postgresql-NN have installed.
fs::path find_programs() {
    if (const char* chosen = std::getenv("OTAGW_POSTGRES_BIN")) return chosen;
    fs::path best;
    int newest = 0;
    std::error_code none;
    for (const auto& each : fs::directory_iterator("/usr/lib/postgresql", none)) {
        const int version = std::atoi(each.path().filename().c_str());
        if (version > newest && fs::exists(each.path() / "bin/initdb", none))
            newest = version, best = each.path() / "bin";
    }
    if (best.empty())
        fail(
            "no initdb under /usr/lib/postgresql: install the package postgresql-15 (./dev deps), or set "
            "OTAGW_POSTGRES_BIN");
    return best;
}

/// The server refuses to run as root: then it runs as the user that its package made, or as nobody.
struct account {
    bool other = false;
    uid_t uid = ::geteuid();
    gid_t gid = ::getegid();
};

account account_of_server() {
    account a;
    if (a.uid != 0) return a;
    for (const char* name : {"postgres", "nobody"}) {
        if (const auto* p = ::getpwnam(name)) return {true, p->pw_uid, p->pw_gid};
    }
    fail("it refuses to run as root, and there is no user postgres or nobody");
}

std::string tail_of(const fs::path& log) {
    std::ifstream in(log);
    std::stringstream all;
    all << in.rdbuf();
    const auto text = all.str();
    return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

/// A child that runs this program as that user; it gets `at_our_end` when we are gone.
pid_t spawn(const account& as, const std::vector<std::string>& command, const fs::path& log, int at_our_end) {
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) fail("no process could be made");
    if (child > 0) return child;
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    const int in = ::open("/dev/null", O_RDONLY);
    ::dup2(in, 0), ::dup2(out, 1), ::dup2(out, 2);
    ::setsid();
    if (as.other && (::setgroups(0, nullptr) != 0 || ::setgid(as.gid) != 0 || ::setuid(as.uid) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, at_our_end);  // after setuid, which clears it
    if (::getppid() != parent) ::_exit(0);
    std::vector<char*> arguments;
    for (const auto& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

/// A process that removes the folder when our end of the pipe is closed: also when we are killed.
pid_t spawn_sweeper(const fs::path& folder, int& our_end) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("no pipe");
    const pid_t child = ::fork();
    if (child < 0) fail("no process could be made");
    if (child == 0) {
        ::setsid();
        ::dup2(ends[0], 0);
        ::close_range(1, ~0u, 0);  // whoever reads our output, or waits for another end, must not wait for us
        char nothing;
        while (::read(0, &nothing, 1) < 0 && errno == EINTR) {
        }
        std::error_code none;
        // The server has got its signal; it takes its lock file away when it has ended.
        for (int i = 0; i < 200 && fs::exists(folder / "data/postmaster.pid", none); ++i) ::usleep(50'000);
        fs::remove_all(folder, none);
        ::_exit(0);
    }
    ::close(ends[0]);
    our_end = ends[1];
    return child;
}

struct closing {
    void operator()(PGconn* c) const { PQfinish(c); }
    void operator()(PGresult* r) const { PQclear(r); }
};

}  // namespace

postgres_cluster::postgres_cluster(std::vector<std::string> settings)
    : bin_(find_programs()), settings_(std::move(settings)) {
    const auto as = account_of_server();
    auto name = (fs::temp_directory_path() / "otagw-pg-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("no folder");
    folder_ = name;
    if (as.other && ::chown(name.c_str(), as.uid, as.gid) != 0) fail("its folder cannot be given to its user");
    sweeper_ = spawn_sweeper(folder_, alive_);
    const auto made = spawn(as,
                            {(bin_ / "initdb").string(), "-D", (folder_ / "data").string(), "-U", "otagw", "-A",
                             "trust", "-E", "UTF8", "--locale=C", "--no-sync"},
                            folder_ / "initdb.log", SIGKILL);
    int status = 0;
    ::waitpid(made, &status, 0);
    if (status != 0) fail("initdb failed: " + tail_of(folder_ / "initdb.log"));
    std::ofstream(folder_ / "data/pg_hba.conf") << "local all with_password scram-sha-256\nlocal all all trust\n";
    start();
    run("postgres", "CREATE ROLE with_password LOGIN PASSWORD 'correct horse'; CREATE DATABASE otagw_template");
    std::string why;
    if (!migrate_postgres(options("otagw_template"), &why)) fail("no schema: " + why);
}

postgres_cluster::~postgres_cluster() {
    if (server_ != 0) end(SIGQUIT);
    ::close(alive_);
    int status = 0;
    ::waitpid(sweeper_, &status, 0);
}

postgres_cluster& postgres_cluster::shared() {
    static std::string why;  // said again to every test, and not tried again
    if (!why.empty()) throw std::runtime_error(why);
    try {
        static postgres_cluster only;
        return only;
    } catch (const std::exception& e) {
        why = e.what();
        throw;
    }
}

void postgres_cluster::start() {
    // Small, but as careful with commits as the default.
    std::vector<std::string> command{(bin_ / "postgres").string(), "-D", (folder_ / "data").string()};
    std::vector<std::string> all{
        "listen_addresses=",    "port=5432",           "unix_socket_directories=" + folder_.string(),
        "max_connections=60",   "shared_buffers=64MB", "fsync=on",
        "synchronous_commit=on"};
    all.insert(all.end(), settings_.begin(), settings_.end());
    for (const auto& setting : all) command.insert(command.end(), {"-c", setting});
    server_ = spawn(account_of_server(), command, folder_ / "server.log", SIGQUIT);
    const auto asked = "host=" + folder_.string() + " user=otagw dbname=postgres connect_timeout=5";
    const auto until = std::chrono::steady_clock::now() + patience;
    while (PQping(asked.c_str()) != PQPING_OK) {
        int status = 0;
        if (::waitpid(server_, &status, WNOHANG) == server_) {
            server_ = 0;
            fail("the server ended: " + tail_of(folder_ / "server.log"));
        }
        if (std::chrono::steady_clock::now() > until)
            fail("the server does not answer: " + tail_of(folder_ / "server.log"));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

void postgres_cluster::end(int signal) {
    ::kill(server_, signal);
    int status = 0;
    ::waitpid(server_, &status, 0);
    server_ = 0;
}

void postgres_cluster::stop() { end(SIGINT); }
void postgres_cluster::crash() { end(SIGQUIT); }

/// Its sessions are children of the server, in groups of their own.
void postgres_cluster::signal_all(int signal) {
    ::kill(server_, signal);
    std::ifstream in("/proc/" + std::to_string(server_) + "/task/" + std::to_string(server_) + "/children");
    for (pid_t child = 0; in >> child;) ::kill(child, signal);
}

void postgres_cluster::freeze() { signal_all(SIGSTOP); }
void postgres_cluster::wake() { signal_all(SIGCONT); }

postgres_options postgres_cluster::options(const std::string& database) const {
    postgres_options o;
    o.connection = "host=" + folder_.string() + " user=otagw dbname=" + database;
    return o;
}

std::string postgres_cluster::run(const std::string& database, const std::string& sql) {
    const std::unique_ptr<PGconn, closing> c(PQconnectdb(options(database).connection.c_str()));
    if (PQstatus(c.get()) != CONNECTION_OK) fail(PQerrorMessage(c.get()));
    std::string statement;
    std::unique_ptr<PGresult, closing> r;
    // One by one: a database is not made inside of a block.
    for (std::istringstream in(sql); std::getline(in, statement, ';');) {
        r.reset(PQexec(c.get(), statement.c_str()));
        const auto status = PQresultStatus(r.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
            fail(statement + ": " + PQerrorMessage(c.get()));
    }
    return PQntuples(r.get()) > 0 ? PQgetvalue(r.get(), 0, 0) : "";
}

std::string postgres_cluster::make_database() {
    const auto name = "t" + std::to_string(++databases_);
    run("postgres", "CREATE DATABASE " + name + " TEMPLATE otagw_template");
    return name;
}

void postgres_cluster::drop_database(const std::string& name) {
    if (server_ != 0) run("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
}

}  // namespace ota::store
