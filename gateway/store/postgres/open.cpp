#include "gateway/store/copy.hpp"
#include "gateway/store/postgres/leases.hpp"
#include "gateway/store/postgres/partitions.hpp"
#include "gateway/store/postgres/schema.hpp"
#include "gateway/store/postgres/transaction.hpp"

namespace ota::store {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace postgres {

namespace {

class postgres_store final : public store {
public:
    postgres_store(const postgres_options& options, std::shared_ptr<pool> of)
        : pool_(of), leases_(options, std::move(of)) {}

    wire::result<std::unique_ptr<transaction>> begin() override {
        OTA_TRY(auto m, pool_->begin());
        return std::unique_ptr<transaction>(std::make_unique<postgres_transaction>(pool_, std::move(m)));
    }
    lease_table* leases() noexcept override { return &leases_; }
    std::uint64_t commits() const override { return pool_->commits(); }

private:
    std::shared_ptr<pool> pool_;
    postgres::leases leases_;
};

std::string sentence(std::error_code error, const std::string& said) {
    return said.empty() ? error.message() : error.message() + ": " + said;
}

}  // namespace

}  // namespace postgres

wire::result<std::unique_ptr<store>> open_postgres(const postgres_options& options, std::string* why) {
    if (options.migrate) {
        OTA_TRY(migrate_postgres(options, why));
    }
    auto connections = std::make_shared<postgres::pool>(options);
    auto opened = std::make_unique<postgres::postgres_store>(options, connections);
    const auto look = [&]() -> wire::result<void> {
        OTA_TRY(auto first, opened->begin());
        OTA_TRY(const auto half, first->values(unfinished_copy));
        if (!half.empty()) return errc::unfinished;
        return outcome::success();
    };
    if (const auto fit = look(); !fit) {
        if (why != nullptr)
            *why = postgres::sentence(fit.error(), fit.error() == errc::unfinished ? "" : connections->trouble());
        return fit.error();
    }
    return std::unique_ptr<store>(std::move(opened));
}

wire::result<void> migrate_postgres(const postgres_options& options, std::string* why) {
    std::string said;
    const auto attempt = [&]() -> wire::result<void> {
        OTA_TRY(const auto db, postgres::connection::open(options, said));
        auto done = postgres::migrate(*db, options.schema);
        if (!done) said = db->trouble();
        return done;
    };
    auto done = attempt();
    if (!done && why != nullptr) *why = postgres::sentence(done.error(), said);
    return done;
}

namespace postgres {

namespace {

/// A setting of the server as a commit of ours would find it.
struct doubtful {
    const char* setting;
    const char* bad;
    const char* sentence;
};

constexpr doubtful doubts[] = {
    {"fsync", "off", "fsync is off: a power failure destroys the store"},
    {"full_page_writes", "off", "full_page_writes is off: a power failure can destroy the store"},
    {"synchronous_commit", "off",
     "synchronous_commit is off: commits that the gateway has acted on are lost when the server fails, and counters "
     "are used again (R3)"},
    {"synchronous_commit", "local",
     "synchronous_commit is local: a fail-over to a replica loses commits that the gateway has acted on (R3)"},
};

}  // namespace

}  // namespace postgres

wire::result<postgres_facts> inspect_postgres(const postgres_options& options, std::string* why) {
    using namespace postgres;
    std::string said;
    const auto attempt = [&]() -> wire::result<postgres_facts> {
        OTA_TRY(const auto db, connection::open(options, said));
        OTA_TRY(const auto state, schema_of(*db, options.schema));
        postgres_facts facts{state.version, state.oldest_program, newest_schema, db->server_version(), {}};
        for (const auto& d : doubts) {
            OTA_TRY(const auto r, db->run("SELECT 1 FROM pg_settings WHERE name = convert_from($1, 'UTF8') AND "
                                          "setting = convert_from($2, 'UTF8')",
                                          parameters::of(std::string_view(d.setting), std::string_view(d.bad))));
            if (r.size() != 0) facts.warnings.emplace_back(d.sentence);
        }
        if (state.version != 0) {
            OTA_TRY(const bool ahead, is_ahead(*db));
            if (!ahead)
                facts.warnings.emplace_back(
                    "the coming week has no partitions: run `otagw store migrate` as the owner of the tables; until "
                    "then its rows can only be pruned one by one");
        }
        OTA_TRY(const auto replicas, db->run("SELECT count(*), (SELECT setting = '' FROM pg_settings WHERE name = "
                                             "'synchronous_standby_names')::int FROM pg_stat_replication",
                                             {}));
        if (replicas.integer(0, 0) > 0 && replicas.integer(0, 1) != 0)
            facts.warnings.emplace_back(
                "replicas follow asynchronously (synchronous_standby_names is empty): a fail-over may lose "
                "commits that the gateway has acted on (R3)");
        return facts;
    };
    auto facts = attempt();
    if (!facts && why != nullptr) *why = sentence(facts.error(), said);
    return facts;
}

}  // namespace ota::store
