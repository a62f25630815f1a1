#include "gateway/cli/http_door.hpp"

#include <stdexcept>

namespace ota::cli {

namespace {

constexpr std::string_view api_paths = "/api/", device_paths = "/dm", changes_path = "/api/v1/changes";

std::vector<http::token_file> token_files_of(const http_settings& s) {
    std::vector<http::token_file> out;
    for (const auto& t : s.tokens) out.push_back({t.name, static_cast<http::role>(t.role), t.file});
    return out;
}

http::tls_files tls_files_of(const http_settings& s) { return {s.tls.certificate, s.tls.key, s.tls.client_ca}; }

std::chrono::sys_time<std::chrono::milliseconds> wall_now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

http_door::http_door(const gateway_settings& s, std::uint16_t instance, ops::metrics& metrics, ops::log& log)
    : settings_(s.http),
      place_{s.audit_directory(), "audit-" + std::to_string(instance)},
      log_(log),
      figures_(metrics),
      rates_(s.http.rate, s.http.rate) {}

bool http_door::open(std::string& why) {
    trail_ = audit::trail::open(place_, wall_now, why);
    if (!trail_) return false;
    if (const auto aside = trail_->torn()) log_.warning("audit log: a torn line was put aside", {{"file", *aside}});
    tell_head("audit log opened");
    figures_.show([this] { return identity_.not_after(); });
    return true;
}

// Noted outside of the file, the head proves later that nothing was cut off its end.
void http_door::tell_head(std::string_view when) {
    const auto head = trail_->at();
    log_.info(when,
              {{"file", place_.directory + "/" + place_.name + ".jsonl"}, {"seq", head.seq}, {"head", head.hash}});
}

std::shared_ptr<const http_door::terms> http_door::prepare(const http_settings& s, std::vector<std::string>& faults) {
    auto made = std::make_shared<terms>();
    const auto before = faults.size();
    std::string why;
    if (!made->identity.load(tls_files_of(s), why)) faults.push_back("http.tls: " + why);
    if (!made->callers.load(token_files_of(s), why)) faults.push_back("http.tokens: " + why);
    made->certificate_needed = !s.tls.client_ca.empty();
    made->rate = s.rate;
    return faults.size() == before ? made : nullptr;
}

void http_door::take_over(const terms& next) {
    certificate_needed_ = next.certificate_needed;
    identity_.adopt(next.identity);
    callers_.adopt(next.callers);
    rates_.change(next.rate, next.rate);
}

bool http_door::load(const http_settings& s, std::string& why) {
    std::vector<std::string> faults;
    const auto made = prepare(s, faults);
    if (made)
        take_over(*made);
    else
        why = faults.front();
    return made != nullptr;
}

api::book::surroundings http_door::surroundings() {
    return {callers_, [this](const api::deed& d) { record(d); },
            [this](std::string_view why, std::string_view peer) { deny(why, peer); },
            [this](const http::caller& who) { return rates_.take(who.name, std::chrono::steady_clock::now()); },
            [this] { return trail_->ready(); }};
}

std::optional<http::response> http_door::admit(const http::request& asked) {
    if (!asked.path.starts_with(api_paths)) return std::nullopt;
    if (certificate_needed_ && !asked.certified) {
        deny("no-certificate", asked.peer);
        return http::problem(403, "the API takes only clients that show a certificate (http.tls.client_ca)");
    }
    return std::nullopt;
}

void http_door::deny(std::string_view why, std::string_view peer) {
    figures_.on_denied(why);
    turned_away_.add(peer, why);
}

void http_door::tell_turned_away(turned_away::time_point now) {
    for (const auto& each : turned_away_.due(now))
        log_.warning("turned away over HTTP",
                     {{"address", each.address}, {"reasons", each.reasons}, {"refusals", each.refusals}});
}

void http_door::tick() { tell_turned_away(std::chrono::steady_clock::now()); }

void http_door::record(const api::deed& d) {
    std::string why;
    const bool kept = trail_->append({std::string(d.who), std::string(d.role), std::string(d.peer),
                                      std::string(d.method), std::string(d.path), d.status},
                                     why);
    figures_.on_recorded(kept);
    if (kept) return;
    log_.error("a call was done that the audit log could not take",
               {{"why", why}, {"who", d.who}, {"method", d.method}, {"route", d.route}});
    throw std::runtime_error(why);  // the caller gets a 500 in place of the answer
}

bool http_door::serve(http::router routes, std::string& why) {
    http::server_settings with;
    with.address = settings_.address;
    with.port = settings_.port;
    with.threads = 2;
    with.lanes = {{std::string(api_paths), settings_.threads, 16 * settings_.threads},
                  {std::string(device_paths), 1, 256}};
    with.tls = &identity_;
    with.body_limits = {{std::string(changes_path), settings_.body_limit}};
    with.stream_limit = settings_.streams;
    with.connection_limit = 512 + settings_.streams;
    with.failures_per_minute = settings_.failures_per_minute;
    with.observer = [this](const http::served& s) {
        figures_.on_served(s);
        // Why is not told: what a handler threw may name a secret.
        if (s.status == 500) log_.error("a call could not be served", {{"method", s.method}, {"route", s.route}});
    };
    with.refused = [this](http::refusal why_not, std::string_view peer) { deny(name_of(why_not), peer); };
    with.admit = [this](const http::request& asked) { return admit(asked); };
    server_ = std::make_unique<http::server>(with, std::move(routes));
    const auto listening = server_->start();
    if (!listening) {
        why = "cannot listen on " + with.address + ":" + std::to_string(with.port) + ": " + listening.error().message();
        return false;
    }
    port_ = listening.value();
    return true;
}

void http_door::stop() {
    if (!server_) return;
    server_->stop();
    server_.reset();
    tell_turned_away(std::chrono::steady_clock::now() + std::chrono::minutes(1));  // what is left, too
    tell_head("audit log closed");
    trail_.reset();
}

bool try_tokens_and_certificates(const http_settings& s, std::string& why) {
    std::vector<std::string> faults;
    if (http_door::prepare(s, faults)) return true;
    why = faults.front();
    return false;
}

}  // namespace ota::cli
