#pragma once

#include "gateway/campaigns/cost.hpp"
#include "gateway/campaigns/machine.hpp"
#include "gateway/campaigns/records.hpp"
#include "gateway/cards/desk.hpp"
#include "queue/event_sink.hpp"

/// One campaign on its way: performs what the machine says, each step in a transaction of its own.
///
/// Written before it is acted on (R1): a card is marked `open` first, then its change is put into the log. After a kill
/// in between, the event is missing in the store, and is put into the log again, the same octets; one that was there
/// twice is a duplicate (R22).
namespace ota::campaigns {

struct drive_parts {
    const cards::desk& desk;
    /// Puts changes into the log or the topic; durable when it says nothing.
    std::function<wire::result<void>(const std::vector<queue::message>&)> publish;
    std::string driver;   ///< this process, among those on the store
    bool shared = false;  ///< others may drive too: what is said of the driver is kept fresh
};

class drive {
public:
    /// Reads what there is of it: a line of every card passes by, a summary of every chunk stays.
    [[nodiscard]] static wire::result<drive> take_up(const drive_parts&, const std::string& name);

    /// One piece of work. true: there is more to do at once. After an error it has to be taken up anew.
    [[nodiscard]] wire::result<bool> go_on();
    [[nodiscard]] const campaigns::progress& progress() const noexcept { return at_; }
    /// Why changes could not be put into the log lately; empty: they could.
    [[nodiscard]] const std::string& log_fault() const noexcept { return log_fault_; }

private:
    struct chunk_state {
        std::size_t open = 0, untaken = 0;
        std::optional<wall_time> due, canary_due;  ///< earliest of the waiting ones
        wall_time next_look{};
        std::chrono::milliseconds resend_at_age{0};  ///< of changes that were not taken in
        std::chrono::milliseconds back_off{0};
    };

    drive(const drive_parts& with, std::string name) : with_(&with), name_(std::move(name)) {}
    [[nodiscard]] wire::result<void> load();
    void summarise(std::size_t number, const chunk&);
    [[nodiscard]] scene look_around() const;
    [[nodiscard]] std::optional<wall_time> due_of(const chunk_state&) const;
    [[nodiscard]] bool may_go(std::size_t number, std::size_t index) const;

    [[nodiscard]] wire::result<void> change_record(
        const std::function<wire::result<void>(store::transaction&, campaigns::progress&)>&);
    [[nodiscard]] wire::result<void> collect();
    [[nodiscard]] wire::result<void> issue(std::size_t most);
    [[nodiscard]] wire::result<std::size_t> issue_from(store::transaction&, campaigns::progress&, std::size_t number,
                                                       std::size_t most, std::vector<std::string>& chosen,
                                                       std::vector<std::pair<std::size_t, chunk>>& changed);
    [[nodiscard]] wire::result<bool> look();
    [[nodiscard]] wire::result<void> look_at(std::size_t number);
    void publish(const std::vector<std::pair<std::string, wall_time>>&);

    const drive_parts* with_;
    std::string name_;
    campaign what_;
    campaigns::progress at_;
    std::vector<chunk_state> chunks_;
    std::size_t next_looked_ = 0;
    std::string log_fault_;
    wall_time log_away_until_{};
};

}  // namespace ota::campaigns
