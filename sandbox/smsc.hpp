#pragma once

#include "gateway/smpp/server.hpp"
#include "sandbox/dice.hpp"
#include "sandbox/message_forms.hpp"
#include "sandbox/meter.hpp"
#include "sandbox/network.hpp"
#include "sandbox/smsc_counts.hpp"
#include "sandbox/smsc_settings.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace ota::sandbox {

/// An SMSC as a machine: PDUs and the time go in, PDUs come out. Sockets are the shell's (peers). The same seed and the
/// same inputs give the same faults.
class smsc {
public:
    /// What the shell has to do, in this order.
    struct output {
        std::vector<smpp::response> responses;
        std::vector<smpp::delivery> deliveries;
        bool cut_all = false;  ///< every connection, after the rest

        [[nodiscard]] bool empty() const noexcept { return responses.empty() && deliveries.empty() && !cut_all; }
    };

    smsc(smsc_settings settings, network& to) : settings_(std::move(settings)), network_(to), dice_(settings_.seed) {}

    [[nodiscard]] smpp::bind_decision on_bind(smpp::session_id, const smpp::bind&);
    void on_closed(smpp::session_id);
    [[nodiscard]] output on_submit(std::vector<smpp::received_submit>, instant now);
    [[nodiscard]] output on_deliver_answered(std::vector<smpp::delivery_answered>, instant now);
    /// Whatever is due.
    [[nodiscard]] output on_tick(instant now);
    /// When on_tick has something to do; nothing when only inputs move the machine on.
    [[nodiscard]] std::optional<instant> next_due(instant now) const noexcept;

    /// Other behaviour from now on; chance goes on where it is.
    void change(const smsc_settings& settings) { settings_ = settings; }

    [[nodiscard]] const smsc_counts& counts() const noexcept { return counts_; }
    [[nodiscard]] const meter& submits() const noexcept { return meter_; }
    /// The most that were bound at one time.
    [[nodiscard]] std::size_t peak_sessions() const noexcept { return peak_sessions_; }
    /// Messages, receipts and answers on their way.
    [[nodiscard]] std::size_t waiting() const noexcept { return timed_.size() + unbound_.size() + in_flight_.size(); }

private:
    using pdu = std::variant<smpp::deliver_sm, smpp::data_sm>;

    /// A message between submission and its end.
    struct message {
        smpp::session_id from = 0;
        std::string account;
        std::uint64_t number = 0;
        std::string receipt_id;
        smpp::submit_sm sm;
        std::optional<instant> valid_until;
        instant taken{};
        unsigned tries = 0;
        bool copy = false;  ///< made by the network: no receipt of its own
    };
    /// A PDU for an ESME.
    struct outgoing {
        smpp::session_id preferred = 0;
        std::string account;
        pdu what;
        unsigned tries = 0;
    };
    using due = std::variant<message, outgoing, smpp::response>;

    struct account_state {
        std::vector<smpp::session_id> receivers;
        std::size_t turn = 0;
        double tokens = 0;
        instant refilled{};
    };
    struct session_state {
        std::string account;
        bool receives = false;
    };

    // smsc.cpp: the ESME's side
    [[nodiscard]] std::uint32_t admit(const std::string& account, instant now);
    [[nodiscard]] bool within_rate(account_state&, instant now);
    void take(smpp::received_submit, instant now, output&);
    [[nodiscard]] instant response_time(instant now);
    void respond(const smpp::received_submit&, std::uint32_t status, std::string id, instant at, instant now, output&);
    void emit(outgoing, instant now, output&);
    void emit_at(outgoing, instant at, instant now, output&);
    [[nodiscard]] smpp::session_id receiver_for(const outgoing&);
    [[nodiscard]] std::string account_of(smpp::session_id) const;
    [[nodiscard]] bool stalled(instant now) const noexcept { return now < stalled_until_; }

    // smsc_delivery.cpp: the card's side
    void travel(message, instant now, output&);
    void deliver(message, instant now, output&);
    void acknowledged(const message&, sms_report, instant now, output&);
    void pass_on_report(const message&, const wire::octets& user_data, instant now, output&);
    void pass_on_submit(const message&, const wire::octets& user_data, instant now, output&);
    void receipt(const message&, final_state, std::uint8_t cause, const wire::octets* rider, instant now, output&);
    void retry_or_fail(message, std::uint8_t cause, instant now, output&);
    [[nodiscard]] outgoing to_sender(const message&, pdu) const;

    smsc_settings settings_;
    network& network_;
    dice dice_;
    smsc_counts counts_;
    meter meter_;
    std::unordered_map<smpp::session_id, session_state> sessions_;
    std::size_t peak_sessions_ = 0;
    std::unordered_map<std::string, account_state> accounts_;
    std::multimap<instant, due> timed_;
    std::deque<outgoing> unbound_;  ///< for accounts without a receiving session
    bool newly_bound_ = false;      ///< one may have come
    std::unordered_map<std::uint64_t, outgoing> in_flight_;
    std::uint64_t next_token_ = 1;
    std::uint64_t next_number_ = 1;
    instant stalled_until_{};
};

}  // namespace ota::sandbox
