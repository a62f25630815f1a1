#include "gateway/store/sqlite/deferred_index.hpp"

#include <algorithm>

namespace ota::store::sqlite {

namespace outcome = BOOST_OUTCOME_V2_NAMESPACE;

namespace {
constexpr std::size_t entry_octets = 16;  // key, value
}

wire::result<void> deferred_index::follow(std::uint64_t generation) {
    if (loaded_ && generation_ == generation) return outcome::success();
    OTA_TRY(load());
    generation_ = generation;
    loaded_ = true;
    return outcome::success();
}

wire::result<void> deferred_index::load() {
    pending_.clear();
    further_.clear();
    fresh_.clear();
    in_log_ = since_round_began_ = 0;
    last_n_ = 0;
    round_.clear();
    OTA_TRY(auto* const read, db_.prepared(sql_.read_log));
    run r(db_, read);
    for (;;) {
        OTA_TRY(const bool row, r.next());
        if (!row) break;
        last_n_ = r.integer(0);
        wire::reader entries(wire::as_octets(r.view(1)));
        if (entries.remaining() % entry_octets != 0) return errc::corrupt;
        for (; entries.remaining() != 0; ++in_log_) {
            const auto key = static_cast<std::int64_t>(entries.u64());
            remember(key, static_cast<std::int64_t>(entries.u64()));
        }
    }
    return outcome::success();
}

void deferred_index::remember(std::int64_t key, std::int64_t value) {
    const auto [at, first] = pending_.try_emplace(key, value);
    if (first) return;
    if (one_value_) {
        at->second = value;
    } else {
        further_.emplace(key, value);
    }
}

void deferred_index::add(std::int64_t key, std::int64_t value) {
    remember(key, value);
    wire::writer entry(entry_octets);
    entry.u64(static_cast<std::uint64_t>(key)).u64(static_cast<std::uint64_t>(value));
    fresh_.insert(fresh_.end(), entry.buffer().begin(), entry.buffer().end());
}

wire::result<void> deferred_index::flush(std::uint64_t& generation, std::int64_t oldest) {
    if (fresh_.empty()) return outcome::success();
    const auto added = fresh_.size() / entry_octets;
    OTA_TRY(auto* const append, db_.prepared(sql_.append_log));
    OTA_TRY(run(db_, append, last_n_ + 1, fresh_).all());
    ++last_n_;
    in_log_ += added;
    since_round_began_ += added;
    fresh_.clear();
    generation_ = ++generation;
    if (in_log_ < log_entries_) return outcome::success();
    return move_on(added + 1, oldest);
}

void deferred_index::begin_round() {
    for (const auto& [key, value] : pending_) round_.push_back(key);
    std::sort(round_.begin(), round_.end());
    walked_ = 0;
    round_began_at_ = last_n_;
    since_round_began_ = 0;
}

wire::result<void> deferred_index::put(std::int64_t key, std::int64_t value, std::int64_t oldest) {
    if (value < oldest) return outcome::success();
    OTA_TRY(auto* const statement, db_.prepared(sql_.put));
    return run(db_, statement, key, value).all();
}

wire::result<void> deferred_index::move_on(std::size_t entries, std::int64_t oldest) {
    if (round_.empty()) begin_round();
    for (; walked_ < round_.size() && entries > 0; ++walked_, --entries) {
        const auto known = pending_.find(round_[walked_]);
        if (known == pending_.end()) continue;
        OTA_TRY(put(known->first, known->second, oldest));
        pending_.erase(known);
        if (further_.empty()) continue;
        const auto [first, last] = further_.equal_range(round_[walked_]);
        for (auto at = first; at != last; ++at) {
            OTA_TRY(put(at->first, at->second, oldest));
        }
        further_.erase(first, last);
    }
    return walked_ == round_.size() ? end_round() : outcome::success();
}

/// Every key has been passed since the round began, so the rows written before it have nothing left to tell.
wire::result<void> deferred_index::end_round() {
    OTA_TRY(auto* const cut, db_.prepared(sql_.cut_log));
    OTA_TRY(run(db_, cut, round_began_at_).all());
    in_log_ = since_round_began_;
    round_.clear();
    return outcome::success();
}

wire::result<std::vector<std::int64_t>> deferred_index::find(std::int64_t key) {
    std::vector<std::int64_t> values;
    if (const auto known = pending_.find(key); known != pending_.end()) {
        values.push_back(known->second);
        for (auto [at, end] = further_.equal_range(key); at != end; ++at) values.push_back(at->second);
    }
    OTA_TRY(auto* const get, db_.prepared(sql_.get));
    run r(db_, get, key);
    for (;;) {
        OTA_TRY(const bool row, r.next());
        if (!row) return values;
        values.push_back(r.integer(0));
    }
}

wire::result<std::optional<std::int64_t>> deferred_index::find_one(std::int64_t key) {
    if (const auto known = pending_.find(key); known != pending_.end()) return std::optional(known->second);
    OTA_TRY(auto* const get, db_.prepared(sql_.get));
    run r(db_, get, key);
    OTA_TRY(const bool row, r.next());
    if (!row) return std::optional<std::int64_t>();
    return std::optional(r.integer(0));
}

}  // namespace ota::store::sqlite
