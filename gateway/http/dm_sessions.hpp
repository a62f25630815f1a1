#pragma once

#include "gateway/dm/session_table.hpp"
#include "gateway/http/router.hpp"

#include <mutex>

namespace ota::http {

/// DM messages over HTTP [SyncML HTTP Binding]:
///     POST /dm   Content-Type application/vnd.syncml.dm+xml or +wbxml, x-syncml-hmac where the account says so
///     200 with a message of the same type, or 400 no message, 403 the session has ended, 413, 415, 503 no room
class dm_sessions {
public:
    using clock = std::function<dm::time_point()>;

    /// The owner's functions run on the server's threads, one at a time.
    dm_sessions(
        dm::table_settings, dm::owner, clock = [] { return std::chrono::steady_clock::now(); });

    [[nodiscard]] response answer(const request&);
    /// To be called now and then, so that sessions end while no device calls.
    void tick();

    /// Adds the path, which is answered as long as this object lives.
    void serve_on(router&, std::string path = "/dm");

    /// Figures; those of a moment ago while a session waits for its owner's store.
    [[nodiscard]] std::size_t size();
    [[nodiscard]] dm::table_counts tally();
    [[nodiscard]] dm::counts met();

private:
    struct figures {
        std::size_t size = 0;
        dm::table_counts tally;
        dm::counts met;
    };
    [[nodiscard]] figures look();

    std::timed_mutex one_at_a_time_;
    dm::session_table table_;
    clock now_;
    std::mutex looking_;
    figures seen_;
};

}  // namespace ota::http
