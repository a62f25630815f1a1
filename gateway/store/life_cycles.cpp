#include "gateway/store/life_cycles.hpp"

#include "gateway/store/sqlite.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <stdexcept>

namespace ota::store {

namespace {

constexpr std::size_t events_per_transaction = 1000;
constexpr std::size_t twin_in_flight = 470, twin_at_rest = 320, sealed_keys = 120;  // octets

template <class T>
T must(wire::result<T> r) {
    if (!r) throw std::runtime_error("store benchmark: " + r.error().message());
    if constexpr (!std::is_void_v<T>) return std::move(r).value();
}

double now_of(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Wall and processor seconds that pass inside the store; making the rows is not counted.
struct stopwatch {
    double wall = 0, cpu = 0;

    template <class Work>
    auto operator()(Work&& work) {
        struct lap {
            stopwatch& of;
            double wall = now_of(CLOCK_MONOTONIC), cpu = now_of(CLOCK_PROCESS_CPUTIME_ID);
            ~lap() { of.wall += now_of(CLOCK_MONOTONIC) - wall, of.cpu += now_of(CLOCK_PROCESS_CPUTIME_ID) - cpu; }
        } running{*this};
        return work();
    }
};

std::string iccid_of(std::size_t n) {
    auto digits = std::to_string(n);
    return "8988303000" + std::string(9 - digits.size(), '0') + digits;
}
std::string msisdn_of(std::size_t n) { return std::to_string(882360000000 + n); }

/// Batches in the four stages of a life cycle, each transaction taking every batch one stage on.
class life_cycles {
public:
    life_cycles(store& st, std::size_t cards) : store_(st), order_(cards) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::shuffle(order_.begin(), order_.end(), random_);
    }

    void turn() {
        clock_ += std::chrono::milliseconds(30);
        auto fresh = make();
        auto tx = watch([&] { return must(store_.begin()); });
        take_in(*tx, fresh);
        if (!batches_.empty()) record_submits(*tx, batches_.back());
        if (batches_.size() > 1) record_receipts(*tx, batches_[batches_.size() - 2]);
        if (batches_.size() > 2) {
            complete(*tx, batches_.front());
            done += batches_.front().events.size();
            published_ = std::move(batches_.front().statuses);
            batches_.pop_front();
        }
        watch([&] { must(tx->commit()); });
        batches_.push_back(std::move(fresh));
    }

    stopwatch watch;
    std::size_t done = 0;

private:
    struct batch {
        std::vector<event_row> events;
        std::vector<std::string> iccids, msisdns;
        std::vector<std::int64_t> packets, statuses;
    };

    std::string event_id() {
        static constexpr char hex[] = "0123456789abcdef";
        std::string id(36, '-');
        auto bits = random_();
        for (std::size_t i = 0; i < id.size(); ++i)
            if (i != 8 && i != 13 && i != 18 && i != 23) id[i] = hex[bits & 15], bits = bits >> 4 | random_() << 60;
        return id;
    }

    batch make() {
        batch b;
        for (std::size_t i = 0; i < events_per_transaction; ++i) {
            const auto card = order_[next_++ % order_.size()];
            event_row e;
            e.seq = ids_.next(clock_);
            e.source = "urn:example:dm:north";
            e.id = event_id();
            e.node = "./SC/usim/spn";
            e.subject = iccid_of(card);
            e.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
            e.content_hash = random_();
            e.accepted_at = clock_;
            b.events.push_back(std::move(e));
            b.iccids.push_back(iccid_of(card));
            b.msisdns.push_back(msisdn_of(card));
            b.packets.push_back(ids_.next(clock_));
        }
        return b;
    }

    wire::octets twin(std::size_t octets) const { return wire::octets(octets, static_cast<std::uint8_t>(done)); }

    void take_in(transaction& tx, batch& b) {
        std::vector<event_key> keys;
        for (const auto& e : b.events) keys.push_back({e.source, e.id});
        const auto known = watch([&] { return must(tx.find_events(keys)); });
        if (std::any_of(known.begin(), known.end(), [](const auto& k) { return k.has_value(); }))
            throw std::runtime_error("store benchmark: a new event is known");
        const auto cards = watch([&] { return must(tx.cards_by_iccid(b.iccids)); });
        std::vector<card_change> changes;
        for (std::size_t i = 0; i < cards.size(); ++i) {
            b.events[i].card = cards[i]->id;
            changes.push_back({cards[i]->id, cards[i]->version, twin(twin_in_flight), clock_ + std::chrono::hours(1)});
        }
        watch([&] { must(tx.insert_events(b.events)); });
        watch([&] { must(tx.save_cards(changes)); });
    }

    void record_submits(transaction& tx, const batch& b) {
        std::vector<submission_row> rows;
        for (std::size_t i = 0; i < b.events.size(); ++i)
            rows.push_back({b.packets[i], 0, 0, b.events[i].card, "smsc-a", std::to_string(message_id_++), clock_});
        watch([&] { must(tx.insert_submissions(rows)); });
    }

    void record_receipts(transaction& tx, const batch& b) {
        std::vector<receipt_mark> marks;
        for (std::size_t i = 0; i < b.events.size(); ++i)
            marks.push_back({"smsc-a", std::to_string(receipt_id_++), 2, clock_});
        const auto rows = watch([&] { return must(tx.mark_receipts(marks)); });
        if (!rows.front() || rows.front()->packet != b.packets.front())
            throw std::runtime_error("store benchmark: a receipt found another packet");
    }

    void complete(transaction& tx, batch& b) {
        const auto holders = watch([&] { return must(tx.holders_of(b.msisdns)); });
        std::vector<card_id> ids;
        for (const auto& h : holders) ids.push_back(h.front());
        const auto cards = watch([&] { return must(tx.cards_by_id(ids)); });
        std::vector<card_change> changes;
        std::vector<event_close> closes;
        std::vector<outbox_row> statuses;
        std::vector<history_row> history;
        for (std::size_t i = 0; i < cards.size(); ++i) {
            changes.push_back({cards[i]->id, cards[i]->version, twin(twin_at_rest), {}});
            closes.push_back({b.events[i].seq, 1, "", "", clock_});
            statuses.push_back({ids_.next(clock_), "dm.mo.status", cards[i]->iccid, std::string(430, 's')});
            history.push_back({ids_.next(clock_), cards[i]->id, 0, clock_, std::string(120, 'h')});
            b.statuses.push_back(statuses.back().seq);
        }
        watch([&] { must(tx.save_cards(changes)); });
        watch([&] { must(tx.close_events(closes)); });
        watch([&] { must(tx.append_outbox(statuses)); });
        watch([&] { must(tx.append_history(history)); });
        watch([&] { must(tx.remove_outbox(published_)); });
    }

    store& store_;
    std::mt19937_64 random_{20260704};
    std::vector<std::size_t> order_;
    std::size_t next_ = 0;
    std::uint64_t message_id_ = 4000000000, receipt_id_ = 4000000000;
    wall_time clock_ =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());  // rows lie by time
    id_source ids_{1};
    std::deque<batch> batches_;
    std::vector<std::int64_t> published_;
};

double resident_mebibytes() {
    std::ifstream in("/proc/self/statm");
    double total = 0, resident = 0;
    in >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double import_cards(store& st, std::size_t cards) {
    stopwatch watch;
    for (std::size_t at = 0; at < cards;) {
        std::vector<card_row> rows;
        for (; rows.size() < 5000 && at < cards; ++at) {
            card_row row;
            row.iccid = iccid_of(at);
            row.msisdn = msisdn_of(at);
            row.profile = "usim-aes";
            row.labels = "fleet=north";
            row.sealed_keys.assign(sealed_keys, 7);
            rows.push_back(std::move(row));
        }
        watch([&] {
            auto tx = must(st.begin());
            must(tx->insert_cards(rows));
            must(tx->commit());
        });
    }
    return watch.wall;
}

}  // namespace

life_cycle_figures run_life_cycles(std::size_t cards, double seconds, const std::filesystem::path& folder) {
    const auto path = folder / ("store-" + std::to_string(cards) + ".db");
    for (const char* end : {"", "-wal", "-shm", ".witness", ".lock"}) std::filesystem::remove(path.string() + end);
    auto st = must(open_sqlite({.path = path.string(), .exclusive = true}));
    const auto o = run_life_cycles(*st, cards, seconds);
    st.reset();
    for (const char* end : {"", "-wal", "-shm", ".witness", ".lock"}) std::filesystem::remove(path.string() + end);
    return o;
}

life_cycle_figures run_life_cycles(store& st, std::size_t cards, double seconds) {
    life_cycle_figures o;
    o.import_seconds = import_cards(st, cards);
    life_cycles cycles(st, cards);
    for (int warm_up = 0; warm_up < 20; ++warm_up) cycles.turn();
    cycles.watch = {};
    cycles.done = 0;
    while (cycles.watch.wall < seconds) cycles.turn();
    const auto done = static_cast<double>(cycles.done);
    o.per_second = done / cycles.watch.wall;
    o.cpu_us = cycles.watch.cpu / done * 1e6;
    o.resident = resident_mebibytes();
    return o;
}

}  // namespace ota::store
