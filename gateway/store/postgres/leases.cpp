#include "gateway/store/postgres/leases.hpp"

#include <algorithm>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

constexpr std::chrono::seconds patience{3};  ///< a renewal that takes longer than this comes too late anyway

// clock_timestamp(): the time of the transaction's begin would be that of before the lock.
constexpr const char* seen =
    "SELECT name, holder, floor(extract(epoch FROM until - clock_timestamp()) * 1000)::bigint FROM lease";
constexpr const char* marked = "SELECT value FROM named_value WHERE name = $1";
constexpr const char* forget =
    "DELETE FROM lease WHERE (holder = $1 AND name <> ALL($2::bytea[])) OR until < clock_timestamp() - interval '1 "
    "minute'";
constexpr const char* renew =
    "UPDATE lease SET until = clock_timestamp() + $3::bigint * interval '1 millisecond' "
    "WHERE holder = $1 AND name = ANY($2::bytea[]) RETURNING name";
constexpr const char* take =
    "INSERT INTO lease AS l (name, holder, until) SELECT k, $1, clock_timestamp() + $3::bigint * interval '1 "
    "millisecond' "
    "FROM unnest($2::bytea[]) k ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until";

array names_of(const std::vector<std::string>& names) {
    auto out = array::of_octets();
    for (const auto& name : names) out.add(std::string_view(name));
    return out;
}

postgres_options impatient(postgres_options options) {
    options.connect_timeout = std::min<std::chrono::milliseconds>(options.connect_timeout, patience);
    options.statement_timeout = std::min<std::chrono::milliseconds>(options.statement_timeout, patience);
    options.busy_timeout = std::min<std::chrono::milliseconds>(options.busy_timeout, patience);
    options.idle_timeout =
        std::min<std::chrono::milliseconds>(options.idle_timeout, patience);  // who stands still holds up nobody
    return options;
}

}  // namespace

leases::leases(const postgres_options& options, std::shared_ptr<pool> fenced)
    : options_(impatient(options)), fenced_(std::move(fenced)) {}

wire::result<std::vector<std::string>> leases::hold(std::string_view holder, std::chrono::milliseconds life,
                                                    const chooser& choose) {
    for (bool again = true;;) {
        const bool fresh = db_ == nullptr;
        if (fresh) {
            std::string why;
            OTA_TRY(db_, connection::open(options_, why));
        }
        auto held = change(holder, life, choose);
        if (held) return held;
        const bool lost = !db_->alive();
        db_.reset();  // with whatever of the transaction was there
        // A connection that lay idle does not notice that its server went away: one new attempt.
        if (!lost || fresh || !std::exchange(again, false)) return held;
    }
}

wire::result<std::vector<std::string>> leases::change(std::string_view holder, std::chrono::milliseconds life,
                                                      const chooser& choose) {
    OTA_TRY(db_->command("BEGIN; SELECT pg_advisory_xact_lock(7061746832)"));  // any number that only this place uses
    OTA_TRY(const auto r, db_->run(seen, {}));
    std::vector<lease> others;
    std::vector<std::string> own;
    bool lapsed = false;
    for (std::size_t row = 0; row < r.size(); ++row) {
        const std::chrono::milliseconds left(r.integer(row, 2));
        if (r.view(row, 1) == holder) {
            own.push_back(r.text(row, 0));
            lapsed |= left.count() <= 0;
        } else {
            others.push_back({r.text(row, 0), r.text(row, 1), left});
        }
    }
    OTA_TRY(const auto mark,
            db_->run(marked, parameters::of(tool_mark)));  // not locked: nobody who stands still holds it up
    auto names = choose({others, own, lapsed || own.empty(), mark.size() > 0 ? mark.text(0, 0) : std::string()});
    std::erase_if(names, [&](const std::string& name) {
        return std::ranges::any_of(others, [&](const lease& l) { return l.name == name && l.left.count() > 0; });
    });
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    OTA_TRY(db_->run(forget, parameters::of(holder, names_of(names))));
    OTA_TRY(const auto renewed, db_->run(renew, parameters::of(holder, names_of(names), std::int64_t{life.count()})));
    auto fresh = names;
    for (std::size_t row = 0; row < renewed.size(); ++row) std::erase(fresh, renewed.view(row, 0));
    if (!fresh.empty()) {
        OTA_TRY(db_->run(take, parameters::of(holder, names_of(fresh), std::int64_t{life.count()})));
    }
    OTA_TRY(const auto done, db_->command("COMMIT"));
    if (done != "COMMIT") return errc::io;
    return names;
}

void leases::require(std::string_view name, std::string_view holder) { fenced_->require(name, holder); }

}  // namespace ota::store::postgres
