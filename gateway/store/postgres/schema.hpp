#pragma once

#include "gateway/store/postgres/connection.hpp"

namespace ota::store::postgres {

/// The schema that this program writes.
constexpr std::int64_t newest_schema = 1;

struct schema_state {
    std::int64_t version = 0;         ///< 0: there is none
    std::int64_t oldest_program = 0;  ///< schema version of the oldest program that can follow
};

[[nodiscard]] wire::result<schema_state> schema_of(connection&, const std::string& schema);

/// Good for this program, or why not: `outdated`, `too_new`.
[[nodiscard]] wire::result<void> fits(const schema_state&);

/// Makes the tables, or brings older ones up to `newest_schema`, in one transaction; one process at a time.
[[nodiscard]] wire::result<void> migrate(connection&, const std::string& schema);

}  // namespace ota::store::postgres
