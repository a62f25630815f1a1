#pragma once

#include "gateway/dm/session.hpp"
#include "sandbox/device/dm_client.hpp"

#include <gtest/gtest.h>

#include <functional>

/// The gateway's session and the device's client, connected in memory.
namespace ota::dm {

namespace mo = management_object;
namespace syncml = management_object::dm;

inline secure_channel::secret secret_of(std::string_view text) {
    const auto octets = wire::as_octets(text);
    return secure_channel::secret({octets.begin(), octets.end()});
}

/// ./DevInfo, an IMPS account that the server may change, and a node that it may not.
inline mo::node device_tree() {
    auto root = mo::empty_tree();
    auto devinfo =
        mo::interior("DevInfo", {mo::text_leaf("DevId", "IMEI:493005100592800"), mo::text_leaf("Man", "Maker"),
                                 mo::text_leaf("Mod", "Model"), mo::text_leaf("Lang", "en")});
    auto imps = mo::interior(
        "IMPS", {mo::text_leaf("Addr", "imps.old.example"), mo::leaf("Port", mo::node_format::integer, "80")},
        "urn:oma:mo:oma-imps:1.0");
    imps.acl = mo::parse_acl("Add=*&Delete=*&Exec=*&Get=*&Replace=*").value();
    auto locked = mo::text_leaf("Locked", "secret");
    locked.acl = mo::parse_acl("Replace=other").value();
    imps.children.push_back(std::move(locked));
    root.children = {std::move(devinfo), std::move(imps), mo::interior("Inbox")};
    return root;
}

struct combination {
    syncml::encoding as;
    scheme how;
};

class two_ends {
public:
    explicit two_ends(combination c, settings gateway = {}, sandbox::dm_client_settings of_device = {})
        : how(c), tree(device_tree()), gateway_settings(std::move(gateway)), client_settings(std::move(of_device)) {
        client_settings.as = c.as;
        client_settings.device = "IMEI:493005100592800";
        client_settings.tree.server = "dm.example";
        device = {
            .server_uri = "https://dm.example/session",
            .server_id = "dm.example",
            .preferred = c.how == scheme::mac ? sandbox::dm_authentication::hmac : sandbox::dm_authentication::digest,
            .client = {"subscriber", secret_of("device-password"), "client-nonce-0"},
            .server = {"dm.example", secret_of("server-password"), "server-nonce-0"}};
        stored_client_nonce = "client-nonce-0";
        stored_server_nonce = "server-nonce-0";
    }

    /// What happens to octets on their way; true: they arrive.
    std::function<bool(wire::octets& body, std::string& hmac)> to_server = [](auto&, auto&) { return true; };
    std::function<bool(wire::octets& body, std::string& hmac)> to_device = [](auto&, auto&) { return true; };
    /// Called with each event before the reply is made.
    std::function<void(session&, const event&)> on_event = [](auto&, const auto&) {};

    /// A whole session with these orders.
    void run(std::vector<order> orders = {}, std::vector<syncml::alert> alerts = {}, bool by_server = false) {
        what.clear();
        sent.clear();
        server.emplace(
            gateway_settings, [this](std::string_view id) { return find(id); }, [this] { return fresh("client"); });
        for (auto& each : orders) server->queue(std::move(each));
        client.emplace(tree, device, client_settings, [this] { return fresh("server"); });
        if (on_start) on_start(*client);
        std::optional<sandbox::dm_request> request = client->start("1A", by_server, std::move(alerts));
        for (int turns = 0; request && turns < 500; ++turns) request = turn(*std::move(request));
        EXPECT_TRUE(client->finished());
    }

    [[nodiscard]] std::vector<order_answer> answers() const {
        std::vector<order_answer> out;
        for (const auto& each : what) {
            if (const auto* a = std::get_if<answered>(&each)) out.push_back(a->what);
        }
        return out;
    }
    /// The answer to an order; code 9999 when it has none or several.
    [[nodiscard]] order_answer answer(std::uint64_t id) const {
        order_answer out{.id = id, .code = 9999};
        for (auto& each : answers()) {
            if (each.id == id) out = out.code == 9999 ? each : order_answer{.id = id, .code = 9999};
        }
        return out;
    }
    [[nodiscard]] std::string value(std::uint64_t id) const {
        const auto a = answer(id);
        if (a.steps.size() != 1 || a.steps[0].items.size() != 1) return "<none>";
        const auto read = syncml::value_of(a.steps[0].items[0]);
        return read ? read.value() : "<not of its format>";
    }
    [[nodiscard]] ending end() const {
        for (const auto& each : what) {
            if (const auto* e = std::get_if<ended>(&each)) return e->why;
        }
        ADD_FAILURE() << "the session has no end";
        return ending::silent;
    }
    [[nodiscard]] const mo::node* find_node(std::string_view at) const {
        return mo::find(tree, mo::parse_uri(at).value());
    }

    combination how;
    mo::node tree;
    settings gateway_settings;
    sandbox::dm_client_settings client_settings;
    sandbox::dm_account device;
    std::string stored_client_nonce, stored_server_nonce;  // the gateway's store
    std::optional<session> server;
    std::optional<sandbox::dm_client> client;
    std::function<void(sandbox::dm_client&)> on_start;
    events what;
    std::vector<std::pair<bool, wire::octets>> sent;  // true: by the device
    bool knows_device = true;

private:
    std::string fresh(std::string_view side) { return std::string(side) + "-nonce-" + std::to_string(++nonces_); }

    std::optional<account> find(std::string_view id) const {
        if (!knows_device || id != "IMEI:493005100592800") return std::nullopt;
        return account{.how = how.how,
                       .server = {"dm.example", secret_of("server-password")},
                       .client = {"subscriber", secret_of("device-password")},
                       .server_nonce = stored_server_nonce,
                       .client_nonce = stored_client_nonce};
    }

    void keep(events these) {
        for (auto& each : these) {
            if (const auto* n = std::get_if<nonces>(&each)) {
                if (n->client_nonce) stored_client_nonce = *n->client_nonce;
                if (n->server_nonce) stored_server_nonce = *n->server_nonce;
            }
            on_event(*server, each);
            what.push_back(std::move(each));
        }
    }

    std::optional<sandbox::dm_request> turn(sandbox::dm_request request) {
        sent.emplace_back(true, request.body);
        if (!to_server(request.body, request.hmac)) return client->on_no_response();
        keep(server->on_message({request.content_type, request.body, request.hmac}, {}));
        auto reply = server->reply();
        keep(std::move(reply.what));
        auto& m = reply.message;
        sent.emplace_back(false, m.body);
        if (!to_device(m.body, m.hmac)) return client->on_no_response();
        return client->on_response({m.http_status, m.content_type, m.body, m.hmac});
    }

    unsigned nonces_ = 0;
};

inline const combination every_combination[] = {{syncml::encoding::xml, scheme::md5},
                                                {syncml::encoding::xml, scheme::mac},
                                                {syncml::encoding::wbxml, scheme::md5},
                                                {syncml::encoding::wbxml, scheme::mac}};
inline std::string name_of(const testing::TestParamInfo<combination>& info) {
    return std::string(info.param.as == syncml::encoding::xml ? "xml" : "wbxml") +
           (info.param.how == scheme::mac ? "_mac" : "_md5");
}

inline order one(std::uint64_t id, step s) { return {.id = id, .steps = {std::move(s)}}; }
inline order get(std::uint64_t id, std::string target) { return one(id, {.target = std::move(target)}); }
inline order replace(std::uint64_t id, std::string target, std::string value) {
    return one(id, {.what = syncml::verb::replace, .target = std::move(target), .value = std::move(value)});
}
inline order remove(std::uint64_t id, std::string target) {
    return one(id, {.what = syncml::verb::del, .target = std::move(target)});
}

}  // namespace ota::dm
