#pragma once

#include "gateway/dm/session_table.hpp"
#include "gateway/sessions/accounts.hpp"
#include "gateway/sessions/card_in_session.hpp"
#include "gateway/store/tools_instance.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <set>

/// The owner of the gateway's DM sessions: knows the accounts that cards hold, asks devices for what their cards
/// brought, has them run what waits for a session, and puts down what they say (R1, R5).
namespace ota::sessions {

/// What came of sessions, for metrics.
struct counts {
    std::uint64_t sessions = 0;            ///< of devices that proved themselves
    std::array<std::uint64_t, 9> ended{};  ///< by dm::ending
    std::uint64_t unknown_clients = 0, ambiguous_clients = 0;
    std::uint64_t confirmed = 0;  ///< objects that a device holds as its card does
    std::uint64_t differing = 0;  ///< .. in another content
    std::uint64_t missing = 0;    ///< .. not at all
    std::uint64_t declined = 0, purged = 0, drifts = 0;
    std::uint64_t execs_sent = 0, execs_applied = 0, execs_failed = 0;
    std::uint64_t changes = 0;         ///< change events made of what a session changed
    std::uint64_t store_failures = 0;  ///< what a device said was not stored
    bool operator==(const counts&) const = default;
};

/// For the log: never a value, a name or a nonce (R24).
struct note {
    std::string_view what;
    std::string card, device, node;
};

/// A node that a session shall change: the device first, and by an event of its own the card.
struct replacement {
    std::string node;
    management_object::node_format format = management_object::node_format::chr;
    std::string type = "text/plain";
    std::string value;  ///< octets
};
/// Source of those events.
inline constexpr std::string_view event_source = "dm-session";

class device_sessions {
public:
    /// `tell` is called on any thread, and must not call back.
    explicit device_sessions(surroundings, std::function<void(const note&)> tell = {});
    ~device_sessions();

    /// For the session table, which calls one function at a time; valid as long as this object.
    [[nodiscard]] dm::owner owner();

    /// Has the next session of the card's device replace the node; once the device has done so, a change event (source
    /// `dm-session`) brings it to the card by the normal intake. Kept in memory: what waits when the gateway ends is
    /// forgotten.
    void replace(const std::string& iccid, replacement);
    [[nodiscard]] counts tally() const;
    /// What devices told before the card had proven it: put down once it has. To be called every second or so.
    void tick();
    /// The gateway ends: puts down what devices said in sessions that are still open. No session is served any more.
    void finish_all();

private:
    struct live;
    struct finding;
    /// A device's word on a content of the object; the card is still to prove that it has it.
    struct ahead {
        store::card_id card = 0;
        std::string object;
        std::uint32_t image_crc = 0;
        flow::device_word word = flow::device_word::incorporated;
        wall_time next{}, until{};
        std::chrono::milliseconds pause{1000};
    };
    /// False: not yet proven.
    [[nodiscard]] wire::result<bool> put_down_proven(store::transaction&, const ahead&, counts&);

    [[nodiscard]] wire::result<std::optional<dm::account>> find(const dm::caller&);
    void on_event(dm::session&, const dm::event&);
    [[nodiscard]] dm::keeping keep(dm::session&);
    void begin(const dm::session&, const dm::authenticated&);
    void start(dm::session&, live&);
    void ask(dm::session&, live&);
    void on_answer(dm::session&, live&, const dm::order_answer&);
    void on_alert(live&, const dm::alerted&);
    void on_end(live&, dm::ending);
    [[nodiscard]] wire::result<bool> put_findings(store::transaction&, live&, counts&);
    [[nodiscard]] bool store_news(live&);
    void take_early_words(live&);
    void leave_over(std::unique_ptr<live>, const dm::session*);
    [[nodiscard]] bool store_left_over(const dm::session*);
    [[nodiscard]] bool is_in_hand(const live& except, store::event_seq exec) const;
    void failed(const live*, std::error_code);
    void note_that(std::string_view what, const live&, std::string node = {});

    surroundings with_;
    std::function<void(const note&)> tell_;
    /// Held by whoever writes what a device said: sessions and the clock. Taken before the other one.
    std::recursive_mutex storing_;
    store::id_source ids_{store::tools_instance};
    std::map<const dm::session*, std::unique_ptr<live>> live_;  // of the session table's caller alone
    /// Of what follows; never held while the store works.
    mutable std::mutex mutex_;
    counts tally_;
    std::vector<ahead> ahead_;                      // forgotten when the gateway ends: then the next session asks again
    std::vector<std::unique_ptr<live>> left_over_;  // of sessions that ended while the store failed
    std::map<std::string, std::vector<replacement>, std::less<>> waiting_;  // by ICCID
};

}  // namespace ota::sessions
