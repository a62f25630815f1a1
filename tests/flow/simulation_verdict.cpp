// What a simulated run came to, and whether every rule was kept.
#include "tests/flow/simulation.hpp"

#include "sandbox/judge.hpp"

#include <boost/json.hpp>

#include <cstring>
#include <stdexcept>

namespace ota::simulation {

std::map<std::string, std::vector<std::string>> world::finals() const {
    std::map<std::string, std::set<std::string>> seen;  // by status id: the stream is at-least-once
    for (const auto& m : sink.messages) {
        if (m.topic != queue::topic_status) continue;
        const auto v = boost::json::parse(m.value);
        const auto& data = v.at("data").as_object();
        if (data.at("final").as_bool())
            seen[std::string(data.at("event_id").as_string())].insert(std::string(data.at("state").as_string()));
    }
    std::map<std::string, std::vector<std::string>> out;
    for (auto& [id, states] : seen) out[id].assign(states.begin(), states.end());
    return out;
}

namespace {

std::string member(const std::vector<queue::message>& messages, const std::string& id, const char* name) {
    for (const auto& m : messages) {
        if (m.topic != queue::topic_status) continue;
        const auto v = boost::json::parse(m.value);
        const auto& data = v.at("data").as_object();
        if (data.at("event_id").as_string() == id && data.if_contains(name) != nullptr)
            return std::string(data.at(name).as_string());
    }
    return {};
}

}  // namespace

std::string world::state_of(const std::string& id) const { return member(sink.messages, id, "state"); }
std::string world::reason_of(const std::string& id) const { return member(sink.messages, id, "reason"); }

store::card_row world::row_of(std::size_t card) {
    auto tx = store_->begin();
    const std::vector<std::string> iccids{iccid(card)};
    return *tx.value()->cards_by_iccid(iccids).value().front();
}

flow::twin world::twin_of(std::size_t card) {
    flow::guard g;
    g.open = [this](wire::octet_view sealed, std::string_view purpose) -> wire::result<wire::octets> {
        OTA_TRY(auto clear, kek_.open(sealed, wire::as_octets(purpose)));
        return wire::octets(clear.view().begin(), clear.view().end());
    };
    return std::move(flow::parse_twin(row_of(card).twin, g).value());
}

void world::save(std::size_t card, const flow::twin& t, store::standing is) {
    const auto row = row_of(card);
    flow::guard g;
    g.seal = [this](wire::octet_view clear, std::string_view purpose) {
        std::array<std::uint8_t, 12> nonce{};
        const auto n = ++nonce_;
        std::memcpy(nonce.data(), &n, sizeof n);
        return kek_.seal(clear, wire::as_octets(purpose), nonce);
    };
    auto tx = store_->begin();
    const store::card_change change{row.id, row.version, flow::serialize_twin(t, g), now, is};
    if (!tx.value()->save_cards(std::span(&change, 1)) || !tx.value()->commit()) throw std::runtime_error("save");
}

std::vector<std::string> world::violations() {
    std::vector<std::string> out;
    const auto states = finals();
    for (const auto& e : published) {
        const auto at = states.find(e.id);
        if (at == states.end()) {
            out.push_back(e.id + " has no final state");
        } else if (at->second.size() != 1) {
            out.push_back(e.id + " has " + std::to_string(at->second.size()) + " final states");
        }
    }
    if (answers_before_commit > 0)
        out.push_back(std::to_string(answers_before_commit) + " deliveries were answered before the commit");
    // R2, R3: one packet, one set of octets; one counter, one packet. The clear header and the ciphertext tell packets
    // apart.
    std::map<std::pair<std::int64_t, std::uint8_t>, wire::octets> octets;
    for (const auto& s : sent) {
        auto [at, fresh] = octets.try_emplace({s.packet, s.segment}, s.user_data);
        if (!fresh && at->second != s.user_data)
            out.push_back("packet " + std::to_string(s.packet) + " was repeated with other octets");
    }
    for (const auto& s : sent_by_channel) {  // R7
        if (octets.contains({s.packet, 0}))
            out.push_back("packet " + std::to_string(s.packet) + " went over a channel and by short message");
    }
    journal_.flush();
    sandbox::verdict verdict;
    std::string error;
    if (!sandbox::judge(journal_file_, {}, verdict, error)) out.push_back("the journal cannot be judged: " + error);
    out.insert(out.end(), verdict.findings.begin(), verdict.findings.end());
    if (opts.profile->spi.counter() >= secure_channel::counter_mode::higher && verdict.run_twice > 0) {
        out.push_back(std::to_string(verdict.run_twice) + " packets ran twice");
    }
    for (std::size_t card = 0; card < opts.cards; ++card) {
        const auto t = twin_of(card);
        for (const auto& n : t.nodes) {
            const auto* node = opts.profile->find(n.uri);
            const bool file = node != nullptr && node->is == node_binding::kind::file;
            if (!file && opts.profile->object(n.uri) == nullptr) continue;
            const auto held = content(card, n.uri);
            if (n.confirmed && held && *held != n.reported)
                out.push_back(iccid(card) + " " + n.uri + ": reported is not what the card holds");
            if (!t.in_flight && !t.unknown && t.events.empty() && n.wanted && n.blocked.empty() && t.hold.empty() &&
                held && *held != n.desired) {
                out.push_back(iccid(card) + " " + n.uri + ": the card does not hold what is desired");
            }
        }
    }
    return out;
}

}  // namespace ota::simulation
