#include "gateway/cards/open_store.hpp"

#include "gateway/store/sqlite.hpp"

namespace ota::cards {

namespace {

/// What to do about it, where the error alone does not say.
std::string_view advice_on(std::error_code error) noexcept {
    if (error == store::errc::unreachable) return " (store.connection)";
    if (error == store::errc::refused) return " (store.connection, store.password)";
    if (error == store::errc::outdated) return " (`otagw store migrate`, or store.migrate: true)";
    return "";
}

}  // namespace

store::postgres_options postgres_options_of(const gateway_settings& settings) {
    const auto& s = settings.store.postgres;
    store::postgres_options out;
    out.connection = s.connection;
    out.password = s.password;
    out.schema = s.schema;
    out.connections = s.connections;
    out.migrate = s.migrate;
    return out;
}

std::string name_of_store(const gateway_settings& settings) {
    if (settings.store.kind == store_kind::postgres) return "PostgreSQL, schema " + settings.store.postgres.schema;
    return settings.store_path();
}

wire::result<std::unique_ptr<store::store>> open_store(const gateway_settings& settings, const store_access& access,
                                                       std::string& why) {
    if (settings.store.kind == store_kind::postgres) {
        std::string said;
        auto opened = store::open_postgres(postgres_options_of(settings), &said);
        if (!opened)
            why = "the store (" + name_of_store(settings) + ") cannot be opened: " + said +
                  std::string(advice_on(opened.error()));
        return opened;
    }
    store::sqlite_options with;
    with.path = settings.store_path();
    with.exclusive = access.exclusive;
    with.recover = access.accept_restored;
    auto opened = store::open_sqlite(with);
    if (!opened) why = "the store " + with.path + " cannot be opened: " + opened.error().message();
    return opened;
}

bool is_misconfigured(std::error_code error) noexcept {
    return error == store::errc::refused || error == store::errc::outdated || error == store::errc::too_new ||
           error == store::errc::unfinished;
}

}  // namespace ota::cards
