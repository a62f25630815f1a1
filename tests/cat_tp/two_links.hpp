#pragma once

#include "tests/cat_tp/rough_line.hpp"

#include <deque>

namespace ota::cat_tp {

/// A card that opens and a server that listens, over a rough line on a virtual clock. Each end is owned as an owner
/// would: LISTEN looks first, a closed record is forgotten.
class two_links {
public:
    static constexpr std::uint16_t card_port = 0x8001, server_port = 0x1F90;

    struct heard {
        std::vector<wire::octets> sdus;
        std::vector<std::uint64_t> acknowledged;
        std::vector<link::ended> ends;
        unsigned openings = 0;
        std::size_t most_held = 0, most_memory = 0;
        std::uint64_t events_after_end = 0;
    };
    struct owner {
        std::optional<link> machine;
        link_settings settings;
        heard log;
        std::deque<wire::octets> waiting;  ///< SDUs that the link has not taken yet
        std::size_t taken = 0;             ///< SDUs that it has
        bool listens = false;
    };

    two_links(weather w, std::uint64_t seed) : line(w, seed), random_(seed ^ 0x5DEECE66D) {
        server().listens = true;
        now = time_point(std::chrono::hours(1));
    }

    owner& card() { return ends_[0]; }
    owner& server() { return ends_[1]; }

    /// `first`: the card's first sequence number; the server's is chosen by the dice unless given.
    void connect(std::uint16_t first, std::optional<std::uint16_t> servers = {}) {
        servers_first_ = servers;
        link::actions out;
        card().machine.emplace(card().settings, card_port, server_port, wire::octets{1, 2, 3}, first, random_(), now,
                               out);
        perform(0, out);
    }
    void close(int end, reset_reason why = reset_reason::normal_end) {
        link::actions out;
        if (ends_[end].machine) ends_[end].machine->close(now, out, why);
        perform(end, out);
    }
    void work_pending(int end, bool pending) { ends_[end].machine->work_pending(pending, now); }
    /// Forgets everything, as a restart does.
    void restart(int end) { ends_[end].machine.reset(); }

    /// Until `done`, or nothing more will happen, or a day has passed. False: not done.
    template <class Done>
    bool run_until(Done done, std::chrono::steady_clock::duration at_most = std::chrono::hours(24)) {
        const auto end = now + at_most;
        while (!done()) {
            offer(0);
            offer(1);
            if (done()) break;
            const auto next = soonest();
            if (!next || *next > end) return false;
            now = std::max(now, *next);
            step();
        }
        return true;
    }
    void run_for(std::chrono::steady_clock::duration span) {
        const auto end = now + span;
        run_until([] { return false; }, span);
        now = end;
    }
    [[nodiscard]] bool both_over() const { return over(0) && over(1); }
    [[nodiscard]] bool over(int end) const {
        return !ends_[end].machine || ends_[end].machine->now_in() == link::state::closed;
    }

    rough_line line;
    time_point now;
    std::uint64_t refused_datagrams = 0;  ///< by `parse`

private:
    std::optional<time_point> soonest() const {
        auto first = line.due();
        for (const auto& end : ends_) {
            const auto due = end.machine ? end.machine->due() : std::nullopt;
            if (due && (!first || *due < *first)) first = due;
        }
        return first;
    }

    void step() {
        while (line.due() && *line.due() <= now) {
            auto parcel = line.take();
            deliver(parcel.to, parcel.datagram);
        }
        for (int end = 0; end < 2; ++end) {
            if (!ends_[end].machine || !ends_[end].machine->due() || *ends_[end].machine->due() > now) continue;
            link::actions out;
            ends_[end].machine->on_tick(now, out);
            perform(end, out);
        }
    }

    void deliver(int to, const wire::octets& datagram) {
        const auto p = parse(datagram);
        if (!p) {
            ++refused_datagrams;
            return;
        }
        auto& end = ends_[to];
        link::actions out;
        if (end.machine && end.machine->now_in() != link::state::closed) {
            end.machine->on_pdu(p.value(), now, out);
            return perform(to, out);
        }
        const auto seen = first_look(p.value(), to == 0 ? card_port : server_port, end.listens);
        if (seen.is == first_look_result::verdict::answer) line.send(1 - to, seen.answer, now);
        if (seen.is != first_look_result::verdict::set_up) return;
        const auto first = servers_first_.value_or(static_cast<std::uint16_t>(random_()));
        end.machine.emplace(end.settings, p.value(), first, random_(), now, out);
        end.log.events_after_end = 0;
        perform(to, out);
    }

    void offer(int at) {
        auto& end = ends_[at];
        while (end.machine && !end.waiting.empty()) {
            link::actions out;
            if (!end.machine->send(end.waiting.front(), now, out)) break;
            end.waiting.pop_front();
            ++end.taken;
            perform(at, out);
        }
    }

    void perform(int at, link::actions& out) {
        auto& end = ends_[at];
        const bool ended_before =
            !end.log.ends.empty() && end.machine && end.machine->now_in() >= link::state::close_wait;
        for (auto& each : out) {
            if (ended_before && !std::holds_alternative<link::ended>(each)) ++end.log.events_after_end;
            if (auto* t = std::get_if<link::transmit>(&each)) line.send(1 - at, std::move(t->datagram), now);
            if (auto* r = std::get_if<link::received>(&each)) end.log.sdus.push_back(std::move(r->sdu));
            if (const auto* k = std::get_if<link::acknowledged>(&each)) end.log.acknowledged.push_back(k->sdu);
            if (const auto* e = std::get_if<link::ended>(&each)) end.log.ends.push_back(*e);
            if (std::holds_alternative<link::opened>(each)) ++end.log.openings;
        }
        if (!end.machine) return;
        end.log.most_held = std::max(end.log.most_held, end.machine->held());
        end.log.most_memory = std::max(end.log.most_memory, end.machine->memory());
    }

    std::array<owner, 2> ends_;
    std::mt19937_64 random_;
    std::optional<std::uint16_t> servers_first_;
};

}  // namespace ota::cat_tp
