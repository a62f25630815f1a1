#pragma once

#include "gateway/store/leases.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// What several gateways on one store share out among them: their numbers, the binds of the routes, the outbox.
namespace ota::cluster {

using time_point = std::chrono::steady_clock::time_point;

/// Leases, by name:
///     instance/N      N is the number of a living instance: part of every id that it makes
///     since/N/T       its process began at T, milliseconds since 1970 by its own clock
///     bind/ROUTE/I    one of the binds that a route has over the whole cluster
///     unfit/ROUTE/N   instance N does not get through to the SMSC of this route
///     outbox/S        a shard of the outbox: who publishes it
///     unfit-outbox/N  instance N does not get through to the topics
///     alone           a tool that wants the store for itself
inline constexpr std::string_view alone_lease = "alone";
[[nodiscard]] std::string instance_lease(std::uint16_t number);

/// A route as the settings have it: its binds are those of the whole cluster.
struct route_quota {
    std::string name;
    unsigned binds = 1;
};

struct member_settings {
    std::uint16_t instance = 0;
    store::wall_time since{};  ///< when this process began
    std::vector<route_quota> routes;
    /// How long it looks on before it takes over what others left: after an outage of the store all come back one after
    /// the other.
    std::chrono::milliseconds settle{3000};
};

/// What of a route is in use here: told before each look.
struct route_use {
    unsigned open = 0;   ///< connections that the SMSC may count as binds
    unsigned bound = 0;  ///< that can submit
};

/// What of the outbox is in use here.
struct outbox_use {
    enum class sink : std::uint8_t { unknown, works, fails };
    store::shard_set shards = 0;  ///< that may be read or published now
    sink is =
        sink::unknown;  ///< how the last publication went; unknown: nothing is there to be published since it failed
};

/// Of leases with this life. Within it everybody who lives has renewed his: a renewal may take as long as the store's
/// patience (3 s).
[[nodiscard]] constexpr std::chrono::milliseconds settle_after(std::chrono::milliseconds life) noexcept {
    return life / 5 + std::chrono::seconds(5);
}

/// What this instance may do, until a moment.
struct share {
    std::string refused;                              ///< a sentence: it may do nothing; empty: it is a member
    std::vector<unsigned> binds;                      ///< by route
    store::shard_set outbox = 0;                      ///< that it publishes
    std::map<std::uint16_t, store::wall_time> alive;  ///< instances that hold their number, and since when
    bool settled = false;  ///< it has seen long enough who lives: who is not in `alive` is gone
    time_point until{};    ///< by then all of it is renewed, or over
    unsigned epoch = 0;    ///< another one when the lease was over in between; 0: no member
};

/// One instance's part in the sharing, as a machine. Every instance shares evenly: those that hold too much give back
/// what they do not use any more, those that hold too little take what is free.
class member {
public:
    explicit member(member_settings);

    /// Other routes: those that stay keep what they hold, binds that there are no more are held until they are down.
    /// From now on uses and shares come in the new order.
    void set_routes(const std::vector<route_quota>&, time_point now);

    /// Before each look: what is in use, so that it is not given back too early.
    void on_use(const std::vector<route_use>&, const outbox_use&, time_point now);
    /// What to hold from now on (lease_table::hold).
    [[nodiscard]] std::vector<std::string> choose(const store::lease_scene&, time_point now);
    /// What was given, for `life` from `asked` on, the moment before the store was asked.
    [[nodiscard]] share on_held(const std::vector<std::string>& names, time_point asked,
                                std::chrono::milliseconds life);

private:
    /// With something that does not work here: whether others should have it.
    struct patience {
        std::chrono::milliseconds first;
        std::chrono::milliseconds wait = first;
        std::optional<time_point> down_since{};
        time_point unfit_until{};

        void works() { *this = {first}; }
        void fails(time_point now);
    };
    /// Something in equal parts: the binds of a route, or the outbox.
    struct pool {
        std::string prefix, unfit;  ///< of its leases
        unsigned size = 0;
        patience with;
        std::set<unsigned> held{};    ///< parts that are ours
        unsigned mine = 0;            ///< how many of them are to be used here: the first ones
        unsigned told = 0;            ///< as the last share has it: it may be in use before we hear of it
        std::set<unsigned> in_use{};  ///< of the outbox: parts that are not yet free to give back
        unsigned open = 0;            ///< of a route: connections
    };

    void look(const store::lease_scene&, time_point now);
    void find_own(pool&, std::span<const std::string> own) const;
    [[nodiscard]] unsigned target(const pool&, const std::set<std::uint16_t>& sharers) const;
    void share_out(pool&, std::span<const store::lease> others, time_point now, std::vector<std::string>& wanted);
    [[nodiscard]] std::set<std::uint16_t> fit_for(const pool&, std::span<const store::lease> others, bool me) const;

    member_settings settings_;
    std::vector<pool> routes_;
    std::map<std::string, time_point>
        leaving_;  ///< leases of binds that no route has any more, and how long they are held
    pool outbox_;
    std::map<std::uint16_t, store::wall_time> alive_;  ///< this instance too
    std::string refused_;
    std::optional<time_point> member_since_;
    time_point until_{};
    unsigned epoch_ = 0;
    bool somebody_left_ = false;  ///< since we came
    bool may_take_over_ = false;
};

}  // namespace ota::cluster
