#pragma once

#include "gateway/dm/dispatch.hpp"
#include "gateway/dm/event.hpp"
#include "gateway/dm/handshake.hpp"

#include <array>

/// One session of OMA DM 1.2, the server's side, as a value: no socket, clock or random inside.
///     device                                     server
///     package 1: Alert 1200/1201, DevInfo  --->
///                                          <---  package 2: Status, commands
///     package 3: Status, Results, Alerts   --->
///                                          <---  package 4: Status, commands (then 3 again), or nothing but Final: the
///                                          end
namespace ota::dm {

using time_point = std::chrono::steady_clock::time_point;

struct inbound {
    std::string_view content_type;
    wire::octet_view body;
    std::string_view hmac = {};  ///< value of x-syncml-hmac, or empty
};

struct outbound {
    unsigned http_status = 200;  ///< other than 200: no message, the input was none that a session could answer
    std::string content_type;
    wire::octets body;
    std::string hmac;  ///< value of x-syncml-hmac, or empty
    bool operator==(const outbound&) const = default;
};

/// Names in a header are short: addresses of at most 1024 octets, a SessionID of at most 64.
[[nodiscard]] bool has_short_names(const management_object::dm::header&) noexcept;

/// Of a Content-Type: without parameters ("; charset=utf-8"), in lower case.
[[nodiscard]] std::string media_type(std::string_view content_type);

/// Use: for each message `on_message`, then whatever `queue` of what came of it, then exactly one `reply`. Nonces among
/// the events are stored before the reply is sent: else the next session begins with a challenge.
class session {
public:
    session(settings, account_lookup, nonce_supplier);

    [[nodiscard]] events on_message(const inbound&, time_point now);
    /// Gives the session up when the device is silent for too long.
    [[nodiscard]] events on_tick(time_point now);
    struct answer {
        outbound message;
        events what;  ///< orders that cannot be sent, the end of the session
    };
    /// The answer to the last message; the same again when that message was repeated.
    [[nodiscard]] answer reply();

    /// To be sent when the device is ready for it; a session without orders ends.
    void queue(order);
    /// The next reply aborts the session (Alert 1223).
    void abort() noexcept { aborting_ = ending::aborted_by_owner; }

    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    /// The device has proven who it is.
    [[nodiscard]] bool proven() const noexcept { return device_proof_.proven(); }
    /// The same octets as the last message that was answered: its answer comes again.
    [[nodiscard]] bool repeats(const inbound&) const;
    [[nodiscard]] const std::string& id() const noexcept { return id_; }          ///< empty before the first message
    [[nodiscard]] const std::string& device() const noexcept { return device_; }  ///< as it calls itself
    /// Octets that it keeps of what came from outside, and for it; bounded while nobody has proven to be the device.
    [[nodiscard]] std::size_t octets_kept() const noexcept;
    [[nodiscard]] const counts& tally() const noexcept { return tally_; }

private:
    // Input: session_input.cpp.
    [[nodiscard]] bool taken_by_transport(const inbound&);
    [[nodiscard]] std::uint16_t fault_of(const management_object::dm::message&);
    void refuse(const management_object::dm::message&, std::uint16_t code, bool whole_body);
    [[nodiscard]] bool look_up(const management_object::dm::message&, const inbound&);
    void let_in(const management_object::dm::message&, const inbound&, time_point now, events&);
    [[nodiscard]] bool proves_itself(const management_object::dm::message&, const inbound&, events&);
    void take(const management_object::dm::command&, events&);
    void take(const management_object::dm::alert&, events&);
    void take(const management_object::dm::status&, events&);
    void take(const management_object::dm::results&, events&);
    void take(const management_object::dm::operation&, events&);
    void take(const management_object::dm::group&, events&);
    void take(const management_object::dm::unknown_command&, events&);
    void close_package(events&);
    void not_a_message(unsigned http_status, std::uint64_t counts::*what);
    void status_for(std::uint32_t cmd_ref, std::string cmd, std::uint16_t code,
                    std::vector<std::string> source_refs = {});

    // Output: session.cpp.
    [[nodiscard]] management_object::dm::message begin() const;
    [[nodiscard]] std::size_t largest_message() const noexcept;
    void cut(management_object::dm::message&);
    void compose(management_object::dm::message&, events&);
    [[nodiscard]] outbound sealed(const management_object::dm::message&) const;
    void end(ending, events&);

    settings settings_;
    account_lookup find_account_;
    counts tally_;
    device_proof device_proof_;
    server_proof server_proof_;
    dispatch orders_;
    std::optional<account> account_;

    management_object::dm::encoding as_ = management_object::dm::encoding::xml;
    std::string id_, device_, target_;
    std::uint32_t last_in_ = 0, last_out_ = 0;
    std::uint32_t asked_ = 0;  // our last message that was no mere refusal of a misplaced one
    std::size_t largest_out_ = 0, largest_object_out_ = 0;
    bool final_in_ = false, final_out_ = true;
    bool begun_ = false, started_ = false, aborted_ = false, ended_ = false;
    bool refused_ = false;         // the last message was; its reply carries no commands
    bool misplaced_ = false;       // it was, and counts for nothing
    bool device_refused_ = false;  // the last message told that it did not take our credentials
    std::optional<ending> aborting_;
    unsigned faults_ = 0;
    std::optional<time_point> heard_;

    std::vector<management_object::dm::command> statuses_;
    std::vector<management_object::dm::command> owed_;  // Status for which our last message had no room
    std::array<std::uint8_t, 32> last_in_digest_{};     // of the last message: the message itself is not kept
    std::optional<outbound> last_reply_;                // to it
    std::optional<outbound> ready_;                     // the reply, when there is nothing to compose
};

}  // namespace ota::dm
