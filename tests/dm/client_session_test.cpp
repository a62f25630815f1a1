#include "sandbox/device/dm_client.hpp"

#include <gtest/gtest.h>

// The device's client against scripted servers.
namespace ota::sandbox {
namespace {

namespace mo = management_object;
namespace syncml = management_object::dm;

secure_channel::secret secret_of(std::string_view text) {
    const auto octets = wire::as_octets(text);
    return secure_channel::secret({octets.begin(), octets.end()});
}

class dm_client_script : public testing::Test {
protected:
    dm_client_script() {
        root = mo::empty_tree();
        root.children = {mo::interior("DevInfo", {mo::text_leaf("Man", "Maker")}), mo::text_leaf("Leaf", "value")};
        settings.as = syncml::encoding::xml;
        settings.device = "IMEI:1";
        settings.tree.server = "dm.example";
        account = {.server_uri = "https://dm.example",
                   .server_id = "dm.example",
                   .client = {"subscriber", secret_of("device-password"), "client-nonce-0"},
                   .server = {"dm.example", secret_of("server-password"), "server-nonce-0"}};
    }
    syncml::message start() {
        client.emplace(root, account, settings, [this] { return "given-" + std::to_string(++given); });
        return read(client->start("7", false));
    }
    static syncml::message read(const dm_request& r) { return syncml::parse_xml(wire::as_text(r.body)).value(); }

    /// A server message that welcomes (212) and shows good credentials.
    syncml::message good(std::uint32_t msg_id, std::uint32_t msg_ref) const {
        syncml::message m;
        m.hdr.session_id = "7";
        m.hdr.msg_id = msg_id;
        m.hdr.target.loc_uri = "IMEI:1";
        m.hdr.source.loc_uri = "https://dm.example";
        m.hdr.cred = syncml::credentials{.about = {.format = "b64", .type = "syncml:auth-md5"},
                                         .data = dm_cred_data(dm_authentication::digest, account.server)};
        m.body.push_back({syncml::status{.cmd_id = 1, .msg_ref = msg_ref, .cmd = "SyncHdr", .code = 212}});
        m.final = true;
        return m;
    }
    static syncml::command get(std::uint32_t cmd_id, std::string target) {
        return {syncml::operation{.what = syncml::verb::get,
                                  .cmd_id = cmd_id,
                                  .items = {{.target = syncml::location{std::move(target), {}}}}}};
    }
    std::optional<syncml::message> answer(const syncml::message& m) {
        const auto text = syncml::serialize_xml(m).value();
        const auto next = client->on_response({200, syncml::type_xml, wire::as_octets(text)});
        if (!next) return std::nullopt;
        return read(*next);
    }
    static std::uint16_t code_for_header(const syncml::message& m) {
        return std::get<syncml::status>(m.body.front().is).code;
    }

    mo::node root;
    dm_account account;
    dm_client_settings settings;
    std::optional<dm_client> client;
    unsigned given = 0;
};

TEST_F(dm_client_script, introduces_itself) {
    const auto m = start();
    EXPECT_EQ(m.hdr.session_id, "7");
    EXPECT_EQ(m.hdr.source.loc_uri, "IMEI:1");
    EXPECT_EQ(m.hdr.cred->about.type, "syncml:auth-md5");
    ASSERT_EQ(m.body.size(), 2u);
    EXPECT_EQ(std::get<syncml::alert>(m.body[0].is).code, 1201);
    EXPECT_EQ(std::get<syncml::operation>(m.body[1].is).items[0].source->loc_uri, "./DevInfo/Man");
    EXPECT_TRUE(m.final);
}

TEST_F(dm_client_script, does_not_answer_a_package_that_asks_nothing) {
    (void)start();
    EXPECT_FALSE(answer(good(1, 1)));
    EXPECT_EQ(client->finished(), dm_finish::done);
}

TEST_F(dm_client_script, a_server_that_shows_nothing_or_the_wrong_is_challenged_once) {
    for (const bool shows : {false, true}) {
        given = 0;
        (void)start();
        auto m = good(1, 1);
        m.body.push_back(get(2, "./Leaf"));
        if (shows)
            m.hdr.cred->data = "AAAA";
        else
            m.hdr.cred.reset();
        const auto challenge = answer(m);
        ASSERT_TRUE(challenge);
        EXPECT_EQ(code_for_header(*challenge), shows ? 401 : 407);
        EXPECT_EQ(std::get<syncml::status>(challenge->body[0].is).chal->next_nonce, "given-1");
        EXPECT_EQ(std::get<syncml::status>(challenge->body[1].is).code, shows ? 401 : 407);
        m.hdr.msg_id = 2;
        std::get<syncml::status>(m.body[0].is).msg_ref = 2;
        EXPECT_FALSE(answer(m));
        EXPECT_EQ(client->finished(), dm_finish::server_not_trusted);
    }
}

TEST_F(dm_client_script, a_server_that_asks_nothing_is_not_challenged) {
    (void)start();
    auto m = good(1, 1);
    m.hdr.cred.reset();
    EXPECT_FALSE(answer(m));
    EXPECT_EQ(client->finished(), dm_finish::done);
}

TEST_F(dm_client_script, a_proven_server_is_answered_with_212_and_a_new_nonce) {
    (void)start();
    auto m = good(1, 1);
    m.body.push_back(get(2, "./Leaf"));
    const auto reply = answer(m);
    ASSERT_TRUE(reply);
    EXPECT_EQ(code_for_header(*reply), 212);
    EXPECT_EQ(account.server.nonce, "given-1");
    EXPECT_FALSE(reply->hdr.cred);
    EXPECT_EQ(std::get<syncml::results>(reply->body.back().is).items[0].data, "value");
    auto end = good(2, 2);
    end.hdr.cred.reset();
    EXPECT_FALSE(answer(end));
    EXPECT_EQ(client->finished(), dm_finish::done);
}

// The package is not answered, so the server never hears of a new nonce: the next session uses the old one.
TEST_F(dm_client_script, a_nonce_that_is_never_told_does_not_count) {
    (void)start();
    EXPECT_FALSE(answer(good(1, 1)));
    EXPECT_EQ(client->finished(), dm_finish::done);
    EXPECT_EQ(account.server.nonce, "server-nonce-0");
}

TEST_F(dm_client_script, an_object_that_the_server_refuses_goes_no_further) {
    root.children.back().value = std::string(5000, 'x');
    (void)start();
    auto m = good(1, 1);
    m.hdr.about = syncml::meta{.max_msg_size = 2000};
    m.body.push_back(get(2, "./Leaf"));
    m.body.push_back(get(3, "./DevInfo/Man"));
    ASSERT_TRUE(answer(m)) << "Status alone: the next message has more room";
    const auto more = [&](std::uint32_t id) {
        auto out = good(id, id);
        out.body.push_back({syncml::alert{.cmd_id = 3, .code = 1222}});
        out.final = false;
        return out;
    };
    const auto first = answer(more(2));
    ASSERT_TRUE(first);
    const auto* piece = std::get_if<syncml::results>(&first->body.back().is);
    ASSERT_NE(piece, nullptr);
    EXPECT_TRUE(piece->items[0].more_data);
    auto refusal = more(3);
    refusal.body.push_back(
        {syncml::status{.cmd_id = 2, .msg_ref = 3, .cmd_ref = piece->cmd_id, .cmd = "Results", .code = 413}});
    const auto second = answer(refusal);
    ASSERT_TRUE(second);
    std::vector<std::string> read;
    for (const auto& each : second->body) {
        if (const auto* r = std::get_if<syncml::results>(&each.is)) read.push_back(r->items[0].data.value_or(""));
    }
    EXPECT_EQ(read, std::vector<std::string>{"Maker"});
    EXPECT_TRUE(second->final);
}

TEST_F(dm_client_script, no_value_beyond_what_the_server_takes_is_read) {
    root.children.back().value = std::string(500, 'x');
    (void)start();
    auto m = good(1, 1);
    m.hdr.about = syncml::meta{.max_obj_size = 499};
    m.body.push_back(get(2, "./Leaf"));
    const auto reply = answer(m);
    ASSERT_TRUE(reply);
    const auto* s = std::get_if<syncml::status>(&reply->body.back().is);
    ASSERT_NE(s, nullptr);
    EXPECT_EQ(s->code, 413);
}

TEST_F(dm_client_script, a_challenge_for_basic_is_not_answered_unless_allowed) {
    for (const bool allowed : {false, true}) {
        settings.allow_basic = allowed;
        (void)start();
        auto m = good(1, 1);
        auto& s = std::get<syncml::status>(m.body[0].is);
        s.code = 401;
        s.chal = syncml::meta{.format = "b64", .type = "syncml:auth-basic"};
        const auto again = answer(m);
        EXPECT_EQ(again.has_value(), allowed);
        if (again) {
            EXPECT_EQ(again->hdr.cred->about.type, "syncml:auth-basic");
        }
    }
}

TEST_F(dm_client_script, a_server_that_never_lets_in_is_left) {
    (void)start();
    for (std::uint32_t i = 1; i <= 2; ++i) {
        auto m = good(i, i);
        auto& s = std::get<syncml::status>(m.body[0].is);
        s.code = 401;
        s.chal = syncml::meta{.format = "b64", .type = "syncml:auth-md5", .next_nonce = "n" + std::to_string(i)};
        const auto again = answer(m);
        EXPECT_EQ(again.has_value(), i == 1);
        if (again) {
            EXPECT_EQ(std::get<syncml::status>(again->body[0].is).cmd, "SyncHdr") << "then package 1 again";
        }
    }
    EXPECT_EQ(client->finished(), dm_finish::not_let_in);
    EXPECT_EQ(account.client.nonce, "client-nonce-0") << "what an unproven server gave is not kept";
}

TEST_F(dm_client_script, what_belongs_to_no_session_of_its_own_finishes_it) {
    const std::function<void(syncml::message&)> wrongs[] = {
        [](auto& m) { m.hdr.session_id = "8"; }, [](auto& m) { m.hdr.target.loc_uri = "IMEI:2"; },
        [](auto& m) { m.hdr.ver_proto = "DM/1.1"; }, [](auto& m) { m.hdr.msg_id = 0; }};
    for (const auto& wrong : wrongs) {
        (void)start();
        auto m = good(1, 1);
        m.body.push_back(get(2, "./Leaf"));
        wrong(m);
        EXPECT_FALSE(answer(m));
        EXPECT_EQ(client->finished(), dm_finish::bad_answer);
    }
    (void)start();
    EXPECT_FALSE(client->on_response({200, "text/html", wire::as_octets("<html/>")}));
    EXPECT_EQ(client->finished(), dm_finish::bad_answer);
    (void)start();
    EXPECT_FALSE(client->on_response({403, syncml::type_xml, {}}));
    EXPECT_EQ(client->finished(), dm_finish::bad_answer);
}

TEST_F(dm_client_script, tries_again_as_often_as_it_is_told) {
    settings.tries = 3;
    (void)start();
    EXPECT_TRUE(client->on_no_response());
    EXPECT_TRUE(client->on_response({503, "", {}}));
    EXPECT_FALSE(client->on_no_response());
    EXPECT_EQ(client->finished(), dm_finish::no_answer);
}

TEST_F(dm_client_script, leaves_when_the_server_aborts_and_after_its_longest_session) {
    (void)start();
    auto m = good(1, 1);
    m.body.push_back({syncml::alert{.cmd_id = 2, .code = 1223}});
    EXPECT_FALSE(answer(m));
    EXPECT_EQ(client->finished(), dm_finish::ended_by_server);
    settings.longest = 5;
    (void)start();
    for (std::uint32_t i = 1; !client->finished(); ++i) {
        ASSERT_LT(i, 10u);
        auto next = good(i, i);
        next.body.push_back(get(2, "./Leaf"));
        (void)answer(next);
    }
    EXPECT_EQ(client->finished(), dm_finish::too_long);
}

}  // namespace
}  // namespace ota::sandbox
