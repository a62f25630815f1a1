#pragma once

#include "gateway/dm/authentication.hpp"
#include "gateway/dm/session.hpp"

#include <gtest/gtest.h>

/// A server session and a device that says exactly what a test tells it to.
namespace ota::dm {

inline constexpr std::string_view device_id = "IMEI:493005100592800";
inline constexpr std::string_view server_uri = "https://dm.example/session";

inline secure_channel::secret password(std::string_view text) {
    const auto octets = wire::as_octets(text);
    return secure_channel::secret({octets.begin(), octets.end()});
}

inline account sample_account(scheme how) {
    return {.how = how,
            .server = {"dm.example", password("server-password")},
            .client = {"subscriber", password("device-password")},
            .server_nonce = "server-nonce-0",
            .client_nonce = "client-nonce-0"};
}

class server_bench {
public:
    using encoding = management_object::dm::encoding;
    using message = management_object::dm::message;

    explicit server_bench(scheme how = scheme::md5, encoding as = encoding::xml, settings s = {})
        : how_(how),
          as_(as),
          server(
              std::move(s), [this](std::string_view device) { return find(device); },
              [this] { return "fresh-nonce-" + std::to_string(++nonces_given); }) {}

    /// Package 1 with good credentials for the nonce.
    [[nodiscard]] message package_1() const {
        auto m = blank(1);
        m.body.push_back({management_object::dm::alert{.cmd_id = 1, .code = 1201}});
        management_object::dm::operation info{.what = management_object::dm::verb::replace, .cmd_id = 2};
        info.items.push_back({.source = management_object::dm::location{"./DevInfo/Man", {}}, .data = "Maker"});
        m.body.push_back({std::move(info)});
        return m;
    }
    /// A message of the session without commands.
    [[nodiscard]] message blank(std::uint32_t msg_id) const {
        message m;
        m.hdr.session_id = "4D";
        m.hdr.msg_id = msg_id;
        m.hdr.target.loc_uri = server_uri;
        m.hdr.source.loc_uri = device_id;
        m.final = true;
        return m;
    }
    void add_credentials(message& m, std::string_view nonce = "client-nonce-0") const {
        const auto me = sample_account(how_).client;
        if (how_ == scheme::mac) return;
        m.hdr.cred = management_object::dm::credentials{
            .about = {.format = "b64", .type = std::string(to_string(how_))},
            .data = how_ == scheme::md5 ? md5_credentials(me, nonce) : basic_credentials(me)};
    }
    [[nodiscard]] wire::octets encoded(const message& m) const {
        if (as_ == encoding::wbxml) return management_object::dm::serialize_wbxml(m).value();
        const auto text = management_object::dm::serialize_xml(m).value();
        return {text.begin(), text.end()};
    }
    [[nodiscard]] std::string type() const {
        return std::string(as_ == encoding::wbxml ? management_object::dm::type_wbxml
                                                  : management_object::dm::type_xml);
    }
    /// Sends octets and keeps what came of them.
    outbound exchange_octets(wire::octet_view body, std::string_view hmac = {}) {
        what = server.on_message({type(), body, hmac}, now);
        auto answer = server.reply();
        for (auto& each : answer.what) what.push_back(std::move(each));
        return std::move(answer.message);
    }
    /// Sends a message (with its MAC, if the scheme says so) and reads the answer.
    message exchange(const message& m, std::string_view mac_nonce = "client-nonce-0") {
        const auto body = encoded(m);
        const auto me = sample_account(how_).client;
        const auto hmac = how_ == scheme::mac
                              ? serialize_hmac_header({.username = me.name, .mac = message_mac(me, mac_nonce, body)})
                              : std::string();
        last = exchange_octets(body, hmac);
        EXPECT_EQ(last.http_status, 200u);
        return read(last);
    }
    [[nodiscard]] message read(const outbound& o) const {
        auto m = as_ == encoding::wbxml ? management_object::dm::parse_wbxml(o.body)
                                        : management_object::dm::parse_xml(wire::as_text(o.body));
        EXPECT_TRUE(m);
        return m ? std::move(m).value() : message{};
    }
    /// Begins a session with orders queued; gives the first message with commands.
    message begin(std::vector<order> orders) {
        for (auto& each : orders) server.queue(std::move(each));
        auto m = package_1();
        add_credentials(m);
        return exchange(m);
    }

    template <class Event>
    [[nodiscard]] const Event* event_of() const {
        for (const auto& each : what) {
            if (const auto* found = std::get_if<Event>(&each)) return found;
        }
        return nullptr;
    }
    /// The same where it must be there: a failure and an empty one when it is not.
    template <class Event>
    [[nodiscard]] const Event& the_event() const {
        return there(event_of<Event>());
    }
    template <class Command>
    [[nodiscard]] static const Command& the_command(const message& m) {
        return there(command_of<Command>(m));
    }
    [[nodiscard]] static const management_object::dm::status& the_status(const message& m, std::uint32_t cmd_ref) {
        return there(status_of(m, cmd_ref));
    }
    [[nodiscard]] static const management_object::dm::status* status_of(const message& m, std::uint32_t cmd_ref) {
        for (const auto& each : m.body) {
            const auto* s = std::get_if<management_object::dm::status>(&each.is);
            if (s != nullptr && s->cmd_ref == cmd_ref) return s;
        }
        return nullptr;
    }
    [[nodiscard]] static std::uint16_t code_of(const message& m, std::uint32_t cmd_ref) {
        const auto* s = status_of(m, cmd_ref);
        return s == nullptr ? 0 : s->code;
    }
    [[nodiscard]] static bool has_alert(const message& m, std::uint16_t code) {
        for (const auto& each : m.body) {
            const auto* a = std::get_if<management_object::dm::alert>(&each.is);
            if (a != nullptr && a->code == code) return true;
        }
        return false;
    }
    template <class Command>
    [[nodiscard]] static const Command* command_of(const message& m) {
        for (const auto& each : m.body) {
            if (const auto* found = std::get_if<Command>(&each.is)) return found;
        }
        return nullptr;
    }

private:
    template <class T>
    static const T& there(const T* found) {
        static const T none{};
        EXPECT_NE(found, nullptr);
        return found == nullptr ? none : *found;
    }
    std::optional<account> find(std::string_view device) const {
        if (device != device_id) return std::nullopt;
        return sample_account(how_);
    }
    scheme how_;
    encoding as_;

public:
    unsigned nonces_given = 0;
    time_point now{};
    session server;
    events what;
    outbound last;
};

/// Status that a device gives: for the header, or for a command of the message.
inline management_object::dm::command device_status(std::uint32_t cmd_id, std::uint32_t msg_ref, std::uint32_t cmd_ref,
                                                    std::string cmd, std::uint16_t code) {
    return {management_object::dm::status{
        .cmd_id = cmd_id, .msg_ref = msg_ref, .cmd_ref = cmd_ref, .cmd = std::move(cmd), .code = code}};
}

inline order get(std::uint64_t id, std::string target) { return {.id = id, .steps = {{.target = std::move(target)}}}; }
inline order replace(std::uint64_t id, std::string target, std::string value) {
    return {
        .id = id,
        .steps = {
            {.what = management_object::dm::verb::replace, .target = std::move(target), .value = std::move(value)}}};
}

}  // namespace ota::dm
