#include "gateway/dm/notification.hpp"
#include "gateway/dm/session.hpp"
#include "sandbox/card_network.hpp"
#include "tests/device/phone_bench.hpp"

namespace ota::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The secured packets of the script that gives ./IMPS another address: the control file last.
std::vector<wire::octets> change_by_air(object_card& card, std::string address) {
    const auto script = object_card::script_of(card.plan_value("./IMPS", "AppAddr/x/Addr", std::move(address)));
    return sc::split_packet(card.packet(++card.last_counter, script), sc::packet_kind::command, 1).value();
}

TEST(device_end_to_end, a_secured_script_by_sms_reaches_the_devices_tree) {
    phone_with_card bench;
    (void)bench.told(kind::incorporated);
    const auto parts = change_by_air(bench.card, "imps.new.example.org");
    sms_outcome last;
    for (const auto& part : parts) {
        EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
        last = bench.phone.on_sms({"4915500001", part}, bench.now);
        EXPECT_TRUE(last.reached);
    }
    ASSERT_TRUE(last.report);
    const auto proof = bench.card.open(*last.report);
    EXPECT_EQ(proof.integrity, sc::verification::verified);
    EXPECT_EQ(wire::to_hex(proof.value.data).substr(2), "9000");
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
    EXPECT_THAT(bench.told(kind::incorporated), ElementsAre("./IMPS 1"));
}

TEST(device_end_to_end, without_refresh_the_device_learns_it_at_its_next_start) {
    auto profile = sample_profile();
    profile.refresh = refresh_policy::none;
    phone_with_card bench(profile);
    for (const auto& part : change_by_air(bench.card, "imps.new.example.org"))
        (void)bench.phone.on_sms({"4915500001", part}, bench.now);
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
    bench.restart();
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
}

TEST(device_end_to_end, keys_of_another_card_change_nothing) {
    phone_with_card bench;
    auto parts = change_by_air(bench.card, "imps.new.example.org");
    parts.back().back() ^= 1;
    for (const auto& part : parts) (void)bench.phone.on_sms({"4915500001", part}, bench.now);
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
}

/// A card of the population: the network writes its journal, the device polls.
TEST(device_end_to_end, a_card_of_the_network_is_followed_by_its_device) {
    const auto profile = sample_profile();
    journal diary;
    card_network cards(profile, population_for(profile, 7, 5), {}, {}, diary);
    terminal_channel terminal = cards.terminal(3);
    phone_bench bench;
    bench.phone.insert(
        {.transmit = [&](wire::octet_view c) { return terminal.transmit(c); }, .reset = [&] { terminal.reset(); }},
        bench.now);
    bench.phone.switch_on(bench.now);
    EXPECT_EQ(bench.phone.card(), cards.who().iccid(3));
    object_card twin(profile);  // as new as that card: it tells the script
    const auto script = object_card::script_of(twin.plan_value("./IMPS", "AppAddr/x/Addr", "imps.new.example.org"));
    const auto kvn = static_cast<std::uint8_t>(cards.who().settings().key_version << 4);
    const sc::command_header header{profile.spi,
                                    {static_cast<std::uint8_t>(kvn | profile.kic_algorithm)},
                                    {static_cast<std::uint8_t>(kvn | profile.kid_algorithm)},
                                    profile.applications[profile.objects_at->application].tar,
                                    {cards.who().first_counter(3) + 1}};
    const auto whole = sc::seal_command(header, hex(script), cards.who().keys(3)).value();
    const auto number = cards.who().msisdn(3);
    const auto parts = sc::split_packet(whole, sc::packet_kind::command, 1).value();
    for (const auto& part : parts)
        EXPECT_EQ(cards.deliver({1, number, part, {}}, terminal).how, acknowledgement::accepted);
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.old.example.org");
    bench.phone.poll(bench.now);
    EXPECT_EQ(bench.value("./IMPS/AppAddr/x/Addr"), "imps.new.example.org");
}

/// The gateway's sessions, which know the account that the card tells.
struct server_end {
    server_end() { open(); }
    /// The next session, with the nonces of the last.
    void open() {
        session.emplace(
            dm::settings{}, [this](std::string_view id) { return find(id); },
            [this] { return "client-nonce-" + std::to_string(++nonces); });
        answers.clear();
    }
    [[nodiscard]] wire::octets notify(dm::ui_mode ui, std::uint16_t session_id = 0x2B) const {
        const auto text = wire::as_octets(password);
        return dm::serialize_notification({.ui = ui, .session_id = session_id, .server_id = "org.example.dm"},
                                          {"org.example.dm", secure_channel::secret({text.begin(), text.end()})},
                                          server_nonce)
            .value();
    }

    std::optional<dm::account> find(std::string_view id) const {
        if (id != "IMEI:490154203237518") return std::nullopt;
        const auto text = wire::as_octets(password);
        return dm::account{.how = dm::scheme::md5,
                           .server = {"org.example.dm", secure_channel::secret({text.begin(), text.end()})},
                           .client = {"device", secure_channel::secret({text.begin(), text.end()})},
                           .server_nonce = server_nonce,
                           .client_nonce = client_nonce};
    }
    void get(std::uint64_t id, std::string target) {
        session->queue({.id = id, .steps = {{.target = std::move(target)}}});
    }
    void set(std::uint64_t id, std::string target, std::string value) {
        session->queue(
            {.id = id,
             .steps = {{.what = mo::dm::verb::replace, .target = std::move(target), .value = std::move(value)}}});
    }
    void keep(dm::events these) {
        for (auto& each : these) {
            if (const auto* a = std::get_if<dm::answered>(&each)) answers.push_back(a->what);
            if (const auto* n = std::get_if<dm::nonces>(&each)) {
                if (n->client_nonce) client_nonce = *n->client_nonce;
                if (n->server_nonce) server_nonce = *n->server_nonce;
            }
            alerts += std::holds_alternative<dm::alerted>(each);
        }
    }
    /// The whole session that begins with this message.
    void run(phone_bench& bench, std::optional<dm_request> request) {
        for (int turns = 0; request && turns < 50; ++turns) {
            keep(session->on_message({request->content_type, request->body, request->hmac}, {}));
            auto reply = session->reply();
            keep(std::move(reply.what));
            const auto& m = reply.message;
            request = bench.phone.on_response({m.http_status, m.content_type, m.body, m.hmac}, bench.now);
        }
    }
    [[nodiscard]] dm::order_answer answer(std::uint64_t id) const {
        for (const auto& a : answers)
            if (a.id == id) return a;
        return {.id = id, .code = 9999};
    }
    [[nodiscard]] std::string value(std::uint64_t id) const {
        const auto a = answer(id);
        if (a.steps.size() != 1 || a.steps[0].items.size() != 1) return "<none>";
        return mo::dm::value_of(a.steps[0].items[0]).value();
    }

    std::string password = "changeme";
    std::string server_nonce, client_nonce;
    unsigned nonces = 0, alerts = 0;
    std::vector<dm::order_answer> answers;
    std::optional<dm::session> session;
};

TEST(device_end_to_end, a_session_reads_from_the_device_what_the_card_brought_it) {
    phone_with_card bench;
    for (const auto& part : change_by_air(bench.card, "imps.new.example.org"))
        (void)bench.phone.on_sms({"4915500001", part}, bench.now);
    ASSERT_TRUE(bench.phone.edit(at("./NAP/Name"), "Mine"));
    server_end server;
    server.get(1, "./IMPS/AppAddr/x/Addr");
    server.get(2, "./DMAcc/Operator/AppAuth/client/AAuthSecret");
    server.get(3, "./DMAcc/Operator?list=StructData");
    server.set(4, "./IMPS/Name", "Chat");
    ASSERT_EQ(bench.connections.size(), 1U);
    server.run(bench, bench.connections[0].second);
    EXPECT_FALSE(bench.phone.in_session());
    EXPECT_EQ(server.value(1), "imps.new.example.org");
    EXPECT_GE(server.answer(2).code, 400);
    for (const auto& step : server.answer(3).steps)
        for (const auto& item : step.items) EXPECT_NE(item.data.value_or(""), "changeme");
    EXPECT_EQ(server.answer(4).code, 200);
    EXPECT_EQ(bench.value("./IMPS/Name"), "Chat");
    EXPECT_EQ(server.alerts, 1U);  // the drift
    EXPECT_THAT(bench.told(kind::session_finished), ElementsAre("./DMAcc/Operator done"));
    EXPECT_TRUE(bench.card.control().entries.front().generation == 1);  // the session changed nothing on the card
    // The nonces of this session are those of the next, and the drift is told once.
    EXPECT_FALSE(bench.phone.next());
    EXPECT_FALSE(server.client_nonce.empty());
    server.open();
    server.get(5, "./IMPS/Name");
    server.run(bench, bench.phone.start_session(at("./DMAcc/Operator"), bench.now));
    EXPECT_EQ(server.value(5), "Chat");
    EXPECT_EQ(server.alerts, 1U);
}

TEST(device_end_to_end, a_genuine_notification_starts_a_session_and_asks_the_user_when_it_says_so) {
    phone_with_card bench;
    server_end server;
    server.run(bench, bench.connections.at(0).second);
    auto forged = server.notify(dm::ui_mode::background);
    forged[3] ^= 1;
    EXPECT_FALSE(bench.phone.on_notification(forged, bench.now));
    EXPECT_FALSE(bench.phone.on_notification(server.notify(dm::ui_mode::user_interaction), bench.now));
    bench.agrees = true;
    EXPECT_FALSE(bench.phone.on_notification(server.notify(dm::ui_mode::user_interaction), bench.now))
        << "delivered twice: no second question";
    const auto notice = server.notify(dm::ui_mode::user_interaction, 0x2C);
    server.open();
    server.get(7, "./IMPS/AppAddr/x/Addr");
    server.run(bench, bench.phone.on_notification(notice, bench.now));
    EXPECT_EQ(server.value(7), "imps.old.example.org");
    EXPECT_FALSE(bench.phone.on_notification(notice, bench.now));  // its nonce was used up
}

TEST(device_end_to_end, a_server_with_another_secret_reads_nothing) {
    phone_with_card bench;
    server_end server;
    server.password = "other";
    server.get(1, "./IMPS/AppAddr/x/Addr");
    server.run(bench, bench.connections.at(0).second);
    EXPECT_FALSE(bench.phone.in_session());
    EXPECT_EQ(server.answer(1).code, 9999);
    EXPECT_EQ(bench.told(kind::session_failed).size(), 1U);
    EXPECT_TRUE(bench.phone.next());
}

TEST(device_end_to_end, what_a_session_deletes_is_the_cards_no_more_until_the_card_changes_it) {
    phone_with_card bench;
    server_end server;
    server.session->queue({.id = 1, .steps = {{.what = mo::dm::verb::del, .target = "./IMPS"}}});
    server.run(bench, bench.connections.at(0).second);
    EXPECT_EQ(server.answer(1).code, 200);
    EXPECT_FALSE(bench.has("./IMPS"));
    bench.restart();
    EXPECT_FALSE(bench.has("./IMPS"));
    change(bench.card, "./IMPS", "Name", "Other");
    bench.refresh();
    EXPECT_EQ(bench.value("./IMPS/Name"), "Other");
}

}  // namespace
}  // namespace ota::sandbox
