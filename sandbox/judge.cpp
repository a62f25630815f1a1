#include "sandbox/judge.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace ota::sandbox {

namespace {

/// One sighting of a packet, as little as the judgement needs: a journal may hold millions.
struct sighting {
    std::uint32_t card = 0;  ///< in order of appearance
    std::uint32_t key = 0;   ///< what the counter is kept per
    std::uint64_t counter = 0;
    std::uint64_t hash = 0;
    std::uint64_t submitted = 0;
    std::uint64_t place = 0;  ///< in the journal
    std::uint32_t run = 0;    ///< of the peers: each counts its submissions from 1
    bool executed = false;
};

class judging {
public:
    judging(verdict& out, const std::vector<desired_file>& desired) : out_(out), desired_(desired) {
        for (const auto& one : desired) wanted_[one.iccid];
    }

    void on(const journal_opened&) { ++run_; }
    void on(const journal_node& r) { nodes_[r.uri] = r; }
    void on(const journal_segment&) { ++out_.segments; }
    void on(const journal_write& r) {
        const auto card = wanted_.find(r.iccid);
        if (card != wanted_.end()) card->second[r.slot] = r.content;
    }
    void on(const journal_packet& r) {
        ++(r.lost ? out_.lost : out_.packets);
        out_.by_data += r.submitted == 0 && !r.lost;
        out_.scripts += r.trace.executed;
        out_.torn_scripts += r.trace.torn;
        out_.commands += r.trace.ran.size();
        const auto card = cards_.try_emplace(r.iccid, static_cast<std::uint32_t>(cards_.size())).first->second;
        if (!r.trace.opened) {
            ++out_.unopened;
            return;
        }
        // A counter that the card ignores may hold anything.
        if (r.trace.spi.counter() == secure_channel::counter_mode::ignored) return;
        seen_.push_back(
            {card, r.trace.counter_key, r.trace.counter, r.trace.hash, r.submitted, ++places_, run_, r.trace.executed});
    }

    void conclude() {
        out_.cards = cards_.size();
        names_.resize(cards_.size());
        for (const auto& [iccid, card] : cards_) names_[card] = iccid;
        judge_reuse();
        judge_order();
        judge_files();
    }

private:
    void find(std::string what) {
        if (out_.findings.size() < verdict::most_findings) out_.findings.push_back(std::move(what));
    }
    [[nodiscard]] std::string place(const sighting& s) const {
        return "card " + names_[s.card] + ", counter " + std::to_string(s.counter);
    }

    /// R3: a counter is never used for two different packets. Leaves the first sighting of each packet.
    void judge_reuse() {
        std::ranges::sort(seen_, {}, [](const sighting& s) {
            return std::tuple(s.card, s.key, s.counter, s.hash, s.run, s.submitted, s.place);
        });
        std::vector<sighting> first;
        std::uint64_t executed = 0;
        for (const auto& now : seen_) {
            const bool same_counter = !first.empty() && first.back().card == now.card && first.back().key == now.key &&
                                      first.back().counter == now.counter;
            const bool same_packet = same_counter && first.back().hash == now.hash;
            executed = (same_packet ? executed : 0) + now.executed;
            out_.repeats += same_packet;
            out_.run_twice += executed == 2 && now.executed;
            if (same_packet) continue;
            first.push_back(now);
            if (!same_counter) continue;
            ++out_.counters_reused;
            find(place(now) + ": two different packets under one counter");
        }
        seen_ = std::move(first);
    }

    /// R3: and never lowered, in the order in which the packets were first submitted. Those of data bearers have no
    /// place in that order: they are judged among themselves, as they arrived, which a link does in order.
    void judge_order() {
        std::ranges::sort(seen_, {}, [](const sighting& s) {
            return std::tuple(s.card, s.key, s.submitted == 0, s.run, s.submitted, s.place);
        });
        const sighting* highest = nullptr;
        for (const auto& now : seen_) {
            const bool same = highest && highest->card == now.card && highest->key == now.key &&
                              (highest->submitted == 0) == (now.submitted == 0);
            if (same && now.counter < highest->counter) {
                ++out_.counters_lowered;
                find(place(now) + ": a new packet after counter " + std::to_string(highest->counter));
            } else {
                highest = &now;
            }
        }
    }

    void judge_files() {
        for (const auto& want : desired_) {
            ++out_.files_compared;
            const auto node = nodes_.find(want.node);
            if (node == nodes_.end()) {
                wrong(want, "no card has such a node");
                continue;
            }
            const auto& card = wanted_[want.iccid];
            const auto written = card.find(node->second.slot);
            const auto& held = written == card.end() ? node->second.initial : written->second;
            if (held != want.image)
                wrong(want, "holds " + wire::to_hex(held) + ", should hold " + wire::to_hex(want.image));
        }
    }

    void wrong(const desired_file& want, const std::string& why) {
        ++out_.files_wrong;
        find("card " + want.iccid + ", " + want.node + ": " + why);
    }

    verdict& out_;
    const std::vector<desired_file>& desired_;
    std::uint32_t run_ = 0;
    std::uint64_t places_ = 0;
    std::map<std::string, journal_node> nodes_;
    std::unordered_map<std::string, std::uint32_t> cards_;
    std::vector<std::string> names_;
    std::vector<sighting> seen_;
    std::unordered_map<std::string, std::map<slot_id, wire::octets>> wanted_;
};

}  // namespace

bool judge(const std::string& journal_file, const std::vector<desired_file>& desired, verdict& out,
           std::string& error) {
    judging court(out, desired);
    journal_extent extent;
    const auto visit = [&](const journal_record& r) { std::visit([&](const auto& one) { court.on(one); }, r); };
    if (!read_journal(journal_file, visit, extent, error)) return false;
    out.records = extent.records;
    out.torn_octets = extent.torn;
    court.conclude();
    return true;
}

}  // namespace ota::sandbox
