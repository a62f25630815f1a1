#pragma once

#include "gateway/data_bearer.hpp"
#include "gateway/flow/channel_report.hpp"
#include "gateway/flow/twin.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ota::flow {

/// An event reaches its one final state.
struct closing {
    event_seq seq = 0;
    queue::event_state state = queue::event_state::applied;
    std::string_view reason;
    std::string detail;  ///< a sentence without secrets
    wire::octets value;  ///< get: what the card holds
    bool has_value = false;
};

/// How a packet ended, for the profile's alarm (R14) and the metrics.
enum class packet_end : std::uint8_t { answered, refused, security_error, unanswered };

/// What a link of the bearer of data channels is to do.
struct link_order {
    enum class kind : std::uint8_t {
        transmit,
        await,  ///< an answer will come: the path is kept open
        idle,   ///< nothing is to be sent: it may close after its idle time
        close,
    };
    kind is = kind::transmit;
    bearer::link_id link;
    bearer::submission_id id;
    wire::octets packet;
};

/// What a stage wants done besides changing the twin. Performed after the commit, in order (R1).
struct effects {
    std::vector<closing> closed;
    std::vector<std::string> history;  ///< JSON objects, oldest first
    std::vector<bearer::submission> send;
    std::vector<link_order> links;
    std::vector<packet_end> ends;
    bool quarantine = false;  ///< the twin's `hold` says why
    channel_report channels;

    void close(event_seq seq, queue::event_state state, std::string_view reason = {}, std::string detail = {}) {
        closed.push_back({seq, state, reason, std::move(detail), {}, false});
    }
};

}  // namespace ota::flow
