#pragma once

#include "gateway/smpp/number_table.hpp"
#include "gateway/smpp/pdu.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// One SMPP 3.4 session as a value, in either role. No socket, timer, thread or clock inside: the shell feeds it and
/// performs what it says.
namespace ota::smpp {

using time_point = std::chrono::steady_clock::time_point;
using milliseconds = std::chrono::milliseconds;

enum class role : std::uint8_t { esme, smsc };

struct session_settings {
    role side = role::esme;
    bind credentials;                    ///< ESME: how to bind
    std::size_t window = 10;             ///< unanswered messages of ours
    std::size_t open_requests = 10'000;  ///< unanswered messages of the peer; one more gets an error at once
    milliseconds response_timeout{30'000};
    milliseconds bind_timeout{30'000};
    milliseconds enquire_interval{30'000};  ///< of silence; 0: never ask
    milliseconds enquire_timeout{10'000};
    unsigned enquire_misses = 2;    ///< unanswered enquire_link until the session is given up
    milliseconds answer_within{0};  ///< R4: then the peer's message gets 0x64; 0: never
    std::uint32_t first_sequence = 1;
};

enum class end_reason : std::uint8_t {
    disconnected,        ///< the connection went away
    bind_refused,        ///< with the status of `bind_refused`
    bind_timeout,        ///< no bind, or no answer to it
    peer_unbound,        ///< the peer said unbind
    unbound,             ///< we said unbind
    enquire_unanswered,  ///< the peer is silent
    unreadable,          ///< command_length cannot be right
};

/// A sentence for an operator.
[[nodiscard]] std::string_view sentence(end_reason) noexcept;

// What happens, in order.
// ----------------------------------------------------------------------------------------------

/// The session is bound.
struct bound {
    bind_kind kind = bind_kind::transceiver;
    std::string system_id;  ///< the peer's
};
struct bind_refused {
    std::uint32_t command_status = 0;
};
/// SMSC: to be answered with `answer_bind`.
struct bind_asked {
    bind what;
};
/// A message of the peer, to be answered with `answer`.
struct received {
    std::uint32_t request = 0;  ///< of this session object, over all its connections
    std::variant<submit_sm, deliver_sm, data_sm> message;
};
/// The peer's answer to a message of ours; generic_nack included.
struct answered {
    std::uint64_t token = 0;
    std::uint32_t command_status = 0;
    std::uint8_t congestion = 0;  ///< congestion_state, 0 where not told
    std::string message_id;       ///< as given
    std::chrono::steady_clock::duration waited{};
};
/// No answer: in time, or because the session ended. The message may have been taken.
struct unanswered {
    std::uint64_t token = 0;
    bool timed_out = false;
};
/// The peer's message was answered with 0x64 because `answer` did not come in time (R4).
struct answered_late {
    std::uint32_t request = 0;
};
/// The session is over: the shell closes the connection once all octets given so far are written. Always the last
/// event.
struct ended {
    end_reason reason = end_reason::disconnected;
};

using event = std::variant<bound, bind_refused, bind_asked, received, answered, unanswered, answered_late, ended>;

/// The octets to write, and what happened. The session appends; the shell empties both.
struct actions {
    wire::writer write;
    std::vector<event> events;
};

struct session_counters {
    std::uint64_t malformed_pdus = 0;
    std::uint64_t dropped_tlvs = 0;
    std::uint64_t unknown_commands = 0;
    std::uint64_t stray_responses = 0;
};

class session {
public:
    explicit session(session_settings);

    /// Other settings of the same side: credentials count from the next bind on, all others at once.
    void change(session_settings settings) { settings_ = std::move(settings); }
    /// A new session in place of this one. `request` numbers go on: an answer to this one's requests finds nobody
    /// there.
    [[nodiscard]] session successor(session_settings) const;

    /// A connection stands. The object serves one connection after another; `request` numbers go on.
    void on_connected(time_point now, actions&);
    void on_octets(wire::octet_view, time_point now, actions&);
    void on_disconnected(actions&);
    /// To be called at least each second. After a longer gap time-outs are put off to the next tick, so that what waits
    /// in the socket is read first.
    void on_tick(time_point now, actions&);

    /// A message of ours; `token` comes back in `answered` or `unanswered`. False, and nothing done, when it is not
    /// bound for it or the window is full.
    [[nodiscard]] bool submit(const submit_sm&, std::uint64_t token, time_point now, actions&);
    [[nodiscard]] bool deliver(const std::variant<deliver_sm, data_sm>&, std::uint64_t token, time_point now, actions&);

    /// Answers `received`. Nothing happens when it has been answered, or its connection is gone.
    bool answer(std::uint32_t request, std::uint32_t command_status, const message_resp&, bool with_body, actions&);
    /// SMSC: answers `bind_asked`. An error ends the session.
    void answer_bind(std::uint32_t command_status, std::string system_id, actions&);

    /// Says unbind; messages of the peer that wait for an answer get 0x64.
    void unbind(time_point now, actions&);

    [[nodiscard]] bool is_bound() const noexcept { return state_ == state::bound; }
    [[nodiscard]] bool can_submit() const noexcept { return is_bound() && smpp::can_submit(kind_); }
    [[nodiscard]] bool can_receive() const noexcept { return is_bound() && smpp::can_receive(kind_); }
    [[nodiscard]] std::size_t in_flight() const noexcept { return pending_.size(); }
    [[nodiscard]] std::size_t open_requests() const noexcept { return requests_.size(); }
    [[nodiscard]] std::size_t room() const noexcept;
    [[nodiscard]] bind_kind kind() const noexcept { return kind_; }
    [[nodiscard]] const session_counters& counters() const noexcept { return counters_; }

private:
    enum class state : std::uint8_t { ended, open, binding, bound, unbinding };

    struct waiting {  ///< a message of ours
        std::uint64_t token = 0;
        time_point sent{};
    };
    struct open_request {  ///< a message of the peer
        std::uint32_t sequence_number = 0;
        command_id answer = command_id::deliver_sm_resp;
        time_point arrived{};
    };

    std::uint32_t next_sequence();
    template <class T>
    void write(const T& what, std::uint32_t command_status, std::uint32_t sequence_number, actions& out) {
        serialize(body(what), command_status, sequence_number, out.write);
    }
    void finish(end_reason, actions&);
    void wait_for(std::uint32_t sequence_number, std::uint64_t token, time_point now);

    void on_pdu(wire::octet_view, time_point now, actions&);
    void on_unreadable(const header&, actions&);
    void on_body(submit_sm&, const pdu&, time_point, actions&);
    void on_body(deliver_sm&, const pdu&, time_point, actions&);
    void on_body(data_sm&, const pdu&, time_point, actions&);
    void on_body(message_resp&, const pdu&, time_point, actions&);
    void on_body(bind&, const pdu&, time_point, actions&);
    void on_body(bind_resp&, const pdu&, time_point, actions&);
    void on_body(enquire_link&, const pdu&, time_point, actions&);
    void on_body(enquire_link_resp&, const pdu&, time_point, actions&) {}
    void on_body(smpp::unbind&, const pdu&, time_point, actions&);
    void on_body(unbind_resp&, const pdu&, time_point, actions&);
    void on_body(generic_nack&, const pdu&, time_point, actions&);
    void on_body(outbind&, const pdu&, time_point, actions&) {}
    void on_body(alert_notification&, const pdu&, time_point, actions&) {}
    template <class T>
    void take_in(T& message, command_id answer, bool fits, const pdu&, time_point, actions&);
    void conclude_bind(std::uint32_t command_status, std::string system_id, actions&);
    void conclude(std::uint32_t sequence_number, std::uint32_t command_status, message_resp*, time_point, actions&);

    void expire_pending(time_point now, actions&);
    void expire_requests(time_point now, actions&);
    void enquire(time_point now, actions&);

    session_settings settings_;
    state state_ = state::ended;
    bind_kind kind_ = bind_kind::transceiver;
    std::uint32_t sequence_ = 0;
    std::uint32_t request_ = 0;
    std::uint32_t control_sequence_ = 0;  ///< of the bind under way
    time_point since_{};                  ///< when `state_` was entered
    time_point last_heard_{};
    time_point last_tick_{};
    std::optional<time_point> enquired_;
    unsigned missed_ = 0;
    wire::octets tail_;
    number_table<waiting> pending_;
    number_table<open_request> requests_;
    session_counters counters_;
};

}  // namespace ota::smpp
