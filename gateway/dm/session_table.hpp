#pragma once

#include "gateway/dm/session.hpp"

#include <memory>

/// The sessions of many devices: which one a message belongs to, and how many there may be.
namespace ota::dm {

struct table_settings {
    settings each;
    std::size_t limit = 1000;               ///< sessions kept at once, the ended ones counted
    std::chrono::seconds until_proven{30};  ///< without a message, while nobody has proven to be the device
    std::chrono::seconds after_end{30};     ///< an ended session still repeats its last reply
};

/// What the table itself decided, for metrics; what its sessions met is in `counts`.
struct table_counts {
    std::uint64_t begun = 0;        ///< sessions
    std::uint64_t full = 0;         ///< 503: as many as the limit, all of them live and proven
    std::uint64_t not_kept = 0;     ///< 503: what a message brought could not be stored
    std::uint64_t crowded_out = 0;  ///< sessions that were not proven and gave way to a newer one
};

/// What became of what a message brought.
enum class keeping : std::uint8_t {
    done,   ///< the answer goes out
    later,  ///< not stored yet: 503. The device says the same again, and gets this answer once it is
    anew,   ///< the session cannot begin now: 503, and it is forgotten. The device says the same again to a new one
};

/// Whoever decides what devices shall do; its functions are called one at a time. `on_event` may queue orders into the
/// session.
struct owner {
    account_lookup find_account;
    nonce_supplier next_nonce;
    std::function<void(session&, const event&)> on_event;
    /// After what a message brought and before its answer goes out: stores what must be (nonces, answers, alerts). Also
    /// after a tick that brought something. May be empty.
    std::function<keeping(session&)> keep = {};
};

/// A session is named by who calls (Source of the header) and by its SessionID, both as the device tells them. No
/// socket, clock, thread or lock inside.
class session_table {
public:
    session_table(table_settings, owner);

    /// What to answer: 503 when there is no room for a session.
    [[nodiscard]] outbound on_message(const inbound&, time_point now);
    /// Ends what is silent for too long and forgets what has ended. Also done by `on_message`, once a second at most.
    void on_tick(time_point now);

    [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }
    [[nodiscard]] const table_counts& tally() const noexcept { return tally_; }
    /// Of all sessions, those that are gone too.
    [[nodiscard]] counts met() const;

private:
    using name = std::pair<std::string, std::string>;  // device, session identifier
    struct entry {
        entry(const settings& s, const owner& o) : it(s, o.find_account, o.next_nonce) {}
        session it;
        time_point heard;
    };
    using sessions = std::map<name, std::unique_ptr<entry>>;

    [[nodiscard]] entry* find_or_begin(const management_object::dm::message&, const inbound&, time_point now);
    [[nodiscard]] bool make_room();
    sessions::iterator forget(sessions::iterator);
    void tell(session&, const events&);
    [[nodiscard]] outbound answer(session&, const inbound&, time_point now);
    [[nodiscard]] keeping keep(session& whose) const { return owner_.keep ? owner_.keep(whose) : keeping::done; }

    table_settings settings_;
    owner owner_;
    sessions sessions_;
    table_counts tally_;
    counts gone_;  // what forgotten sessions met
    std::optional<time_point> swept_;
};

}  // namespace ota::dm
