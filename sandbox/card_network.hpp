#pragma once

#include "sandbox/dice.hpp"
#include "sandbox/journal.hpp"
#include "sandbox/network.hpp"
#include "sandbox/population.hpp"
#include "sandbox/uicc/card.hpp"
#include "sandbox/uicc/receiver.hpp"
#include "sandbox/uicc/terminal_channel.hpp"
#include "secure-channel/short_message.hpp"

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace ota::sandbox {

/// Chances of what may befall a card at each message, 0 to 1.
struct mishap_shares {
    double busy = 0;
    double insufficient_memory = 0;
    double power_cut = 0;  ///< after a random number of commands of the script
};

struct card_counts {
    std::uint64_t packets = 0;
    std::uint64_t segments = 0;    ///< of concatenated ones
    std::uint64_t duplicates = 0;  ///< the same octets as the packet accepted last
    std::uint64_t scripts = 0;
    std::uint64_t commands = 0;
    std::uint64_t unknown_subscribers = 0;
    std::uint64_t busy = 0;
    std::uint64_t insufficient_memory = 0;
    std::uint64_t power_cuts = 0;
    std::uint64_t by_data = 0;                  ///< packets that came over a data bearer
    std::array<std::uint64_t, 16> by_status{};  ///< packets by response status code
};

/// A population of cards behind the SMSC, with their journal. Not thread-safe.
class card_network final : public network {
public:
    /// diary: may be closed, then nothing is written; outlives this.
    card_network(const card_profile&, const population_settings&, const card_quirks&, const mishap_shares&,
                 journal& diary);

    sms_report deliver(const sms_deliver& sms) override { return deliver(sms, static_cast<push_taker*>(nullptr)); }
    /// pushes: takes the PUSH commands of this message's script; none: the card does not know them.
    sms_report deliver(const sms_deliver&, push_taker* pushes);
    /// The same through the terminal that has the card (see `terminal`), in an ENVELOPE: it learns by REFRESH what
    /// changed.
    sms_report deliver(const sms_deliver&, terminal_channel&);
    /// The card in a terminal that was just switched on; this outlives it. Two terminals never have the same card.
    /// Packets over its data channel are written into the journal like those of short messages, with no place in their
    /// order.
    [[nodiscard]] terminal_channel terminal(std::size_t index);
    /// A whole packet over a data bearer that somebody else carries; the SDU that goes back, of at most so many octets.
    [[nodiscard]] std::optional<wire::octets> deliver_sdu(std::size_t index, wire::octet_view sdu,
                                                          std::size_t largest_answer, instant now);
    void on_lost(const sms_deliver&) override;

    /// Takes over what an earlier run's journal says, so that its cards go on where they were.
    void restore(const journal_record&);
    /// The journal's first records of this run.
    void open_journal(instant now);

    [[nodiscard]] const card_counts& counts() const noexcept { return counts_; }
    [[nodiscard]] const population& who() const noexcept { return population_; }
    /// What a card holds at a node of the profile, or as a management object; nothing when there is no such card or
    /// node.
    [[nodiscard]] std::optional<wire::octets> content(std::size_t index, std::string_view node) const;
    /// Somebody else writes a file of the card: not by these keys, not in the journal. False when there is no such
    /// file.
    bool put(std::size_t index, const node_binding&, wire::octet_view);
    /// Octets that all cards take together.
    [[nodiscard]] std::size_t memory() const noexcept;

private:
    [[nodiscard]] card_identity identity(std::size_t index) const;
    [[nodiscard]] std::optional<wire::octets> content_of(std::size_t index, const node_binding& file) const;
    [[nodiscard]] mishap throw_mishap();
    void record(const sms_deliver&, std::size_t index, const card_answer&);
    void record_packet(std::uint64_t time_us, std::uint64_t submitted, std::size_t index, const card_answer&);
    void probe_concatenated(const sms_deliver&, std::size_t index, bool lost);
    void record_lost(const sms_deliver&, std::size_t index, wire::octet_view packet);

    const card_profile& profile_;
    card_model model_;
    population population_;
    mishap_shares shares_;
    journal& journal_;
    dice dice_;
    std::vector<card> cards_;
    card_counts counts_;
    secure_channel::reassembly probe_{1000};  ///< of concatenated messages as they were submitted
    std::set<std::string> gaps_;              ///< numbers that a segment was lost to
};

}  // namespace ota::sandbox
