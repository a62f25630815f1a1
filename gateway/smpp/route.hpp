#pragma once

#include "gateway/smpp/back_off.hpp"
#include "gateway/smpp/client_settings.hpp"
#include "gateway/smpp/pacing.hpp"
#include "gateway/smpp/route_queue.hpp"
#include "gateway/smpp/route_share.hpp"
#include "gateway/smpp/route_status.hpp"
#include "gateway/smpp/session.hpp"

#include <optional>
#include <string>
#include <vector>

/// What a switchboard is made of.
namespace ota::smpp {

/// Names one session to one SMSC, over all its connections. From 0 up.
using link_id = std::uint32_t;

/// One session of a route, and how it is connected.
struct link {
    enum class stage : std::uint8_t { waiting, connecting, connected, closing, stopped };

    link_id id = 0;
    std::size_t route = 0;
    unsigned bind = 0;  ///< of the route's binds: those with the lowest numbers are used first
    bind_kind kind = bind_kind::transceiver;
    session machine;
    back_off reconnect;
    stage at = stage::waiting;
    time_point next_attempt{};
    time_point bound_at{};
    std::optional<time_point> gathers_until;  ///< a lump of submits is being gathered
    bool writing = false;                     ///< the shell has octets of this link that are not yet in the socket
    bool close_asked = false;
    std::uint32_t refused_with = 0;            ///< status of the last bind
    std::optional<time_point> retiring_since;  ///< it is no bind of ours any more, and waits for its last answers
    actions out;
};

/// One account: its queue, its pace, what is on the wire.
class route {
public:
    explicit route(route_settings settings);

    [[nodiscard]] const route_settings& settings() const noexcept { return settings_; }
    /// Other settings from now on; the pace is the switchboard's business.
    void change(route_settings);
    /// Length of the longest prefix that fits; -1: none does.
    [[nodiscard]] int match(std::string_view destination) const noexcept;
    [[nodiscard]] status_class classify(std::uint32_t command_status) const;

    /// The submit_sm of a message. Valid until the next call.
    [[nodiscard]] const submit_sm& draft(const bearer::submission&, bearer::wall_time now);

    /// Remembers a message that goes on the wire; the slot is the token of its session.
    [[nodiscard]] std::uint64_t hold(queued);
    [[nodiscard]] queued release(std::uint64_t slot);
    [[nodiscard]] std::size_t in_flight() const noexcept { return slots_.size() - free_.size(); }

    route_queue queue;
    pacing pace;
    route_share share;
    route_counters counters;
    std::string last_fault;
    std::vector<link_id> links;
    std::size_t next_link = 0;
    enum class stage : std::uint8_t {
        works,
        leaves,  ///< no setting names it any more: it takes its last answers
        gone,    ///< its place may be taken
    };
    stage at = stage::works;

private:
    void prepare_draft();

    route_settings settings_;
    submit_sm draft_;
    std::vector<queued> slots_;
    std::vector<std::uint64_t> free_;
};

/// The session settings of one link of a route.
[[nodiscard]] session_settings session_of(const route_settings&, bind_kind);

}  // namespace ota::smpp
