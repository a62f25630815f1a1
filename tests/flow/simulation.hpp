#pragma once

#include "gateway/flow/corridor.hpp"
#include "gateway/store/sqlite.hpp"
#include "sandbox/card_network.hpp"
#include "sandbox/peers_options.hpp"

#include <deque>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

/// The corridor between an event log in memory and simulated cards, on a virtual clock: every run follows from its
/// seed.
namespace ota::simulation {

using flow::wall_time;
using std::chrono::milliseconds;

/// Shares of what goes wrong, 0 to 1.
struct mishaps {
    double loss = 0;           ///< a message never reaches its card
    double answer_loss = 0;    ///< the proof of receipt never comes back
    double duplicate = 0;      ///< the card gets a message twice
    double reorder = 0;        ///< a message is held back
    double temporary = 0;      ///< the SMSC refuses for now
    double response_lost = 0;  ///< the submit may have been taken
    double receipt_lost = 0;
    double answer_twice = 0;
    double restart = 0;       ///< the gateway dies, per step
    double power_cut = 0;     ///< the card loses power within a script
    double undelivered = 0;   ///< a receipt says that a message will not arrive
    double forged = 0;        ///< somebody sends an unsecured proof with the right counter
    double push_ignored = 0;  ///< the card takes the PUSH and never opens a channel
    double late_link = 0;     ///< it opens it long after
    double link_cut = 0;      ///< the channel breaks with a packet on its way, before or after the card has run it
    double link_silent = 0;   ///< the transport acknowledges, and no proof comes
    double reload = 0;        ///< another of options::reloads is in force from now on, per step
};

struct struck {
    std::map<std::string, std::size_t> times;
};

/// Events in memory; offsets are indexes.
class memory_source final : public queue::event_source {
public:
    std::string name() const override { return "memory"; }
    queue::reassignment reassigned() override { return std::exchange(change_, {}); }
    void forget_reader() { give(); }
    /// Another reader has the partition, or this one has it again.
    void take_away() {
        change_ = {{}, {0}};
        placed_ = false;
    }
    void give() {
        change_.gained = {0};
        placed_ = false;
    }
    std::error_code refusal;  ///< of seek
    wire::result<void> seek(std::int32_t, std::optional<queue::position> to) override;
    wire::result<std::vector<queue::record>> pull(std::size_t limit) override;
    bool wait(int) override { return placed_ && at_ < records.size(); }
    void commit(std::int32_t, std::int64_t) override {}
    std::int64_t lag() const override { return static_cast<std::int64_t>(records.size() - at_); }

    std::vector<queue::record> records;

private:
    std::size_t at_ = 0;
    bool placed_ = false;
    queue::reassignment change_;
};

class memory_sink final : public queue::event_sink {
public:
    wire::result<void> publish(const std::vector<queue::message>& batch) override {
        if (refusal) return refusal;
        messages.insert(messages.end(), batch.begin(), batch.end());
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    std::vector<queue::message> messages;
    std::error_code refusal;
};

/// One packet as it was seen on the air: for the rules on counters.
struct sighting {
    std::string destination;
    std::int64_t packet;
    std::uint8_t segment;
    wire::octets user_data;
};

struct options {
    std::uint64_t seed = 1;
    std::size_t cards = 8;
    std::shared_ptr<const card_profile> profile;               ///< of the cards
    std::shared_ptr<const card_profile> gateway_profile;       ///< what the gateway believes; none: the same
    std::vector<std::shared_ptr<const card_profile>> reloads;  ///< what the gateway's profile may become
    mishaps with;
    flow::corridor_settings corridor;
    std::function<flow::neighbourhood()> neighbours;  ///< none: no other instance is on the store
};

class world : public bearer::sender, public bearer::links {
public:
    explicit world(options);
    ~world() override;

    /// Puts an event into the log. Returns its id.
    std::string publish(queue::change_event);
    std::string replace(std::size_t card, const std::string& node, const std::string& value);
    /// Runs until nothing moves any more, or the virtual time is over. True when every event is final.
    bool run(milliseconds at_most);
    /// One round: the clock moves to the next thing that happens.
    bool tick();
    void restart();
    /// The gateway's profile is another one from its next batch on; null: it has none.
    void reload(std::shared_ptr<const card_profile>);

    void submit(std::vector<bearer::submission>) override;
    void answer(const std::vector<std::uint64_t>& tokens, bool accepted) override;
    void transmit(bearer::link_id, bearer::submission_id, wire::octets packet) override;
    void keep(bearer::link_id, bool work) override;
    void close(bearer::link_id) override;
    bool serves(std::string_view destination) const override { return !elsewhere || !elsewhere(destination); }

    /// Final states by event id, every one that was published.
    [[nodiscard]] std::map<std::string, std::vector<std::string>> finals() const;
    [[nodiscard]] std::string state_of(const std::string& id) const;
    [[nodiscard]] std::string reason_of(const std::string& id) const;
    [[nodiscard]] flow::twin twin_of(std::size_t card);
    [[nodiscard]] store::card_row row_of(std::size_t card);
    void save(std::size_t card, const flow::twin&, store::standing);
    [[nodiscard]] std::optional<wire::octets> content(std::size_t card, std::string_view node) const {
        return network_->content(card, node);
    }
    [[nodiscard]] store::store& state() { return *store_; }
    [[nodiscard]] flow::corridor_status status() const { return corridor_->status(); }
    [[nodiscard]] store::shard_set publishing() const { return corridor_->publishing(); }
    void stop_intake() { corridor_->stop_intake(); }
    [[nodiscard]] bool settled() const { return corridor_->settled(); }
    [[nodiscard]] const current_profiles& profiles() const { return profiles_; }
    [[nodiscard]] const secure_channel::key_encryption_key& kek() const { return kek_; }
    [[nodiscard]] sandbox::card_network& network() { return *network_; }
    [[nodiscard]] std::string iccid(std::size_t card) const { return network_->who().iccid(card); }
    [[nodiscard]] std::string msisdn(std::size_t card) const { return network_->who().msisdn(card); }

    /// Every broken rule, a sentence each.
    [[nodiscard]] std::vector<std::string> violations();

    options opts;
    wall_time now;
    struck faults;
    memory_source source;
    memory_sink sink;
    std::vector<sighting> sent;
    struct channel_sighting {
        std::int64_t packet;
        wire::octets octets;
    };
    std::vector<channel_sighting> sent_by_channel;
    flow::channel_report channels;                              ///< as the corridor counted
    std::function<void(const flow::commit_report&)> on_commit;  ///< besides; may be empty
    bool cards_know_push = true;
    milliseconds slower_answers{0};  ///< on top of the way that proofs of receipt have by short message
    [[nodiscard]] std::size_t open_links() const noexcept { return links_.size(); }
    /// The card's timeline, newest first.
    [[nodiscard]] std::vector<std::string> timeline(std::size_t card);
    std::set<std::uint64_t> answered_tokens;
    std::size_t answers_before_commit = 0;  ///< R4: deliveries answered although nothing was committed since they came
    std::vector<queue::change_event> published;
    /// Whose route another instance has.
    std::function<bool(std::string_view destination)> elsewhere;
    /// Called for each message about to reach its card; false: it is lost.
    std::function<bool(const bearer::submission&)> on_air;

private:
    struct happening {
        wall_time at;
        std::uint64_t order;
        std::function<void()> what;
        bool operator>(const happening& o) const { return std::tie(at, order) > std::tie(o.at, o.order); }
    };
    void later(milliseconds, std::function<void()>);
    void happen();  ///< what the clock has reached
    bool chance(double share, const char* name);
    void reach_card(const bearer::submission&, std::uint64_t place);
    void forge_proof(const bearer::submission&);
    void deliver(std::variant<bearer::receipt, bearer::inbound_message>);
    void bring_back(const std::string& source, wire::octets user_data);
    struct open_link {
        std::size_t card = 0;
        std::uint64_t change = 0;  ///< of its work: an idle time that began before ends nothing
    };
    void card_opens_link(std::size_t card, bearer::push_id);
    void tell(std::uint64_t link,
              std::variant<bearer::link_up, bearer::link_packet, bearer::link_acknowledged, bearer::link_down>);
    void cut(std::uint64_t link, bearer::link_down::cause);
    void respond(const bearer::submission&, bearer::submit_outcome, const std::string& message_id);
    void make_corridor();
    void import_cards();

    std::mt19937_64 dice_;
    std::string journal_file_;
    sandbox::journal journal_;
    std::unique_ptr<sandbox::card_network> network_;
    std::unique_ptr<store::store> store_;
    secure_channel::key_encryption_key kek_;
    bearer::push_tokens tokens_;
    std::map<std::uint64_t, open_link> links_;
    std::uint64_t next_link_ = 1;
    current_profiles profiles_{profile_set{}};
    std::unique_ptr<flow::corridor> corridor_;
    std::priority_queue<happening, std::vector<happening>, std::greater<>> agenda_;
    std::map<std::uint64_t, std::uint64_t> commits_at_delivery_;  ///< by token
    std::uint64_t commits_ = 0;
    std::uint64_t order_ = 0, next_token_ = 1, next_message_ = 1, generation_ = 0, nonce_ = 0;
};

/// A profile for simulations: short times, a few files, the given SPI.
[[nodiscard]] std::shared_ptr<card_profile> profile_with(std::uint8_t spi1 = 0x16, std::uint8_t spi2 = 0x19);
/// The same with data channels, and a node for large values: ./SC/USIM/Steering, 4000 octets.
[[nodiscard]] std::shared_ptr<card_profile> profile_with_channels();

}  // namespace ota::simulation
