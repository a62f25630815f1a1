#include "gateway/dm/authentication.hpp"
#include "gateway/http/dm_sessions.hpp"
#include "gateway/http/server.hpp"
#include "tests/dm/two_ends.hpp"
#include "tests/http/raw_client.hpp"

#include <map>
#include <thread>

// The device's client against the gateway's HTTP server on loopback.
namespace ota::dm {
namespace {

/// What the gateway keeps of its devices, and the server that they call.
class gateway {
public:
    explicit gateway(scheme how, table_settings with = {})
        : how_(how),
          sessions({.each = with.each, .limit = with.limit},
                   {[this](std::string_view device) { return find(device); },
                    [this] { return "nonce-" + std::to_string(++given_); },
                    [this](session& whose, const event& e) { hear(whose, e); }}) {
        http::router routes;
        sessions.serve_on(routes);
        server_.emplace(http::server_settings{.threads = 2}, std::move(routes));
        const auto started = server_->start();
        EXPECT_TRUE(started);
        port = started ? started.value() : 0;
    }

    void add(const std::string& device) { nonces_[device] = {"client-nonce-0", "server-nonce-0"}; }

    std::uint16_t port = 0;
    std::map<std::string, std::string> read;  // by device: what order 2 gave

private:
    std::optional<account> find(std::string_view device) const {
        const auto known = nonces_.find(std::string(device));
        if (known == nonces_.end()) return std::nullopt;
        return account{.how = how_,
                       .server = {"dm.example", secret_of("server-password")},
                       .client = {"subscriber", secret_of("device-password")},
                       .server_nonce = known->second.second,
                       .client_nonce = known->second.first};
    }
    void hear(session& whose, const event& e) {
        if (std::holds_alternative<started>(e)) {
            whose.queue(replace(1, "./IMPS/Addr", whose.device()));
            whose.queue(get(2, "./IMPS/Addr"));
        }
        if (const auto* n = std::get_if<nonces>(&e)) {
            auto& stored = nonces_[whose.device()];
            if (n->client_nonce) stored.first = *n->client_nonce;
            if (n->server_nonce) stored.second = *n->server_nonce;
        }
        const auto* a = std::get_if<answered>(&e);
        if (a != nullptr && a->what.id == 2 && a->what.steps[0].items.size() == 1)
            read[whose.device()] = a->what.steps[0].items[0].data.value_or("");
    }

    scheme how_;
    unsigned given_ = 0;
    std::map<std::string, std::pair<std::string, std::string>> nonces_;

public:
    http::dm_sessions sessions;

private:
    std::optional<http::server> server_;  // stops before what it serves is gone
};

std::string field(std::string_view answer, std::string_view name) {
    const auto head = answer.substr(0, answer.find("\r\n\r\n"));
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string_view::npos) return {};
    const auto value = head.substr(at + name.size() + 4);
    return std::string(value.substr(0, value.find("\r\n")));
}

std::string post(http::testing::raw_client& to, std::string_view type, std::string_view hmac, std::string_view body) {
    std::string octets = "POST /dm HTTP/1.1\r\nHost: dm.example\r\nContent-Type: " + std::string(type) + "\r\n";
    if (!hmac.empty()) octets += "x-syncml-hmac: " + std::string(hmac) + "\r\n";
    octets += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    EXPECT_TRUE(to.send(octets));
    return to.receive();
}

/// A device that keeps its tree and account from session to session.
struct caller {
    caller(combination c, std::string id) : name(std::move(id)), tree(device_tree()) {
        settings.as = c.as;
        settings.device = name;
        settings.tree.server = "dm.example";
        account = {
            .server_uri = "https://dm.example/dm",
            .server_id = "dm.example",
            .preferred = c.how == scheme::mac ? sandbox::dm_authentication::hmac : sandbox::dm_authentication::digest,
            .client = {"subscriber", secret_of("device-password"), "client-nonce-0"},
            .server = {"dm.example", secret_of("server-password"), "server-nonce-0"}};
    }
    sandbox::dm_finish call(std::uint16_t port, std::string session_id) {
        http::testing::raw_client to(port);
        sandbox::dm_client client(tree, account, settings, [this] { return name + std::to_string(++given); });
        std::optional<sandbox::dm_request> next = client.start(std::move(session_id), false);
        for (int turns = 0; next && turns < 50; ++turns) {
            const auto answer = post(to, next->content_type, next->hmac, wire::as_text(next->body));
            const auto type = field(answer, "Content-Type"), hmac = field(answer, hmac_header_name);
            next = client.on_response(
                {http::testing::status_of(answer), type, wire::as_octets(http::testing::body_of(answer)), hmac});
        }
        challenges += client.tally().challenges_met;
        return client.finished().value_or(sandbox::dm_finish::too_long);
    }
    std::string name;
    mo::node tree;
    sandbox::dm_account account;
    sandbox::dm_client_settings settings;
    unsigned given = 0;
    std::uint64_t challenges = 0;
};

class dm_carriage : public testing::TestWithParam<combination> {};
INSTANTIATE_TEST_SUITE_P(combinations, dm_carriage, testing::ValuesIn(every_combination), name_of);

TEST_P(dm_carriage, a_device_is_changed_over_http_and_calls_again) {
    gateway here(GetParam().how);
    here.add("IMEI:1");
    caller device(GetParam(), "IMEI:1");
    for (const auto* session_id : {"1", "2", "2"}) {
        here.read.clear();
        EXPECT_EQ(device.call(here.port, session_id), sandbox::dm_finish::done) << session_id;
        EXPECT_EQ(here.read["IMEI:1"], "IMEI:1");
    }
    const auto* changed = mo::find(device.tree, mo::parse_uri("./IMPS/Addr").value());
    ASSERT_NE(changed, nullptr);
    EXPECT_EQ(changed->value, "IMEI:1");
    EXPECT_EQ(device.challenges, 0u) << "the nonces of one session serve the next";
    EXPECT_EQ(here.sessions.tally().begun, 3u);
    const auto met = here.sessions.met();
    EXPECT_EQ(met.wrong_credentials + met.no_credentials + met.malformed + met.unknown_references, 0u);
}

TEST_P(dm_carriage, devices_call_at_the_same_time) {
    gateway here(GetParam().how);
    std::vector<std::unique_ptr<caller>> devices;
    for (int i = 0; i < 8; ++i) {
        devices.push_back(std::make_unique<caller>(GetParam(), "IMEI:" + std::to_string(i)));
        here.add(devices.back()->name);
    }
    std::vector<sandbox::dm_finish> ends(devices.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < devices.size(); ++i)
        threads.emplace_back([&, i] { ends[i] = devices[i]->call(here.port, "1"); });
    for (auto& each : threads) each.join();
    for (std::size_t i = 0; i < devices.size(); ++i) {
        EXPECT_EQ(ends[i], sandbox::dm_finish::done) << i;
        EXPECT_EQ(here.read[devices[i]->name], devices[i]->name);
    }
}

TEST_P(dm_carriage, an_unknown_device_is_not_let_in) {
    gateway here(GetParam().how);
    EXPECT_EQ(caller(GetParam(), "IMEI:9").call(here.port, "1"), sandbox::dm_finish::not_let_in);
}

TEST(dm_carriage_refusal, what_is_no_message_is_refused_by_status) {
    gateway here(scheme::md5, {.each = {.max_message = 1000}});
    http::testing::raw_client to(here.port);
    EXPECT_EQ(http::testing::status_of(post(to, "text/plain", "", "x")), 415u);
    EXPECT_EQ(http::testing::status_of(post(to, "Application/VND.syncml.dm+xml; charset=utf-8", "", "<x/>")), 400u);
    EXPECT_EQ(http::testing::status_of(post(to, syncml::type_wbxml, "", std::string("\x02\x00", 2))), 400u);
    EXPECT_EQ(http::testing::status_of(post(to, syncml::type_xml, "", std::string(1001, '<'))), 413u);
    ASSERT_TRUE(to.send("GET /dm HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_EQ(http::testing::status_of(to.receive()), 405u);
    EXPECT_EQ(here.sessions.met(), (counts{.too_large = 1, .other_type = 1, .malformed = 2}));
    EXPECT_EQ(here.sessions.size(), 0u);
}

TEST(dm_carriage_refusal, a_device_without_room_is_told_when_to_come_again) {
    gateway here(scheme::md5, {.limit = 0});
    here.add("IMEI:1");
    caller device(every_combination[0], "IMEI:1");
    sandbox::dm_client client(device.tree, device.account, device.settings, [] { return std::string("n"); });
    const auto request = client.start("1", false);
    http::testing::raw_client to(here.port);
    const auto answer = post(to, request.content_type, "", wire::as_text(request.body));
    EXPECT_EQ(http::testing::status_of(answer), 503u);
    EXPECT_EQ(field(answer, "Retry-After"), "30");
}

}  // namespace
}  // namespace ota::dm
