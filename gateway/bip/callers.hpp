#pragma once

#include "gateway/bip/counts.hpp"
#include "gateway/bip/endpoint.hpp"
#include "gateway/bip/used_pushes.hpp"
#include "gateway/push_token.hpp"
#include "secure-channel/packet_stream.hpp"

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace ota::bip {

using time_point = std::chrono::steady_clock::time_point;

struct callers_settings {
    secure_channel::stream_tags tags;  ///< unconfirmed, but for the identifiers of packets
    std::size_t max_links = 10'000;    ///< connections, identified or not
    std::size_t unidentified = 1000;   ///< of these, who have not said who they are
    std::size_t per_source = 2000;     ///< of one address
    std::size_t max_packet = 16'384;   ///< octets from a card
    std::size_t backlog = 256 * 1024;  ///< octets for one card that its connection has not taken
    std::chrono::milliseconds identification_timeout{10'000};
    std::chrono::milliseconds packet_timeout{60'000};  ///< from the first octet of a packet to its last, either way
    std::chrono::milliseconds idle{60'000};            ///< without work
    unsigned unasked_packets = 16;                     ///< packets from a card beyond two for each of ours
};

/// All connections of the TCP variant, as a machine: a card connects, says who it is in an Identification Packet, and
/// then whole packets travel both ways, cut by their own tag and length [TS 102 226, 9; TS 102 225]. TCP tells nobody
/// what the card's side has taken: nothing is ever told to be acknowledged.
class callers {
public:
    using caller_id = std::uint64_t;  ///< the shell's name of a connection; never used twice

    struct output {
        caller_id to = 0;
        wire::octets octets;
    };
    struct actions {
        std::vector<output> write;
        std::vector<caller_id> close;  ///< after what is to be written
        std::vector<caller_id> cut;    ///< at once; `on_closed` does not follow
        std::vector<bearer::link_event> tell;
    };

    /// Tokens and used PUSHes must outlive this. Numbers of links are odd.
    callers(callers_settings, const bearer::push_tokens&, used_pushes&);
    ~callers();

    void on_connected(caller_id, const endpoint& from, time_point now, actions&);
    void on_octets(caller_id, wire::octet_view, time_point now, actions&);
    /// All that was to be written is in the socket.
    void on_written(caller_id, time_point now);
    void on_closed(caller_id, actions&);
    void on_tick(time_point now, actions&);

    void transmit(bearer::link_id, wire::octets packet, time_point now, actions&);
    void keep(bearer::link_id, bool work, time_point now, actions&);
    void close(bearer::link_id, actions&);
    void drain(actions&);
    void stop(actions&);

    [[nodiscard]] std::optional<time_point> due() const;
    [[nodiscard]] const bip::counts& tally() const noexcept { return counts_; }
    [[nodiscard]] std::size_t links() const noexcept { return by_link_.size(); }
    [[nodiscard]] std::size_t unidentified() const noexcept { return callers_.size() - by_link_.size(); }

private:
    struct caller;

    [[nodiscard]] std::optional<refusal> no_room(const endpoint&) const;
    bool on_packet(caller&, secure_channel::packet_stream::packet, time_point now, actions&);
    bool identify(caller&, wire::octet_view packet, time_point now, actions&);
    [[nodiscard]] std::optional<bearer::push_id> push_in(wire::octet_view packet) const;
    void refuse(caller&, refusal, actions&);
    void finish(caller&, bearer::link_down::cause, actions&);
    void end(caller&, bearer::link_down::cause, actions&);
    void settle(caller&);
    [[nodiscard]] caller* find(bearer::link_id) const;

    callers_settings settings_;
    const bearer::push_tokens& tokens_;
    used_pushes& used_;
    std::uint64_t last_link_ = 1;
    bool draining_ = false;
    std::unordered_map<caller_id, std::unique_ptr<caller>> callers_;
    std::unordered_map<std::uint64_t, caller*> by_link_;
    std::unordered_map<ip_address, std::size_t, ip_hash> by_source_;
    std::set<std::pair<time_point, caller_id>> timers_;
    bip::counts counts_;
};

}  // namespace ota::bip
