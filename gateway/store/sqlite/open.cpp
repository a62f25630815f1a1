#include "gateway/store/copy.hpp"
#include "gateway/store/sqlite/schema.hpp"
#include "gateway/store/sqlite/transaction.hpp"

#include <cstring>
#include <filesystem>

namespace ota::store {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace sqlite {

namespace {

constexpr std::chrono::seconds witness_every{1};

class sqlite_store final : public store {
public:
    explicit sqlite_store(std::unique_ptr<core> shared) : core_(std::move(shared)) {}
    ~sqlite_store() override {
        if (!core_->db.broken()) core_->bear_witness(true);
    }

    wire::result<std::unique_ptr<transaction>> begin() override {
        if (!core_->door.enter(core_->options.busy_timeout)) return errc::busy;
        return sqlite_transaction::begin(*core_);
    }
    std::uint64_t commits() const override { return core_->commits; }

private:
    std::unique_ptr<core> core_;
};

wire::result<void> set_pragmas(database& db, const sqlite_options& options) {
    const auto cache = "PRAGMA cache_size = -" + std::to_string(std::max<std::size_t>(options.cache_bytes >> 10, 256));
    const auto page = "PRAGMA page_size = " + std::to_string(options.tuning.page_size);
    OTA_TRY(db.execute(page.c_str()));  // takes effect on a new file only
    OTA_TRY(db.execute("PRAGMA journal_mode = WAL"));
    OTA_TRY(db.execute("PRAGMA synchronous = FULL"));  // R1: durable when commit returns
    OTA_TRY(db.execute(cache.c_str()));
    OTA_TRY(db.execute("PRAGMA temp_store = MEMORY"));
    OTA_TRY(db.execute("PRAGMA trusted_schema = OFF"));
    // What is secret is wrapped before it comes here (R24): overwriting freed space would only cost.
    return db.execute("PRAGMA secure_delete = OFF");
}

wire::result<witness> read_identity(core& c) {
    OTA_TRY(auto* const statement, c.db.prepared("SELECT uuid, hash_key, commits FROM ledger"));
    run r(c.db, statement);
    OTA_TRY(const bool row, r.next());
    if (!row || r.view(0).size() != 16 || r.view(1).size() != sizeof c.key) return errc::corrupt;
    std::memcpy(&c.key, r.view(1).data(), sizeof c.key);
    return witness{wire::to_hex(r.octets(0)), static_cast<std::uint64_t>(r.integer(2))};
}

wire::result<std::optional<witness>> load_witness(const core& c) {
    if (c.witness_path.empty()) return std::optional<witness>();
    auto found = witness::load(c.witness_path);
    // An unreadable witness proves nothing: as safe as a store that is behind it.
    if (!found && found.error() == make_error_code(errc::corrupt)) return witness{"", ~0ull};
    return found;
}

wire::result<void> open_core(core& c) {
    const auto& path = c.options.path;
    const bool on_disk = path != ":memory:";
    if (on_disk) c.witness_path = path + ".witness";
    if (on_disk && c.options.exclusive) {
        OTA_TRY(auto lock, lock_file::take(path + ".lock"));
        c.lock = std::move(lock);
    }
    OTA_TRY(const auto beside, load_witness(c));
    std::error_code ignored;
    // R3: a store that vanished is not silently begun anew: counters would start over.
    if (beside && !c.options.recover && !std::filesystem::exists(path, ignored)) return errc::vanished;

    OTA_TRY(c.db.open(path, c.options.busy_timeout));
    OTA_TRY(set_pragmas(c.db, c.options));
    OTA_TRY(migrate(c.db));
    OTA_TRY(auto identity, read_identity(c));
    {
        OTA_TRY(auto* const statement, c.db.prepared("SELECT 1 FROM named_value WHERE name = ?"));
        run r(c.db, statement, std::string_view(unfinished_copy));
        OTA_TRY(const bool half, r.next());
        if (half) return errc::unfinished;
    }
    if (beside && (beside->uuid != identity.uuid || beside->commits > identity.commits)) {
        if (!c.options.recover) return errc::restored;
        c.recovering = true;
    }
    c.commits = identity.commits;
    c.kept = std::move(identity);
    c.beside = beside.has_value();
    if (!beside) c.bear_witness(true);
    return outcome::success();
}

}  // namespace

void core::bear_witness(bool now) {
    const auto today = std::chrono::steady_clock::now();
    if (witness_path.empty() || (!now && today - witnessed < witness_every)) return;
    if (kept.commits == commits && beside) return;  // also: recovering without a commit yet, the old one still accuses
    if (recovering) {
        auto fresh = read_identity(*this);
        if (!fresh) return;
        kept = std::move(fresh.value());
    }
    kept.commits = commits;
    // A tool must not lower what the gateway beside it has witnessed.
    const auto there = witness::load(witness_path);
    if (there && there.value() && there.value()->uuid == kept.uuid && there.value()->commits >= kept.commits) return;
    // A witness that cannot be written stays behind the store, which is harmless; the next one tries again.
    beside = kept.save(witness_path).has_value();
    if (beside) recovering = false;
    witnessed = today;
}

void core::checkpoint_if_due() {
    if (db.log_pages() < options.tuning.checkpoint_pages) return;
    // The commit is durable in the log already. A failure here breaks the connection: the next `begin` says so.
    (void)db.checkpoint();
}

}  // namespace sqlite

wire::result<std::unique_ptr<store>> open_sqlite(const sqlite_options& options) {
    auto shared = std::make_unique<sqlite::core>(options);
    OTA_TRY(sqlite::open_core(*shared));
    return std::unique_ptr<store>(std::make_unique<sqlite::sqlite_store>(std::move(shared)));
}

}  // namespace ota::store
