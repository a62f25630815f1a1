#pragma once

#include "gateway/http/dm_sessions.hpp"
#include "gateway/sessions/device_sessions.hpp"
#include "queue/event_sink.hpp"
#include "tests/device/phone_bench.hpp"
#include "tests/flow/object_world.hpp"

#include <cstring>

/// Cards behind the corridor, devices that hold them, and the gateway's DM sessions between: no socket.
namespace ota::simulation {

using sandbox::at;
using sandbox::phone_bench;

inline constexpr const char* account = "./DMAcc/Operator";

/// The world's store as the sessions see it: some of their transactions cannot begin.
struct moody_store final : ota::store::store {
    explicit moody_store(ota::store::store& s) : it(s) {}
    wire::result<std::unique_ptr<ota::store::transaction>> begin() override {
        const auto number = begun++;
        if (number >= fails_from && number < fails_until) return ota::store::errc::io;
        return it.begin();
    }
    [[nodiscard]] std::uint64_t commits() const override { return it.commits(); }
    ota::store::store& it;
    unsigned begun = 0, fails_from = 0, fails_until = 0;  ///< numbers of transactions
};

/// A phone with one of the world's cards in it.
struct phone_in_world : phone_bench {
    phone_in_world(world& w, std::size_t card, sandbox::device_model who = sandbox::phone_model())
        : phone_bench(std::move(who)), terminal(w.network().terminal(card)) {
        phone.insert({.transmit = [this](wire::octet_view c) { return terminal.transmit(c); },
                      .reset = [this] { terminal.reset(); }},
                     now);
        phone.switch_on(now);
    }
    /// The next session: one that the device wants by itself, else one that its user asks for.
    std::optional<sandbox::dm_request> wanted() {
        if (connections.empty()) return phone.start_session(at(account), now);
        auto first = std::move(connections.front().second);
        connections.erase(connections.begin());
        return first;
    }
    sandbox::terminal_channel terminal;
};

class session_world : public object_world {
public:
    explicit session_world(options o = calm(1, object_profile()), dm::table_settings limits = {})
        : object_world(std::move(o)),
          moody(state()),
          owner({moody, profiles(), guard(), [this](std::span<std::uint8_t> out) { fill(out); }, [this] { return now; },
                 opts.corridor.card_states},
                [this](const sessions::note& n) {
                    notes.push_back(std::string(n.what) + ' ' + n.card + ' ' + n.device + ' ' + n.node);
                }),
          http(std::move(limits), owner.owner(), [this] { return clock; }) {}

    flow::guard guard() {
        flow::guard g;
        g.seal = [this](wire::octet_view clear, std::string_view purpose) {
            std::array<std::uint8_t, 12> nonce{};
            fill(nonce);
            return kek().seal(clear, wire::as_octets(purpose), nonce);
        };
        g.open = [this](wire::octet_view sealed, std::string_view purpose) -> wire::result<wire::octets> {
            OTA_TRY(auto clear, kek().open(sealed, wire::as_octets(purpose)));
            return wire::octets(clear.view().begin(), clear.view().end());
        };
        return g;
    }
    void fill(std::span<std::uint8_t> out) {
        ++given_;
        std::memset(out.data(), 0xA5, out.size());
        std::memcpy(out.data(), &given_, std::min(out.size(), sizeof given_));
    }

    /// The card gets an account of its own, over the air.
    void provision(std::size_t card, const std::string& name, const std::string& secret,
                   const std::string& how = "DIGEST") {
        const std::string auth = std::string(account) + "/AppAuth/";
        const std::vector<std::string> ids{replace_leaf(auth + "client/AAuthName", name, card),
                                           replace_leaf(auth + "client/AAuthSecret", secret, card),
                                           replace_leaf(auth + "server/AAuthSecret", "server-" + secret, card),
                                           replace_leaf(std::string(account) + "/AAuthPref", how, card)};
        ASSERT_TRUE(run(minutes(10)));
        for (const auto& id : ids) ASSERT_EQ(state_of(id), "applied") << reason_of(id);
    }

    http::response answer(const sandbox::dm_request& r) {
        http::request asked;
        asked.method = "POST";
        asked.path = "/dm";
        asked.headers = {{"content-type", r.content_type}};
        if (!r.hmac.empty()) asked.headers.emplace_back("x-syncml-hmac", r.hmac);
        asked.body = wire::as_text(r.body);
        return http.answer(asked);
    }
    /// A whole session; how it ended at the device.
    std::string call(phone_in_world& bench) {
        auto request = bench.wanted();
        for (int turns = 0; request && turns < 200; ++turns) {
            clock += seconds(1);
            const auto reply = answer(*request);
            std::string hmac;
            for (const auto& [name, value] : reply.headers)
                if (name == "x-syncml-hmac") hmac = value;
            request = bench.phone.on_response({reply.status, reply.content_type, wire::as_octets(reply.body), hmac},
                                              bench.now);
        }
        EXPECT_FALSE(bench.phone.in_session());
        auto ends = bench.told(sandbox::kind::session_finished);
        const auto failed = bench.told(sandbox::kind::session_failed);
        ends.insert(ends.end(), failed.begin(), failed.end());
        return ends.empty() ? "no session" : ends.back().substr(ends.back().find(' ') + 1);
    }

    /// What the outbox holds goes to its topics; change events come back as the event log brings them.
    void publish_outbox() {
        const auto until = now + minutes(1);
        while (now < until) tick();
        for (; seen_ < sink.messages.size(); ++seen_) {
            const auto& m = sink.messages[seen_];
            if (m.topic != queue::topic_changes) continue;
            auto read = queue::parse_event(m.value, m.key);
            ASSERT_TRUE(std::holds_alternative<queue::change_event>(read));
            changes.push_back(std::get<queue::change_event>(read));
            object_world::publish(changes.back());
        }
    }
    /// Later statuses of the event, as they were published: "incorporated", "declined", ...
    std::vector<std::string> later(const std::string& id) {
        std::vector<std::string> out;
        for (const auto& m : sink.messages) {
            if (m.topic != queue::topic_status) continue;
            const auto whole = boost::json::parse(m.value);
            const auto& data = whole.at("data").as_object();
            if (data.at("event_id").as_string() == id && !data.at("final").as_bool())
                out.emplace_back(data.at("state").as_string());
        }
        return out;
    }
    std::vector<store::device_account> accounts(std::size_t card) {
        const auto id = row_of(card).id;
        auto tx = state().begin();
        return tx.value()->accounts_of(id).value();
    }
    flow::device_view view_of(const std::string& object, std::size_t card = 0) {
        const auto t = twin_of(card);
        const auto* node = t.find(object);
        return node == nullptr ? flow::device_view{} : node->device;
    }

    std::vector<std::string> notes;
    std::vector<queue::change_event> changes;
    dm::time_point clock{std::chrono::hours(1)};
    moody_store moody;
    sessions::device_sessions owner;
    http::dm_sessions http;

private:
    std::uint64_t given_ = 1'000'000;
    std::size_t seen_ = 0;
};

}  // namespace ota::simulation
