#pragma once

#include "config/settings.hpp"
#include "gateway/cards/desk.hpp"
#include "gateway/cards/import.hpp"
#include "gateway/flow/plan.hpp"
#include "gateway/flow/secure.hpp"
#include "gateway/profile/load_profiles.hpp"
#include "gateway/store/sqlite.hpp"
#include "queue/event_sink.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

/// A store in memory, two profiles, a key-encryption key, and a clock that moves by hand.
namespace ota::cards::testing {

inline constexpr const char* profiles_yaml =
    "- name: aes\n  spi: \"1619\"\n  kic: aes\n  kid: aes\n"
    "  applications:\n    - {name: USIM, tar: b00011, directory: [7fff]}\n    - {name: UICC, tar: b00000}\n"
    "  nodes:\n"
    "    - {uri: ./SC/USIM/SPN, path: [7fff, 6f46], size: 17, form: spn}\n"
    "    - {uri: ./SC/USIM/ACC, path: [7fff, 6f78], size: 2, form: raw}\n"
    "    - {uri: ./SC/UICC/PIN, path: [2f10], size: 4, form: raw, access: [replace]}\n"
    "- name: des\n  spi: \"1619\"\n  kic: 3des2\n  kid: 3des2\n  counter: {scope: tar}\n"
    "  applications:\n    - {name: SIM, tar: b00010, class: a0}\n    - {name: USIM, tar: b00011, directory: [7fff]}\n"
    "  nodes:\n    - {uri: ./SC/USIM/SPN, path: [7fff, 6f46], size: 17, form: spn}\n"
    "- name: strict\n  spi: \"1e19\"\n  kic: aes\n  kid: aes\n"
    "  applications:\n    - {name: USIM, tar: b00011, directory: [7fff]}\n"
    "  nodes:\n    - {uri: ./SC/USIM/SPN, path: [7fff, 6f46], size: 17, form: spn}\n";

/// Keys that must show up in no output.
inline const std::string kic_16 = "a1a2a3a4a5a6a7a8a9aaabacadaeafa0", kid_16 = "b1b2b3b4b5b6b7b8b9babbbcbdbebfb0";
inline const std::string other_16 = "c1c2c3c4c5c6c7c8c9cacbcccdcecfc0";
inline const std::string header = "iccid,msisdn,profile,kvn,kic_key,kid_key,mac_length,counter,labels\n";
inline const std::string iccid_a = "8949000000000000018", iccid_b = "8949000000000000026",
                         iccid_c = "8949000000000000034";

inline secure_channel::key_encryption_key kek_of(std::uint8_t fill) {
    return std::move(secure_channel::key_encryption_key::load(secure_channel::secret(wire::octets(32, fill))).value());
}

class room : public ::testing::Test {
protected:
    room() {
        config::faults faults;
        load_profiles(config::document::parse(profiles_yaml, "profiles.yaml", faults).root(), profiles);
        for (const auto& f : faults.list()) {
            if (f.is == config::fault::severity::error) ADD_FAILURE() << config::to_string(f);
        }
        state = std::move(store::open_sqlite({":memory:", 1u << 20}).value());
    }

    [[nodiscard]] cards::desk desk() { return desk_on(*state, kek); }
    [[nodiscard]] cards::desk desk_on(store::store& on, const secure_channel::key_encryption_key& under) {
        return {on, profiles, under, random, [this] { return now; }};
    }
    import_parts parts() {
        return {*state,
                profiles,
                kek,
                random,
                [this] { return now; },
                [this](const row_fault& f) { faults_told.push_back(f); },
                {},
                {}};
    }
    import_report take(const std::string& text, const import_options& options = {}) {
        std::istringstream in(text);
        auto said = import_cards(in, parts(), options);
        EXPECT_TRUE(said.has_value()) << (said ? "" : said.error().message());
        return said ? said.value() : import_report{};
    }
    static std::string row(const std::string& iccid, const std::string& msisdn, const std::string& profile = "aes",
                           const std::string& more = ",,") {
        return iccid + "," + msisdn + "," + profile + ",1," + kic_16 + "," + kid_16 + "," + more + "\n";
    }
    /// The faults told so far: "3 iccid: what".
    std::string told() const {
        std::string out;
        for (const auto& f : faults_told)
            out += std::to_string(f.row) + (f.warning ? " warning " : " ") + f.field + ": " + f.what + "\n";
        return out;
    }

    card_in_hand card(const std::string& iccid) {
        auto tx = std::move(state->begin().value());
        return std::move(take_card(*tx, desk(), iccid).value());
    }
    std::vector<flow::card_key> keys_of(const std::string& iccid) {
        const auto row = card(iccid).row;
        const auto purpose = flow::keys_purpose(iccid);
        const auto clear = std::move(kek.open(row.sealed_keys, wire::as_octets(purpose)).value());
        return std::move(flow::parse_keys(clear.view()).value());
    }
    /// Takes an event in, as the corridor does.
    store::event_seq give(const std::string& iccid, const std::string& id, const std::string& node,
                          const std::string& value, queue::operation op = queue::operation::replace,
                          std::optional<store::wall_time> not_before = {}) {
        const auto seq = ids.next(now);
        queue::change_event e;
        e.source = "//dm";
        e.id = id;
        e.subject = iccid;
        e.op = op;
        e.node = node;
        e.format = node.ends_with("SPN") ? "chr" : "bin";
        e.value =
            op == queue::operation::get ? queue::node_value{} : queue::node_value{queue::node_value::kind::text, value};
        e.not_before = not_before;
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid).value());
        const auto said = flow::take_in(c.state, *c.profile, e, seq, std::chrono::days(7), now, c.fx);
        EXPECT_EQ(said.state, queue::event_state::open) << said.reason << " " << said.detail;
        store::event_row r;
        r.seq = seq;
        r.source = e.source;
        r.id = id;
        r.card = c.row.id;
        r.previous = c.state.last_event;
        r.op = static_cast<std::uint8_t>(op);
        r.node = node;
        r.subject = iccid;
        r.accepted_at = now;
        c.state.last_event = seq;
        const store::event_row rows[] = {r};
        EXPECT_TRUE(tx->insert_events(rows));
        EXPECT_TRUE(put_card(*tx, desk(), c, true, ids));
        EXPECT_TRUE(tx->commit());
        return seq;
    }
    /// Plans and seals the card's next packet: it is in flight.
    void send(const std::string& iccid) {
        auto tx = std::move(state->begin().value());
        auto c = std::move(take_card(*tx, desk(), iccid).value());
        flow::card_keys ready;
        for (auto& k : keys_in(c))
            ready.sets.push_back(
                {k.version, secure_channel::key_set(std::move(k.kic), std::move(k.kid), k.mac_length)});
        auto next = flow::plan(c.state, *c.profile, 8, now, c.fx);
        ASSERT_TRUE(next.has_value());
        ASSERT_TRUE(flow::secure(c.state, *c.profile, ready, {c.row.id, c.row.iccid, c.row.msisdn}, std::move(*next),
                                 ids.next(now), now, c.fx));
        ASSERT_TRUE(put_card(*tx, desk(), c, false, ids));
        ASSERT_TRUE(tx->commit());
    }
    store::event_row event(store::event_seq seq) {
        auto tx = std::move(state->begin().value());
        const store::event_seq seqs[] = {seq};
        return std::move(*tx->events_by_seq(seqs).value().front());
    }
    std::vector<store::outbox_row> outbox() {
        auto tx = std::move(state->begin().value());
        return std::move(tx->outbox(0, 100).value());
    }
    std::optional<std::string> value(const std::string& name) {
        auto tx = std::move(state->begin().value());
        return std::move(tx->value(name).value());
    }
    void set_value(const std::string& name, const std::string& v) {
        auto tx = std::move(state->begin().value());
        ASSERT_TRUE(tx->set_value(name, v));
        ASSERT_TRUE(tx->commit());
    }

    profile_set profiles;
    secure_channel::key_encryption_key kek = kek_of(0x42);
    std::uint8_t nonce = 0;
    random_octets random = [this](std::span<std::uint8_t> out) {
        for (auto& o : out) o = ++nonce;
        if (!out.empty() && ++rounds % 16 == 0) ++nonce;
    };
    unsigned rounds = 0;
    store::wall_time now{std::chrono::milliseconds(1'800'000'000'000)};
    std::unique_ptr<store::store> state;
    store::id_source ids{0};
    std::vector<row_fault> faults_told;

private:
    std::vector<flow::card_key> keys_in(const card_in_hand& c) {
        const auto purpose = flow::keys_purpose(c.row.iccid);
        const auto clear = std::move(kek.open(c.row.sealed_keys, wire::as_octets(purpose)).value());
        return std::move(flow::parse_keys(clear.view()).value());
    }
};

/// A folder that goes away again.
class folder {
public:
    folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "otagw-cards-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
};

}  // namespace ota::cards::testing
