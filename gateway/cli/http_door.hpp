#pragma once

#include "gateway/api/book.hpp"
#include "gateway/audit/trail.hpp"
#include "gateway/cli/http_figures.hpp"
#include "gateway/cli/turned_away.hpp"
#include "gateway/http/event_feed.hpp"
#include "gateway/http/rates.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/tls.hpp"
#include "gateway/ops/log.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/profile/gateway_settings.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ota::cli {

/// Who comes in over HTTP: listening, TLS, tokens, rates, the audit log, and figures of all that.
class http_door {
public:
    http_door(const gateway_settings&, std::uint16_t instance, ops::metrics&, ops::log&);

    /// Who may come in and how often: tokens and certificates, read and found good.
    struct terms {
        http::token_table callers;
        http::tls_identity identity;
        bool certificate_needed = false;
        double rate = 0;
    };
    /// Those that these settings name; nothing, with a sentence for each fault, when they cannot be used.
    [[nodiscard]] static std::shared_ptr<const terms> prepare(const http_settings&, std::vector<std::string>& faults);
    /// They hold from now on. Any thread.
    void take_over(const terms&);
    /// Both at once. False with `why`: all stay as they were.
    [[nodiscard]] bool load(const http_settings&, std::string& why);
    /// Opens the audit log. False with `why`, a sentence.
    [[nodiscard]] bool open(std::string& why);
    /// What a book of calls asks. Lives as long as this.
    [[nodiscard]] api::book::surroundings surroundings();
    [[nodiscard]] const http::token_table& callers() const noexcept { return callers_; }
    /// Listens. What the routes use outlives `stop`.
    [[nodiscard]] bool serve(http::router, std::string& why);
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// For the figures of clients that listen.
    void show(const http::event_feed& feed) { figures_.show(feed); }
    /// Once a second: the log tells who was turned away.
    void tick();
    void stop();

private:
    [[nodiscard]] std::optional<http::response> admit(const http::request&);
    void record(const api::deed&);
    void deny(std::string_view why, std::string_view peer);
    void tell_turned_away(turned_away::time_point now);
    void tell_head(std::string_view when);

    const http_settings settings_;
    const audit::trail_settings place_;
    ops::log& log_;
    http_figures figures_;
    turned_away turned_away_;
    http::token_table callers_;
    http::rates rates_;
    http::tls_identity identity_;
    std::atomic<bool> certificate_needed_{false};
    std::unique_ptr<audit::trail> trail_;
    std::unique_ptr<http::server> server_;
    std::uint16_t port_ = 0;
};

/// What the settings name, opened once and let go: faults that only the files themselves show, for `otagw check`.
[[nodiscard]] bool try_tokens_and_certificates(const http_settings&, std::string& why);

}  // namespace ota::cli
