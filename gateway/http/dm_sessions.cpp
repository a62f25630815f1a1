#include "gateway/http/dm_sessions.hpp"

#include "gateway/dm/authentication.hpp"

namespace ota::http {
namespace {

/// A device that found no room comes again after so many seconds.
constexpr std::string_view retry_after = "30";

std::string_view sentence(unsigned status) {
    switch (status) {
        case 400: return "this is no message of OMA DM 1.2";
        case 403: return "this session has ended";
        case 413: return "the message is larger than the server takes";
        case 415: return "the content is neither application/vnd.syncml.dm+xml nor application/vnd.syncml.dm+wbxml";
        case 503: return "no session can be served now";
        default: return "the message could not be answered";
    }
}

}  // namespace

dm_sessions::dm_sessions(dm::table_settings with, dm::owner whose, clock now)
    : table_(std::move(with), std::move(whose)), now_(std::move(now)) {}

response dm_sessions::answer(const request& asked) {
    const std::lock_guard lock(one_at_a_time_);
    auto out = table_.on_message({.content_type = asked.header("Content-Type"),
                                  .body = wire::as_octets(asked.body),
                                  .hmac = asked.header(dm::hmac_header_name)},
                                 now_());
    if (out.http_status != 200) {
        auto refusal = problem(out.http_status, sentence(out.http_status));
        if (out.http_status == 503) refusal.headers.emplace_back("Retry-After", retry_after);
        return refusal;
    }
    response reply{
        .content_type = std::move(out.content_type), .body = std::string(wire::as_text(out.body)), .headers = {}};
    // Credentials and nonces pass here.
    reply.headers.emplace_back("Cache-Control", "private, no-store");
    if (!out.hmac.empty()) reply.headers.emplace_back(dm::hmac_header_name, std::move(out.hmac));
    return reply;
}

void dm_sessions::tick() {
    const std::lock_guard lock(one_at_a_time_);
    table_.on_tick(now_());
}

void dm_sessions::serve_on(router& routes, std::string path) {
    routes.add("POST", std::move(path), [this](const request& asked) { return answer(asked); });
}

dm_sessions::figures dm_sessions::look() {
    constexpr std::chrono::milliseconds patience{200};
    const std::lock_guard alone(looking_);
    const std::unique_lock lock(one_at_a_time_, patience);
    if (lock) seen_ = {table_.size(), table_.tally(), table_.met()};
    return seen_;
}

std::size_t dm_sessions::size() { return look().size; }
dm::table_counts dm_sessions::tally() { return look().tally; }
dm::counts dm_sessions::met() { return look().met; }

}  // namespace ota::http
