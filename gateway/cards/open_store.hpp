#pragma once

#include "gateway/profile/gateway_settings.hpp"
#include "gateway/store/postgres.hpp"

/// The store that the settings name.
namespace ota::cards {

struct store_access {
    bool exclusive = false;        ///< of SQLite: refuse while a gateway runs
    bool accept_restored = false;  ///< R3: only `store recover`
};

/// How messages name it: the path, or "PostgreSQL, schema NAME".
[[nodiscard]] std::string name_of_store(const gateway_settings&);

/// The errors of store::open_sqlite and store::open_postgres; `why` is a sentence for the operator that names the
/// setting, without secrets.
[[nodiscard]] wire::result<std::unique_ptr<store::store>> open_store(const gateway_settings&, const store_access&,
                                                                     std::string& why);

[[nodiscard]] store::postgres_options postgres_options_of(const gateway_settings&);

/// Must an operator change the settings, the schema or the program before it can be opened?
[[nodiscard]] bool is_misconfigured(std::error_code) noexcept;

}  // namespace ota::cards
