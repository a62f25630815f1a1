#pragma once

#include "gateway/store/sqlite/database.hpp"

namespace ota::store::sqlite {

/// The schema that this program writes.
constexpr std::int64_t newest_schema = 3;

/// Makes the tables of a new store, or brings an older store's up to `newest_schema`, in one transaction.
/// `too_new`: made by a newer program, and it says that this one cannot follow. `corrupt`: a database of something
/// else.
[[nodiscard]] wire::result<void> migrate(database&);

}  // namespace ota::store::sqlite
