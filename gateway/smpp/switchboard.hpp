#pragma once

#include "gateway/bearer.hpp"
#include "gateway/smpp/client_settings.hpp"
#include "gateway/smpp/route.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// The whole client as a value: routes, their sessions and queues. No socket, timer, thread or clock inside; the shell
/// in client.cpp feeds it and performs each `turn`.
namespace ota::smpp {

/// Both clocks: time-outs run on one, expiry and validity on the other.
struct moment {
    time_point now{};
    bearer::wall_time wall{};
};

/// What the shell has to do, in this order.
struct turn {
    std::vector<link_id> connect;
    std::vector<link_id> write;  ///< take the octets with `take_output`, say `on_written` when they are in the socket
    std::vector<link_id> close;  ///< once all is written; then `on_disconnected`
    std::vector<bearer::submitted> submitted;
    std::vector<bearer::delivered> delivered;

    void clear();
};

class switchboard {
public:
    explicit switchboard(client_settings);

    void start(const moment&, turn&);
    void set_shares(const std::vector<route_share>&, const moment&, turn&);
    /// Other routes from now on (switchboard_routes.cpp). Those whose connections stay the same keep their binds and
    /// take over the rest; those that are not there any more get nothing new, take their last answers and unbind. What
    /// waits goes where it belongs.
    void set_routes(std::vector<route_settings>, const moment&, turn&);
    void submit(std::vector<bearer::submission>&&, const moment&, turn&);
    void answer(const std::vector<std::uint64_t>& tokens, bool accepted, const moment&, turn&);

    void on_connected(link_id, const moment&, turn&);
    void on_octets(link_id, wire::octet_view, const moment&, turn&);
    void on_written(link_id, const moment&, turn&);
    /// The connection is gone, or could not be made. `why`: a sentence without secrets.
    void on_disconnected(link_id, std::string_view why, const moment&, turn&);
    /// At least every 100 ms.
    void on_tick(const moment&, turn&);

    /// No more submits; what is queued is `not_sent`; links unbind once nothing is in flight.
    void shut_down(const moment&, turn&);
    /// Unbinds the rest now; what has no answer is `unknown`.
    void give_up(const moment&, turn&);
    [[nodiscard]] bool finished() const noexcept;

    /// Swaps the octets of a link named in `turn::write` into `buffer`.
    void take_output(link_id, wire::octets& buffer);
    /// Messages wait for more room in the window, until `wake_at` at the latest.
    [[nodiscard]] bool gathering(link_id, time_point now) const;
    /// Octets that wait for the socket.
    [[nodiscard]] std::size_t output_waiting(link_id) const;
    [[nodiscard]] const route_settings& settings_of(link_id) const;
    /// When a route may go on submitting; no later than a tick from now.
    [[nodiscard]] time_point wake_at(time_point now) const;
    [[nodiscard]] std::vector<route_status> status(const moment&) const;
    /// False: the route for it is another instance's now.
    [[nodiscard]] bool serves(std::string_view destination, const moment&) const;

private:
    std::size_t admit(route_settings, time_point now);
    void open_links(std::size_t route, time_point now);
    void change(route&, route_settings, time_point now);
    void dismiss(route&);
    void bury(route&);
    [[nodiscard]] bool follows_another(const route&) const;
    [[nodiscard]] bool may_connect(const link&, time_point now) const;
    [[nodiscard]] route_counters all_counts(const route&) const;
    [[nodiscard]] route_status status(const route&, const moment&) const;

    [[nodiscard]] bool ours(const link&, time_point now) const noexcept;
    [[nodiscard]] bool up(const route&, time_point now) const noexcept;
    [[nodiscard]] const route* first_for(std::string_view destination) const;
    [[nodiscard]] route* choose(std::string_view destination, time_point now);
    void place(queued, const moment&, turn&);
    void rehome(route&, const moment&, turn&);
    void hand_over(route&, turn&);
    void retire(link&, const moment&, turn&);

    void pump(route&, const moment&, turn&);
    [[nodiscard]] bool gathers(const route&, link&, time_point now) const;
    [[nodiscard]] link* free_link(route&, time_point now);
    void settle(const moment&, turn&);
    void settle(link&, const moment&, turn&);
    void flush(link&, turn&);

    void on_event(link&, bound&, const moment&, turn&);
    void on_event(link&, bind_refused&, const moment&, turn&);
    void on_event(link&, bind_asked&, const moment&, turn&) {}
    void on_event(link&, received&, const moment&, turn&);
    void on_event(link&, answered&, const moment&, turn&);
    void on_event(link&, unanswered&, const moment&, turn&);
    void on_event(link&, answered_late&, const moment&, turn&);
    void on_event(link&, ended&, const moment&, turn&);
    void after_end(link&, const moment&, turn&);

    void report(route&, queued, bearer::submit_outcome, std::uint32_t command_status, std::string message_id, turn&);
    void expire(route&, const moment&, turn&);
    [[nodiscard]] double jitter() { return std::uniform_real_distribution<double>(0, 1)(random_); }

    std::vector<route> routes_;
    std::vector<std::size_t> named_;  ///< of the routes that the settings name
    std::vector<link> links_;
    std::vector<link_id> free_links_;                          ///< of routes that are gone
    std::map<std::string, route_counters, std::less<>> past_;  ///< of routes that are gone, by name: totals never fall
    std::mt19937_64 random_;
    std::vector<event> happened_;
    std::uint64_t order_ = 0;
    bool started_ = false;
    bool stopping_ = false;
    bool shared_ = false;  ///< with other instances: a route is not ours before its share says so
};

}  // namespace ota::smpp
