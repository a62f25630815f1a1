#pragma once

#include "gateway/store/postgres/connection.hpp"

/// Finished work lies in partitions, one per week of its ids, so that it goes away as a whole instead of row by row.
namespace ota::store::postgres {

/// Ids of one week (id_source); week 0 began on Monday, 1 January 2024.
constexpr std::int64_t ids_per_week = (std::int64_t{7} * 24 * 3600 * 1000) << 22;

/// The first id that is given at this time.
[[nodiscard]] inline std::int64_t id_at(wall_time t) noexcept {
    return (t - id_source::time_of(0)).count() * (std::int64_t{1} << 22);
}

/// A table of finished work. Its rows of week n are in TABLE_wN, what has no partition in TABLE_rest.
struct weekly {
    const char* table;
    const char* key;      ///< the id that partitions it
    const char* storage;  ///< of each partition
    bool follows_events;  ///< a row stays as long as its event does
};
inline constexpr weekly weekly_tables[] = {
    {"submission", "packet", " WITH (fillfactor = 50)", false},
    {"history", "seq", "", false},
    {"event_end", "seq", "", true},
    {"later_state", "seq", "", true},
};

/// Makes what is missing of these weeks, in the running transaction. A week of which the rest has rows already stays
/// there.
[[nodiscard]] wire::result<void> make_weeks(connection&, std::int64_t first, std::int64_t last);

/// Makes the weeks to come, in transactions of its own that wait for nobody for long; several instances may do it at
/// once. What fails is tried again some day: until then rows go to the rest. Cheap when nothing is missing.
[[nodiscard]] wire::result<void> keep_ahead(connection&);

/// Whether this week and the next have partitions; the server's clock counts.
[[nodiscard]] wire::result<bool> is_ahead(connection&);

struct week_partition {
    const weekly* of = nullptr;
    std::int64_t week = 0;
    std::int64_t rows = 0;  ///< as the server estimates them; at least 1
};
/// Partitions that this user may drop and of which every id was given a week before `older` or earlier.
[[nodiscard]] wire::result<std::vector<week_partition>> weeks_before(connection&, wall_time older);

/// Drops it, in the running transaction; rows of events that are still there move to the rest. Others wait for the
/// transaction's end.
[[nodiscard]] wire::result<void> drop_week(connection&, const week_partition&);

}  // namespace ota::store::postgres
