#include "bench/cat_tp_link_bench.hpp"

#include "bench/core_rate.hpp"
#include "tests/cat_tp/two_links.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace ota::bench {

namespace {

using namespace ota::cat_tp;
using namespace std::chrono_literals;
using cat_tp::link;  // POSIX has a function of this name

constexpr std::size_t links_held = 10'000;
constexpr time_point noon(12h);

void must(bool held) {
    if (!held) throw std::runtime_error("CAT_TP bench: a link did not do what it should");
}

double resident_octets() {
    std::ifstream in("/proc/self/statm");
    double whole = 0, resident = 0;
    in >> whole >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// Two machines wired to each other without a line between: what one says the other hears at once.
struct wired {
    link card, server;
    std::uint64_t pdus = 0;

    void carry(link::actions& said, bool by_card) {
        while (!said.empty()) {
            link::actions answers;
            for (const auto& each : said) {
                const auto* const word = std::get_if<link::transmit>(&each);
                if (word == nullptr) continue;
                const auto p = parse(word->datagram);
                must(p.has_value());
                (by_card ? server : card).on_pdu(p.value(), noon, answers);
                ++pdus;
            }
            said.swap(answers);
            by_card = !by_card;
        }
    }
};

wired connected(std::uint16_t first) {
    link::actions said, answered;
    link card({}, 0x8001, 0x1F90, wire::octets(10), first, first, noon, said);
    link server({}, parse(std::get<link::transmit>(said.at(0)).datagram).value(), first, first, noon, answered);
    wired both{std::move(card), std::move(server)};
    both.carry(answered, false);
    must(both.card.now_in() == link::state::open && both.server.now_in() == link::state::open);
    return both;
}

/// SDUs of `length` to the card; a PDU is counted once, though it is made by one machine and read by the other.
double pdus_per_second(double seconds, std::size_t length) {
    auto both = connected(1);
    const auto start = core_seconds();
    while (core_seconds() - start < seconds) {
        for (int burst = 0; burst < 64; ++burst) {
            link::actions said;
            must(both.server.send(wire::octets(length, 0x5A), noon, said).has_value());
            both.carry(said, false);
        }
    }
    return static_cast<double>(both.pdus) / (core_seconds() - start);
}

/// Server ends that have opened, sent 4000 octets and heard 4000.
void hold_links(std::vector<figure>& out) {
    std::vector<link> held;
    held.reserve(links_held);
    const auto before = resident_octets();
    for (std::size_t i = 0; i < links_held; ++i) {
        auto both = connected(static_cast<std::uint16_t>(i));
        link::actions said;
        must(both.server.send(wire::octets(4000), noon, said).has_value());
        both.carry(said, false);
        said.clear();
        must(both.card.send(wire::octets(4000), noon, said).has_value());
        both.carry(said, true);
        held.push_back(std::move(both.server));
    }
    std::size_t own = 0;
    for (const auto& each : held) own += each.memory();
    const auto count = static_cast<double>(links_held);
    out.push_back({"cat-tp-link-memory", static_cast<double>(own) / count, "octets/link", "<= 1024"});
    out.push_back(
        {"cat-tp-link-resident", std::max(0.0, resident_octets() - before) / count, "octets/link", "<= 2048"});
    const auto start = core_seconds();
    link::actions said;
    for (auto& each : held) each.on_tick(noon + 1s, said);
    out.push_back({"cat-tp-10k-ticks", (core_seconds() - start) * 1e3, "ms", ""});
}

/// Octets per second of virtual time; each SDU waits until the one before is acknowledged.
double goodput(double loss, std::size_t length, int sdus) {
    two_links both({.loss = loss, .delay = 50ms}, 20);
    both.card().settings.retries = both.server().settings.retries = 20;
    both.connect(7);
    must(both.run_until([&] { return both.server().log.openings == 1; }));
    const auto start = both.now;
    for (int i = 1; i <= sdus; ++i) {
        both.server().waiting.push_back(wire::octets(length, 0x5A));
        must(both.run_until([&] { return both.server().log.acknowledged.size() == static_cast<std::size_t>(i); }));
    }
    must(both.card().log.sdus.size() == static_cast<std::size_t>(sdus));
    return static_cast<double>(length) * sdus / std::chrono::duration<double>(both.now - start).count();
}

void measure_goodput(std::vector<figure>& out, const std::string& name, std::size_t length) {
    const auto calm = goodput(0, length, 50);
    const auto lossy = goodput(0.01, length, 1000);
    out.push_back({"cat-tp-goodput-" + name, lossy / 1000, "kB/s",
                   "without loss: " + std::to_string(static_cast<int>(calm / 1000))});
}

}  // namespace

std::vector<figure> cat_tp_link_figures(double seconds) {
    std::vector<figure> out;
    out.push_back({"cat-tp-exchange-140", pdus_per_second(seconds, 140), "PDUs/s", ">= 200000"});
    out.push_back({"cat-tp-exchange-1400", pdus_per_second(seconds, 1382 * 10), "PDUs/s", ""});
    hold_links(out);
    measure_goodput(out, "4kB", 4000);
    measure_goodput(out, "30kB", 30000);
    return out;
}

}  // namespace ota::bench
