#include "gateway/cards/arguments.hpp"
#include "gateway/cards/commands.hpp"
#include "gateway/cluster/alone.hpp"
#include "gateway/store/copy.hpp"
#include "gateway/store/postgres.hpp"
#include "gateway/store/sqlite.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <filesystem>
#include <ostream>

namespace ota::cards {

namespace {

constexpr std::string_view sqlite_prefix = "sqlite:", postgres_prefix = "postgres:";

struct end {
    std::string given, schema = "otagw";
    [[nodiscard]] bool is_file() const { return given.starts_with(sqlite_prefix); }
    [[nodiscard]] bool is_server() const {
        return given.starts_with(postgres_prefix) || given.starts_with("postgresql://");
    }
    /// Without the connection string: it may hold a password.
    [[nodiscard]] std::string named() const { return is_file() ? path() : "PostgreSQL, schema " + schema; }
    [[nodiscard]] std::string path() const { return given.substr(sqlite_prefix.size()); }
    /// "postgres:CONNECTION STRING", or a URI as it stands.
    [[nodiscard]] std::string connection() const {
        const bool uri = given.starts_with("postgresql://") || given.starts_with("postgres://");
        return uri ? given : given.substr(postgres_prefix.size());
    }
};

/// A source is opened as it is; a target is made.
std::unique_ptr<store::store> open(const end& which, bool target, streams s) {
    std::string why;
    if (which.is_file()) {
        std::error_code ignored;
        const auto path = which.path();
        if (std::filesystem::exists(path, ignored) == target) {
            s.err << path << (target ? ": is there already; name a new file\n" : ": there is no store\n");
            return nullptr;
        }
        store::sqlite_options with;
        with.path = path;
        with.exclusive = true;
        auto opened = store::open_sqlite(with);
        if (opened) return std::move(opened).value();
        why = path + ": " + opened.error().message();
    } else {
        store::postgres_options with;
        with.connection = which.connection();
        with.schema = which.schema;
        with.migrate = target;
        auto opened = store::open_postgres(with, &why);
        if (opened) return std::move(opened).value();
        why = which.named() + ": " + why;
    }
    s.err << why << '\n';
    return nullptr;
}

}  // namespace

int run_store_copy(const arguments& args, streams s) {
    end from, to;
    CLI::App app("Moves a whole store into a new one and compares the two; no gateway may run on either",
                 "otagw store copy");
    app.add_option("--from", from.given,
                   "sqlite:PATH, or postgres:CONNECTION (of libpq; the password by PGPASSWORD or PGPASSFILE)")
        ->required();
    app.add_option("--to", to.given, "the same; a file that does not exist, or an empty schema")->required();
    app.add_option("--schema", to.schema, "of PostgreSQL (otagw)");
    app.footer(
        "A file that was copied is renamed to PATH.moved: a gateway that still names it refuses to start.\n"
        "Exit status: 0 good; 1 failed (the source is as it was); 2 wrong usage.");
    if (const auto code = parse_arguments(app, args, s)) return *code;
    from.schema = to.schema;
    for (const auto* each : {&from, &to}) {
        if (each->is_file() || each->is_server()) continue;
        s.err << "otagw store copy: neither sqlite:PATH nor postgres:CONNECTION\n";  // it may hold a password
        return wrong_usage;
    }
    auto source = open(from, false, s);
    if (!source) return failed;
    const auto alone = cluster::alone::take(*source, system_random, cluster::alone::purpose::changes);  // it moves
    if (!alone) {
        s.err << from.named() << ": "
              << (alone.error() == store::errc::locked ? "gateways run on it: stop them first"
                                                       : alone.error().message())
              << '\n';
        return failed;
    }
    auto target = open(to, true, s);
    if (!target) return failed;
    const auto did = store::copy(*source, *target, [s](const std::string& line) { s.err << line << '\n'; });
    if (!did && did.error() == store::errc::misuse) {
        s.err << "otagw store copy: the target is not empty: name another one; nothing was changed\n";
        return failed;
    }
    if (!did) {
        s.err << "otagw store copy: " << did.error().message()
              << "; the source is as it was, delete the target: no gateway starts on it\n";
        return failed;
    }
    const auto& c = did.value();
    s.out << c.rows() << " rows: " << c.cards << " cards, " << c.events << " events, " << c.outbox
          << " statuses to be published; both are alike\n";
    if (!from.is_file()) {
        s.out << "Never start a gateway on the source again: drop its schema\n";  // R3
        return good;
    }
    std::error_code ec;  // R3: its counters are the target's now. Under its lock, so that no gateway comes first
    std::filesystem::rename(from.path(), from.path() + ".moved", ec);
    source.reset();
    // A file that was renamed while it was open keeps what is in its log, if anything is, under the old name.
    if (std::error_code none; !ec && std::filesystem::exists(from.path() + "-wal", none)) {
        std::filesystem::rename(from.path() + "-wal", from.path() + ".moved-wal", ec);
        std::filesystem::remove(from.path() + "-shm", none);
    }
    if (ec) {
        s.err << from.path() << ": cannot be renamed (" << ec.message() << "): never start a gateway on it again\n";
        return failed;
    }
    s.out << from.path() << " is " << from.path() << ".moved now\n";
    return good;
}

}  // namespace ota::cards
