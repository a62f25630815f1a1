#include "gateway/store/postgres/pool.hpp"

#include "gateway/store/postgres/partitions.hpp"
#include "gateway/store/postgres/schema.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

namespace ota::store::postgres {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {

constexpr std::chrono::milliseconds first_back_off{50}, longest_back_off{5000}, resolve_interval{100};
constexpr std::int64_t slots = 1024;
/// Markers are pruned after a day; a claim counts for half of that, so that clocks need not agree.
constexpr std::chrono::hours claim_life{12};
constexpr std::size_t old_claims = 16;
constexpr int most_looks = 10;
constexpr std::chrono::hours weeks_interval{1};

}  // namespace

pool::pool(const postgres_options& options) : options_(options) {
    options_.connections = std::max<std::size_t>(options_.connections, 1);
}

std::int64_t pool::random() {
    std::int64_t n = 0;
    if (::getrandom(&n, sizeof n, 0) != sizeof n) n = std::chrono::steady_clock::now().time_since_epoch().count();
    return n & 0x7FFFFFFFFFFFFFFF;
}

void pool::require(std::string_view lease, std::string_view holder) {
    const auto literal = [](std::string_view octets) {
        return "'\\x" + wire::to_hex(wire::as_octets(octets)) + "'::bytea";
    };
    std::lock_guard guard(mutex_);
    fence_ = "SELECT 1 / count(*) FROM (SELECT 1 FROM lease WHERE name = " + literal(lease) +
             " AND holder = " + literal(holder) + " AND until > clock_timestamp() FOR KEY SHARE) held; ";
}

std::string pool::fence() const {
    std::lock_guard guard(mutex_);
    return fence_;
}

std::string pool::trouble() const {
    std::lock_guard guard(mutex_);
    return trouble_;
}

wire::result<member> pool::begin() {
    OTA_TRY(settle());
    for (bool again = true;;) {
        OTA_TRY(auto m, take());
        look_ahead(*m.db);
        const auto begun = m.db->command("BEGIN ISOLATION LEVEL READ COMMITTED");
        if (begun) return m;
        give_back(std::move(m), true);
        // An idle connection does not notice that its server went away: one new attempt, which connects anew.
        if (!std::exchange(again, false)) return begun.error();
        std::lock_guard guard(mutex_);
        for (auto& idle : idle_) forget(std::move(idle));
        idle_.clear();
    }
}

void pool::look_ahead(connection& db) {
    {
        std::lock_guard guard(mutex_);
        const auto now = std::chrono::steady_clock::now();
        if (now < next_weeks_) return;
        next_weeks_ = now + weeks_interval;
    }
    if (!keep_ahead(db) && db.alive()) db.forgive();  // there is a rest that catches what has no partition
}

wire::result<member> pool::take() {
    {
        std::unique_lock guard(mutex_);
        const auto one = [this] { return !idle_.empty() || made_ < options_.connections; };
        if (!returned_.wait_for(guard, options_.busy_timeout, one)) return errc::busy;
        if (!idle_.empty()) {
            auto m = std::move(idle_.back());
            idle_.pop_back();
            return m;
        }
        if (const auto why = backing_off()) return why;
        ++made_;
    }
    auto fresh = connect();
    std::lock_guard guard(mutex_);
    tried(fresh ? std::error_code() : fresh.error());
    if (fresh) return fresh;
    --made_;
    returned_.notify_one();
    return fresh;
}

std::error_code pool::backing_off() const {
    return std::chrono::steady_clock::now() < next_attempt_ ? last_failure_ : std::error_code();
}

void pool::tried(std::error_code failure) {
    back_off_ = failure ? std::clamp(2 * back_off_, first_back_off, longest_back_off) : std::chrono::milliseconds();
    next_attempt_ = failure ? std::chrono::steady_clock::now() + back_off_ : std::chrono::steady_clock::time_point();
    last_failure_ = failure;
}

wire::result<member> pool::connect() {
    std::string why;
    auto db = connection::open(options_, why);
    wire::result<void> known = db ? recognise(*db.value()) : wire::result<void>(db.error());
    if (!known) {
        std::lock_guard guard(mutex_);
        trouble_ = db ? db.value()->trouble() : why;
        return known.error();
    }
    std::lock_guard guard(mutex_);
    return member{std::move(db).value(), random() % slots, 0, 0, ++numbers_};
}

wire::result<void> pool::recognise(connection& db) {
    OTA_TRY(const auto state, schema_of(db, options_.schema));
    OTA_TRY(fits(state));
    const std::uint64_t durable = commits_;  // before the question: others go on committing meanwhile
    OTA_TRY(const auto said,
            db.run("SELECT id, hash_key, (SELECT coalesce(sum(commits), 0)::bigint FROM tally) FROM identity", {}));
    if (said.size() != 1 || said.view(0, 0).size() != 16 || said.view(0, 1).size() != sizeof(hash_key))
        return errc::corrupt;
    const auto commits = static_cast<std::uint64_t>(said.integer(0, 2));
    std::unique_lock guard(mutex_);
    if (identity_.empty()) {
        identity_ = said.text(0, 0);
        std::memcpy(&keys_[0], said.view(0, 1).data(), sizeof keys_[0]);
        keys_[1] = {~keys_[0].k1, ~keys_[0].k0};
        commits_ = commits;
    }
    if (identity_ != said.view(0, 0) || commits < durable) return errc::restored;
    guard.unlock();
    return find_claims(db);
}

/// R3: sums cannot tell that commits of ours are gone when others have committed since; their markers can. A marker is
/// removed two commits of its connection later, and the claim moves on before that: when a marker is missing and still
/// claimed, it is lost. WAL is replayed in order: with the newest commit of each connection everything before it is
/// there.
wire::result<void> pool::find_claims(connection& db) {
    for (int tries = 0; tries < most_looks; ++tries) {
        auto wanted = claimed();
        if (wanted.empty()) return outcome::success();
        OTA_TRY(
            const auto found,
            db.run("SELECT m.token FROM unnest($1::bigint[]) k JOIN commit_marker m ON m.token = k WHERE NOT m.stopped",
                   parameters::of(array::of(wanted))));
        for (std::size_t row = 0; row < found.size(); ++row) std::erase(wanted, found.integer(row, 0));
        if (wanted.empty()) return outcome::success();
        for (const auto now : claimed())
            if (std::find(wanted.begin(), wanted.end(), now) != wanted.end()) return errc::restored;
    }
    return errc::unreachable;  // others commit faster than we look: the next attempt may see it
}

std::vector<std::int64_t> pool::claimed() const {
    std::lock_guard guard(mutex_);
    const auto oldest = std::chrono::steady_clock::now() - claim_life;
    std::vector<std::int64_t> all;
    for (const auto& [number, c] : claims_)
        if (c.since > oldest) all.push_back(c.marker);
    for (const auto& c : old_claims_)
        if (c.since > oldest) all.push_back(c.marker);
    return all;
}

void pool::note_commit(member& m, std::int64_t marker) {
    m.marker = std::exchange(m.newest, marker);
    std::lock_guard guard(mutex_);
    claims_[m.number] = {marker, std::chrono::steady_clock::now()};
    ++commits_;
}

void pool::note_commit(std::int64_t marker) {
    std::lock_guard guard(mutex_);
    keep_claim({marker, std::chrono::steady_clock::now()});
    ++commits_;
}

void pool::keep_claim(const claim& c) {
    old_claims_.push_front(c);
    if (old_claims_.size() > old_claims) old_claims_.pop_back();
}

/// Under the lock: the connection is gone, and nobody removes its markers any more.
void pool::forget(member&& m) {
    if (const auto at = claims_.find(m.number); at != claims_.end()) {
        keep_claim(at->second);
        claims_.erase(at);
    }
    m.db.reset();
    --made_;
}

void pool::give_back(member&& m, bool in_transaction) {
    if (in_transaction && m.db->alive()) (void)m.db->command("ROLLBACK");
    const bool good = m.db->alive();
    m.db->forgive();
    std::lock_guard guard(mutex_);
    if (good) {
        idle_.push_back(std::move(m));
    } else {
        forget(std::move(m));
    }
    returned_.notify_one();
}

void pool::leave_unresolved(std::int64_t marker) {
    std::lock_guard guard(mutex_);
    unresolved_.push_back(marker);
}

wire::result<void> pool::settle() {
    for (;;) {
        std::int64_t marker = 0;
        {
            std::lock_guard guard(mutex_);
            if (unresolved_.empty()) return outcome::success();
            if (backing_off()) return errc::unreachable;
            marker = unresolved_.back();
        }
        const auto known = ask_for(marker);
        bool ours = false;
        {
            std::lock_guard guard(mutex_);
            tried(known ? std::error_code() : make_error_code(errc::unreachable));
            if (!known) return errc::unreachable;
            ours = std::erase(unresolved_, marker) != 0;  // another thread may have asked as well
        }
        if (ours && known.value()) note_commit(marker);
    }
}

/// The marker decides: the commit wrote it, or we do, and then the commit fails on it whenever it may still arrive. An
/// insertion under way is waited for. No clock and no guess takes part.
wire::result<bool> pool::ask_for(std::int64_t marker) {
    std::string why;
    OTA_TRY(const auto db, connection::open(options_, why));
    const auto with = parameters::of(marker);
    OTA_TRY(db->run("INSERT INTO commit_marker(token, stopped) VALUES ($1, true) ON CONFLICT DO NOTHING", with));
    OTA_TRY(const auto found, db->run("SELECT stopped::int FROM commit_marker WHERE token = $1", with));
    if (found.size() != 1) return errc::corrupt;
    return found.integer(0, 0) == 0;
}

wire::result<bool> pool::resolve(std::int64_t marker) {
    const auto until = std::chrono::steady_clock::now() + options_.resolve_timeout;
    for (;;) {
        if (auto known = ask_for(marker)) return known;
        if (std::chrono::steady_clock::now() >= until) return errc::unresolved;
        std::this_thread::sleep_for(resolve_interval);
    }
}

}  // namespace ota::store::postgres
