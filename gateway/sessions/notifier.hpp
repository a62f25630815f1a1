#pragma once

#include "gateway/bearer.hpp"
#include "gateway/sessions/card_in_session.hpp"
#include "gateway/sessions/notify_order.hpp"

#include <map>
#include <mutex>

/// Sends package 0 to the devices of cards for which there is an order, by the routes that the corridor's packets take.
namespace ota::sessions {

class notifier final : public bearer::observer {
public:
    struct counts {
        std::uint64_t sent = 0, failed = 0, repeated = 0;
    };
    /// `rest` gets what the bearer tells of all other messages.
    /// `shared`: other instances send notifications too, and one that they are sending is theirs for a while.
    notifier(surroundings, bearer::sender&, bearer::observer& rest, bool shared = false);

    void on_submitted(std::vector<bearer::submitted>) override;
    void on_delivered(std::vector<bearer::delivered> v) override { rest_.on_delivered(std::move(v)); }
    /// To be called every second or so, always by the same thread: puts down what came of messages, and sends what is
    /// due.
    void tick();
    [[nodiscard]] counts tally() const;

private:
    /// A notification at the bearer.
    struct flight {
        std::string iccid;
        std::uint16_t session_id = 0;
        std::size_t open = 0;  ///< messages without an answer
        bearer::submitted worst;
    };
    struct pause {
        wall_time until{};
        std::chrono::seconds length{0};
    };

    [[nodiscard]] wire::result<bool> put_down(store::transaction&, const flight&, counts&);
    [[nodiscard]] wire::result<bool> prepare(store::transaction&, const std::string& iccid,
                                             std::vector<bearer::submission>&, counts&);
    [[nodiscard]] bool waits(const std::string& iccid) const;
    void settle_answers();

    surroundings with_;
    bearer::sender& sender_;
    bearer::observer& rest_;
    bool shared_;
    mutable std::mutex mutex_;  ///< of inbox_ and tally_
    std::vector<bearer::submitted> inbox_;
    counts tally_;
    std::map<std::int64_t, flight> flights_;            ///< by the packet of their submissions, which is below zero
    std::vector<flight> answered_;                      ///< all their messages are; not yet put down
    std::map<std::string, pause, std::less<>> pauses_;  ///< of cards whose route did not take it
    std::int64_t last_ = 0;
};

}  // namespace ota::sessions
