#include "gateway/store/postgres/partitions.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

constexpr std::int64_t weeks_ahead = 4;

std::string name_of(const weekly& of, std::int64_t week) { return std::string(of.table) + "_w" + std::to_string(week); }

std::string from_to(std::int64_t week) {
    return "FROM (" + std::to_string(week * ids_per_week) + ") TO (" + std::to_string((week + 1) * ids_per_week) + ")";
}

struct found_partition {
    week_partition is;
    bool ours;
};

/// Every weekly partition there is.
wire::result<std::vector<found_partition>> all_weeks(connection& db) {
    OTA_TRY(const auto r,
            db.run("SELECT p.relname::text, c.relname::text, greatest(c.reltuples, 1)::bigint, "
                   "pg_has_role(c.relowner, 'USAGE')::int FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                   "JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace "
                   "WHERE n.nspname = current_schema() AND p.relkind = 'p'",
                   {}));
    std::vector<found_partition> found;
    for (std::size_t row = 0; row < r.size(); ++row)
        for (const auto& of : weekly_tables) {
            const auto prefix = std::string(of.table) + "_w";
            const auto name = r.view(row, 1);
            if (r.view(row, 0) != of.table || !name.starts_with(prefix)) continue;
            std::int64_t week = 0;
            const auto [end, bad] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), week);
            if (bad == std::errc() && end == name.data() + name.size())
                found.push_back({{&of, week, r.integer(row, 2)}, r.integer(row, 3) != 0});
        }
    return found;
}

using missing = std::pair<const weekly*, std::int64_t>;

wire::result<std::vector<missing>> missing_weeks(connection& db, std::int64_t first, std::int64_t last) {
    OTA_TRY(const auto there, all_weeks(db));
    std::set<missing> known;
    for (const auto& p : there) known.insert({p.is.of, p.is.week});
    std::vector<missing> all;
    for (auto week = first; week <= last; ++week)
        for (const auto& of : weekly_tables)
            if (!known.contains({&of, week})) all.push_back({&of, week});
    return all;
}

/// Made beside the table and attached: that lets others go on, where CREATE .. PARTITION OF would lock them out.
wire::result<void> make_week(connection& db, const weekly& of, std::int64_t week) {
    const auto range = std::string(of.key) + " >= " + std::to_string(week * ids_per_week) + " AND " + of.key + " < " +
                       std::to_string((week + 1) * ids_per_week);
    OTA_TRY(const auto taken,
            db.ask(("SELECT 1 FROM " + std::string(of.table) + "_rest WHERE " + range + " LIMIT 1").c_str()));
    if (taken.size() != 0) return outcome::success();
    const auto name = name_of(of, week);
    const auto sql = "CREATE TABLE " + name + " (LIKE " + of.table + " INCLUDING ALL)" + of.storage + "; ALTER TABLE " +
                     of.table + " ATTACH PARTITION " + name + " FOR VALUES " + from_to(week);
    OTA_TRY(db.command(sql.c_str()));
    return outcome::success();
}

wire::result<std::int64_t> this_week(connection& db) {
    OTA_TRY(const auto now, db.run("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", {}));
    return id_at(time_of(now.integer(0, 0))) / ids_per_week;
}

wire::result<void> make_alone(connection& db, const weekly& of, std::int64_t week) {
    const auto made = [&]() -> wire::result<void> {
        OTA_TRY(db.command(
            "BEGIN; SET LOCAL lock_timeout = 1000; SELECT pg_advisory_xact_lock(7061746831)"));  // that of migrate
        OTA_TRY(const auto still, missing_weeks(db, week, week));  // another instance may have been first
        if (std::find(still.begin(), still.end(), missing(&of, week)) == still.end()) return outcome::success();
        return make_week(db, of, week);
    }();
    if (db.alive()) (void)db.command(made ? "COMMIT" : "ROLLBACK");
    return made;
}

}  // namespace

wire::result<void> make_weeks(connection& db, std::int64_t first, std::int64_t last) {
    OTA_TRY(const auto all, missing_weeks(db, first, last));
    for (const auto& [of, week] : all) {
        OTA_TRY(make_week(db, *of, week));
    }
    return outcome::success();
}

wire::result<void> keep_ahead(connection& db) {
    OTA_TRY(const auto week, this_week(db));
    OTA_TRY(const auto all, missing_weeks(db, week, week + weeks_ahead));
    for (const auto& [of, when] : all) {
        const auto made = make_alone(db, *of, when);
        if (db.alive()) db.forgive();
        if (!made) return made;
    }
    return outcome::success();
}

wire::result<bool> is_ahead(connection& db) {
    OTA_TRY(const auto week, this_week(db));
    OTA_TRY(const auto all, missing_weeks(db, week, week + 1));
    return all.empty();
}

wire::result<std::vector<week_partition>> weeks_before(connection& db, wall_time older) {
    OTA_TRY(const auto there, all_weeks(db));
    std::vector<week_partition> old;
    for (const auto& p : there)
        if (p.ours && (p.is.week + 2) * ids_per_week <= id_at(older)) old.push_back(p.is);
    return old;
}

wire::result<void> drop_week(connection& db, const week_partition& p) {
    const auto name = name_of(*p.of, p.week);
    const std::string table = p.of->table;
    // Driven by the events that are left: the lock is held for as long as it takes to read these, however large the
    // week was.
    const auto keep = "ALTER TABLE " + table + " DETACH PARTITION " + name + "; INSERT INTO " + table +
                      " SELECT x.* FROM event e JOIN " + name +
                      " x ON x.seq = e.seq WHERE e.seq >= " + std::to_string(p.week * ids_per_week) + " AND e.seq < " +
                      std::to_string((p.week + 1) * ids_per_week) + "; ";
    OTA_TRY(db.command(((p.of->follows_events ? keep : std::string()) + "DROP TABLE " + name).c_str()));
    return outcome::success();
}

}  // namespace ota::store::postgres
