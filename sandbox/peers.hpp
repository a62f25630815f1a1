#pragma once

#include "sandbox/device_counts.hpp"
#include "sandbox/peers_options.hpp"
#include "sandbox/radio_options.hpp"
#include "sandbox/smsc_counts.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The gateway's whole outside world: SMSC, network, cards, devices and their journal, in threads of its own.
namespace ota::sandbox {

class device_pool;

struct peers_snapshot {
    smsc_counts smsc;
    card_counts cards;
    device_counts devices;
    radio_counts radio;
    std::size_t waiting = 0;               ///< messages, receipts and answers on their way
    std::uint32_t peak_submits = 0;        ///< most submit_sm within one second of the clock
    std::uint32_t peak_of_any_second = 0;  ///< the same within any second, wherever it begins
    std::size_t peak_sessions = 0;         ///< most that were bound at one time
    std::vector<std::uint32_t> submits_by_second;
    std::size_t card_memory = 0;  ///< octets; only after stop
    std::uint64_t journal_records = 0;
    std::string journal_failure;  ///< why nothing more was written
    bool devices_busy = false;    ///< a session is under way or due, or a user has still to answer
};

class peers {
public:
    explicit peers(peers_options);
    ~peers();

    /// Listens; goes on with the cards of an existing journal. false with `error` filled when that fails.
    [[nodiscard]] bool start(std::string& error);
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// Ends every session and writes the rest of the journal.
    void stop();

    [[nodiscard]] const population& who() const noexcept;
    [[nodiscard]] const card_profile& profile() const noexcept;
    [[nodiscard]] peers_snapshot snapshot() const;
    /// What a card holds at a node of the profile.
    [[nodiscard]] std::optional<wire::octets> content(std::size_t card, std::string_view node) const;
    /// The devices, if there are any: for a look, or a user's hand. `now` is the peers' clock; nothing is passed on
    /// meanwhile.
    bool with_devices(const std::function<void(device_pool&, instant now)>&);
    /// Other behaviour from now on (the seed stays).
    void change(const smsc_settings&);
    void cut_connections();
    /// Hands the journal to the operating system; it happens by itself several times a second.
    void flush_journal();

private:
    class world;
    std::unique_ptr<world> world_;
};

[[nodiscard]] std::string to_json(const peers_snapshot&);

/// A process that is nothing but the peers: prints `listening on ADDRESS:PORT`, ends on SIGTERM or SIGINT with one line
/// of JSON. 0 good, 1 failed, 2 wrong usage.
int run_peers(const std::vector<std::string>& arguments);

}  // namespace ota::sandbox
