#include "gateway/cluster/member.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

namespace ota::cluster {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view instance_prefix = "instance/", since_prefix = "since/", outbox_prefix = "outbox/";
constexpr milliseconds route_patience{10'000}, outbox_patience{30'000}, longest_wait{600'000};
constexpr milliseconds goodbye{15'000};  ///< of the SMPP client to a bind, its last answers included: 11 s

std::optional<unsigned> number_behind(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return std::nullopt;
    unsigned n = 0;
    const auto* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + prefix.size(), end, n);
    if (error != std::errc{} || at != end) return std::nullopt;
    return n;
}

/// Number and time of "since/N/T".
std::optional<std::pair<std::uint16_t, store::wall_time>> beginning(std::string_view name) {
    if (!name.starts_with(since_prefix)) return std::nullopt;
    std::uint16_t number = 0;
    std::int64_t time = 0;
    const auto* const end = name.data() + name.size();
    const auto [slash, first] = std::from_chars(name.data() + since_prefix.size(), end, number);
    if (first != std::errc{} || slash == end || *slash != '/') return std::nullopt;
    const auto [at, second] = std::from_chars(slash + 1, end, time);
    if (second != std::errc{} || at != end) return std::nullopt;
    return std::pair(number, store::wall_time(milliseconds(time)));
}

std::set<std::uint16_t> numbers_of(const std::map<std::uint16_t, store::wall_time>& alive) {
    std::set<std::uint16_t> out;
    for (const auto& [number, since] : alive) out.insert(number);
    return out;
}

bool lives(const store::lease& l) noexcept { return l.left.count() > 0; }

}  // namespace

std::string instance_lease(std::uint16_t number) { return std::string(instance_prefix) + std::to_string(number); }

member::member(member_settings settings) : settings_(std::move(settings)) {
    set_routes(settings_.routes, {});
    outbox_ = {.prefix = std::string(outbox_prefix),
               .unfit = "unfit-outbox/",
               .size = store::outbox_shards,
               .with = {outbox_patience}};
}

void member::set_routes(const std::vector<route_quota>& routes, time_point now) {
    const auto before = std::exchange(routes_, {});
    for (const auto& p : before)
        for (const auto part : p.held) leaving_[p.prefix + std::to_string(part)] = now + goodbye;
    for (const auto& r : routes) {
        pool fresh{.prefix = "bind/" + r.name + "/",
                   .unfit = "unfit/" + r.name + "/",
                   .size = r.binds,
                   .with = {route_patience}};
        const auto old = std::ranges::find(before, fresh.prefix, &pool::prefix);
        auto& p = routes_.emplace_back(old != before.end() ? *old : std::move(fresh));
        p.size = r.binds;
        p.told = std::min(p.told, p.size);
        p.held.clear();
        for (unsigned part = 0; part < p.size; ++part)
            if (leaving_.erase(p.prefix + std::to_string(part)) > 0) p.held.insert(part);
    }
}

/// Others may get through; each time we try longer, and leave it to them longer.
void member::patience::fails(time_point now) {
    if (!down_since) {
        down_since = now;
    } else if (now - *down_since >= wait) {
        unfit_until = now + wait;
        wait = std::min(2 * wait, longest_wait);
        down_since.reset();
    }
}

void member::on_use(const std::vector<route_use>& routes, const outbox_use& outbox, time_point now) {
    const bool may = now < until_;  // without a lease nothing is up, and that says nothing about its peer
    for (std::size_t i = 0; i < routes_.size() && i < routes.size(); ++i) {
        auto& p = routes_[i];
        p.open = routes[i].open;
        if (routes[i].bound > 0) {
            p.with.works();
        } else if (p.mine > 0 && may) {
            p.with.fails(now);
        } else {
            p.with.down_since.reset();
        }
    }
    switch (may ? outbox.is : outbox_use::sink::unknown) {
        case outbox_use::sink::works: outbox_.with.works(); break;
        case outbox_use::sink::fails: outbox_.with.fails(now); break;
        case outbox_use::sink::unknown: outbox_.with.down_since.reset(); break;
    }
    outbox_.in_use.clear();
    for (unsigned s = 0; s < store::outbox_shards; ++s)
        if ((outbox.shards >> s & 1) != 0) outbox_.in_use.insert(s);
}

/// After a new start, or an outage: what the store still has as ours is taken back first.
void member::find_own(pool& p, std::span<const std::string> own) const {
    for (const auto& name : own)
        if (const auto part = number_behind(name, p.prefix); part && *part < p.size) p.held.insert(*part);
}

/// Who lives, and whether we may be here at all.
void member::look(const store::lease_scene& scene, time_point now) {
    const auto& others = scene.others;
    alive_ = {{settings_.instance, settings_.since}};
    refused_.clear();
    // We were away: by our clock, or by the store's where ours stood still.
    if (member_since_ && (now >= until_ || scene.lapsed)) {
        member_since_.reset();
        somebody_left_ = true;  // others may have been away with us, for so long that nothing tells of them
    }
    if (!member_since_) {
        for (auto& p : routes_) find_own(p, scene.own);
        find_own(outbox_, scene.own);
    }
    const auto mine = instance_lease(settings_.instance);
    for (const auto& each : others) {
        const auto number = number_behind(each.name, instance_prefix);
        if (!lives(each)) {
            somebody_left_ |= number.has_value();
        } else if (each.name == mine) {
            refused_ = "instance number " + std::to_string(settings_.instance) + " is held by another gateway for " +
                       std::to_string(each.left.count()) + " ms (give each gateway its own --instance)";
        } else if (each.name == alone_lease) {
            refused_ =
                "a tool that wants the store for itself is at work (`otagw store recover` or `otagw keys rewrap`)";
        } else if (number && *number < 256) {
            alive_.try_emplace(static_cast<std::uint16_t>(*number));
        }
    }
    for (const auto& each : others) {
        const auto began = lives(each) ? beginning(each.name) : std::nullopt;
        const auto at = began ? alive_.find(began->first) : alive_.end();
        if (at != alive_.end() && at->first != settings_.instance) at->second = began->second;
    }
    const bool settled = member_since_ && now - *member_since_ >= settings_.settle;
    may_take_over_ = settled || !somebody_left_;
}

std::set<std::uint16_t> member::fit_for(const pool& p, std::span<const store::lease> others, bool me) const {
    const auto everyone = numbers_of(alive_);
    auto fit = everyone;
    for (const auto& each : others) {
        const auto number = number_behind(each.name, p.unfit);
        if (number && lives(each)) fit.erase(static_cast<std::uint16_t>(*number));
    }
    if (!me) fit.erase(settings_.instance);
    return fit.empty() ? everyone : fit;
}

/// Equal parts; who gets one of those that are left over differs from pool to pool.
unsigned member::target(const pool& p, const std::set<std::uint16_t>& sharers) const {
    const auto me = sharers.find(settings_.instance);
    if (me == sharers.end()) return 0;
    const auto n = static_cast<unsigned>(sharers.size());
    const auto rank = static_cast<unsigned>(std::distance(sharers.begin(), me));
    const auto turn = (rank + n - store::shard_of(p.prefix) % n) % n;
    return p.size / n + (turn < p.size % n ? 1 : 0);
}

void member::share_out(pool& p, std::span<const store::lease> others, time_point now,
                       std::vector<std::string>& wanted) {
    const bool fit = now >= p.with.unfit_until;
    if (!fit) wanted.push_back(p.unfit + std::to_string(settings_.instance));
    const auto want = target(p, fit_for(p, others, fit));
    std::set<unsigned> taken;
    for (const auto& each : others)
        if (const auto part = number_behind(each.name, p.prefix); part && lives(each)) taken.insert(*part);
    std::set<unsigned> keep;
    for (const auto part : p.held) {  // the first ones are kept, and of the others what is still in use
        if (taken.contains(part)) continue;
        const bool used = p.in_use.contains(part) || keep.size() < std::max(p.open, p.told);
        if (keep.size() < want || used) keep.insert(part);
    }
    for (unsigned part = 0; part < p.size && keep.size() < want; ++part) {
        if (!may_take_over_ || taken.contains(part) || keep.contains(part)) continue;
        keep.insert(part);
    }
    p.mine = want;
    for (const auto part : keep) wanted.push_back(p.prefix + std::to_string(part));
}

std::vector<std::string> member::choose(const store::lease_scene& scene, time_point now) {
    look(scene, now);
    if (!refused_.empty()) return {};
    std::vector<std::string> wanted{instance_lease(settings_.instance)};
    wanted.push_back(std::string(since_prefix) + std::to_string(settings_.instance) + "/" +
                     std::to_string(settings_.since.time_since_epoch().count()));
    for (auto& p : routes_) share_out(p, scene.others, now, wanted);
    share_out(outbox_, scene.others, now, wanted);
    std::erase_if(leaving_, [&](const auto& each) { return each.second <= now; });
    for (const auto& [name, until] : leaving_) wanted.push_back(name);
    return wanted;
}

share member::on_held(const std::vector<std::string>& names, time_point asked, milliseconds life) {
    share out;
    out.refused = refused_;
    const std::set<std::string_view> given(names.begin(), names.end());
    const bool is_member = given.contains(instance_lease(settings_.instance));
    const auto take = [&](pool& p) {
        p.held.clear();
        for (unsigned part = 0; part < p.size; ++part)
            if (given.contains(p.prefix + std::to_string(part))) p.held.insert(part);
        p.told = is_member ? std::min(p.mine, static_cast<unsigned>(p.held.size())) : 0;
        return p.told;
    };
    for (auto& p : routes_) out.binds.push_back(take(p));
    take(outbox_);
    if (!is_member) {
        member_since_.reset();
        if (out.refused.empty()) out.refused = "the number of this instance was not given";
        return out;
    }
    until_ = out.until = asked + life - life / 10;  // clocks may run apart a little
    if (!member_since_) {
        member_since_ = asked;
        ++epoch_;
    }
    out.epoch = epoch_;
    for (const auto shard : outbox_.held) {
        if (std::popcount(out.outbox) < static_cast<int>(outbox_.told)) out.outbox |= store::shard_set{1} << shard;
    }
    out.alive = alive_;
    out.settled = asked - *member_since_ >= settings_.settle;
    return out;
}

}  // namespace ota::cluster
