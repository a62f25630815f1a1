#pragma once

#include "config/settings.hpp"
#include "gateway/campaigns/operate.hpp"
#include "gateway/campaigns/runner.hpp"
#include "gateway/cards/labels.hpp"
#include "gateway/profile/load_profiles.hpp"
#include "gateway/store/sqlite.hpp"
#include "queue/timestamp.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

/// A store with cards, a clock that moves by hand, a log, and a gateway that takes in what is in it.
namespace ota::campaigns::testing {

inline constexpr const char* profiles_yaml =
    "- name: aes\n  spi: \"1619\"\n  kic: aes\n  kid: aes\n"
    "  applications:\n    - {name: USIM, tar: b00011, directory: [7fff]}\n"
    "  nodes:\n"
    "    - {uri: ./SC/USIM/SPN, path: [7fff, 6f46], size: 17, form: spn}\n"
    "    - {uri: ./SC/USIM/Long, path: [7fff, 6f47], size: 400, form: raw}\n"
    "    - {uri: ./SC/USIM/Fixed, path: [7fff, 6f48], size: 4, form: raw, access: [get]}\n";

/// The process dies here.
struct killed {};

class world : public ::testing::Test {
protected:
    world()
        : kek(std::move(
              secure_channel::key_encryption_key::load(secure_channel::secret(wire::octets(32, 7))).value())) {
        config::faults faults;
        load_profiles(config::document::parse(profiles_yaml, "profiles.yaml", faults).root(), settings.profiles);
        state = std::move(store::open_sqlite({":memory:", 1u << 20}).value());
        start_anew();
    }

    /// Nothing of the process stays but the store and the log.
    void start_anew() {
        running.reset();
        running.emplace(drive_parts{desk(*state), [this](const std::vector<queue::message>& m) { return publish(m); },
                                    "instance/0", false},
                        [this](const std::string& fault) { faults_told.push_back(fault); });
    }
    const cards::desk& desk(store::store& on) {
        auto& made = desks[&on];
        if (!made)
            made = std::make_unique<cards::desk>(
                cards::desk{on, settings.profiles, kek, cards::system_random, [this] { return now; }, false});
        return *made;
    }
    campaigns::office office() { return office_at(desk(*state)); }
    campaigns::office office_at(const cards::desk& at) {
        return {at, [this] { return std::shared_ptr<const gateway_settings>(std::shared_ptr<void>(), &settings); }};
    }

    virtual wire::result<void> publish(const std::vector<queue::message>& batch) {
        if (log_is_away) return store::errc::io;
        log.insert(log.end(), batch.begin(), batch.end());
        return BOOST_OUTCOME_V2_NAMESPACE::success();
    }

    static std::string iccid(std::size_t n) {
        const auto digits = std::to_string(n);
        return "8949" + std::string(15 - digits.size(), '0') + digits;
    }
    void add_cards(std::size_t first, std::size_t n, const std::string& labels = "",
                   store::standing is = store::standing::active) {
        std::vector<store::card_row> rows(n);
        for (std::size_t i = 0; i < n; ++i) {
            rows[i].iccid = iccid(first + i);
            rows[i].profile = "aes";
            rows[i].labels = labels;
            rows[i].is = is;
        }
        auto tx = std::move(state->begin().value());
        ASSERT_TRUE(tx->insert_cards(rows));
        ASSERT_TRUE(tx->commit());
    }

    campaign document(const std::string& more = "", const std::string& cards = "{all: true}",
                      const std::string& change = "{node: ./SC/USIM/SPN, format: chr, value: Neu}") {
        config::faults told;
        auto c =
            read_campaign(config::document::parse("name: spring\nchange: " + change + "\ncards: " + cards + "\n" + more,
                                                  "c.yaml", told)
                              .root());
        check_campaign(c, settings, told);
        for (const auto& f : told.list()) ADD_FAILURE() << config::to_string(f);
        return c;
    }
    void begin(const std::string& more = "", const std::string& cards = "{all: true}") {
        const auto made = create(office(), document(more, cards), "test");
        ASSERT_TRUE(made) << made.error().message();
    }

    /// The gateway takes in what is new in the log (R22) and ends every event as `end` says; nothing: it stays open.
    using ending = std::function<std::optional<std::pair<queue::event_state, std::string>>(const std::string& iccid)>;
    void take_in(const ending& end) {
        auto tx = std::move(state->begin().value());
        for (; taken < log.size(); ++taken) {
            const auto event = std::get<queue::change_event>(queue::parse_event(log[taken].value, log[taken].key));
            const store::event_key keys[] = {{event.source, event.id}};
            if (tx->find_events(keys).value().front()) {
                ++duplicates;
                EXPECT_EQ(contents.at(event.id), event.content_hash) << "another event with the same id";
                continue;
            }
            contents[event.id] = event.content_hash;
            store::event_row row;
            row.seq = ids.next(now);
            row.source = event.source;
            row.id = event.id;
            row.subject = event.subject;
            row.node = event.node;
            row.accepted_at = now;
            const store::event_row rows[] = {row};
            ASSERT_TRUE(tx->insert_events(rows));
            open[event.id] = {row.seq, event.subject};
        }
        for (auto at = open.begin(); at != open.end();) {
            const auto how = end(at->second.second);
            if (!how) {
                ++at;
                continue;
            }
            const store::event_close close[] = {
                {at->second.first, static_cast<std::uint8_t>(how->first), how->second, "", now}};
            ASSERT_TRUE(tx->close_events(close));
            at = open.erase(at);
        }
        ASSERT_TRUE(tx->commit());
    }
    static ending applied() {
        return [](const std::string&) { return std::pair(queue::event_state::applied, std::string()); };
    }
    static ending nothing() {
        return [](const std::string&) { return std::nullopt; };
    }

    sheet look() { return std::move(find(office(), "spring").value()); }
    std::size_t of(outcome o) { return look().progress.of(o); }
    std::string state_of() { return std::string(state_name(look().what, look().progress, now)); }
    /// Rounds until there is nothing to do at once.
    void settle() {
        for (int i = 0; i < 100'000 && running->tick(); ++i) {
        }
    }
    /// Rounds, with a pause and the gateway's work between.
    void run_for(std::chrono::seconds span, const ending& end,
                 std::chrono::milliseconds pause = std::chrono::seconds(1)) {
        for (const auto until = now + span; now < until; now += pause) {
            settle();
            take_in(end);
        }
        settle();
    }

    gateway_settings settings;
    secure_channel::key_encryption_key kek;
    std::unique_ptr<store::store> state;
    std::map<store::store*, std::unique_ptr<cards::desk>> desks;
    wall_time now = queue::parse_timestamp("2027-01-12T12:00:00Z").value();
    std::vector<queue::message> log;
    bool log_is_away = false;
    std::size_t taken = 0, duplicates = 0;
    std::map<std::string, std::uint64_t> contents;
    std::map<std::string, std::pair<store::event_seq, std::string>> open;  ///< by id: number and ICCID
    store::id_source ids{1};
    std::vector<std::string> faults_told;
    std::optional<runner> running;
};

}  // namespace ota::campaigns::testing
