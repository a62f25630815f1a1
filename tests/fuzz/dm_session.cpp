#include "gateway/dm/session.hpp"

#include "gateway/dm/authentication.hpp"
#include "gateway/dm/notification.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace ota;
using namespace ota::dm;

namespace {

namespace mo = management_object;
namespace syncml = management_object::dm;

account account_of(scheme how) {
    const auto octets = wire::as_octets("password");
    return {.how = how,
            .server = {"server", secure_channel::secret({octets.begin(), octets.end()})},
            .client = {"device", secure_channel::secret({octets.begin(), octets.end()})},
            .server_nonce = "s",
            .client_nonce = "c"};
}

/// Feeds one session messages of any octets, some of them with good credentials put in, and checks that every order is
/// answered at most once, that nothing comes after the end, and that every reply can be read.
class exercise {
public:
    explicit exercise(std::uint8_t how)
        : how_(static_cast<scheme>(how % 3)),
          session_(
              {.allow_basic = true, .max_message = 4096, .max_object = 2048, .max_messages = 40, .tolerated_faults = 6},
              [this](std::string_view) { return std::optional(account_of(how_)); },
              [this] { return std::to_string(++nonces_); }) {
        queue({.target = "./DevInfo?list=StructData"});
        queue({.what = syncml::verb::replace, .target = "./A/B", .value = std::string(3000, '<')});
        queue({.what = syncml::verb::exec, .target = "./FUMO/X/Update", .correlator = "7"});
        order both{.id = ++ids_, .as = grouping::atomic};
        both.steps = {{.what = syncml::verb::del, .target = "./C"}, {.what = syncml::verb::add, .target = "./D"}};
        session_.queue(std::move(both));
    }

    void turn(std::uint8_t choice, wire::octet_view octets) {
        now_ += std::chrono::seconds(choice >> 4);
        switch (choice & 7) {
            case 0: look(session_.on_tick(now_)); break;
            case 1: queue({.what = syncml::verb::copy, .target = "./E", .source = "./F"}); break;
            case 2:
                if (choice == 0xF2) session_.abort();
                break;
            case 3: message(octets, syncml::type_wbxml, false); break;
            case 4: message(octets, syncml::type_xml, false); break;
            case 5: message(octets, syncml::type_wbxml, true); break;
            default: message(octets, syncml::type_xml, true); break;
        }
    }

private:
    void queue(ota::dm::step s) { session_.queue({.id = ++ids_, .steps = {std::move(s)}}); }

    /// As sent, or read and sent again as a device would that knows the password and this session.
    void message(wire::octet_view octets, std::string_view type, bool genuine) {
        wire::octets body(octets.begin(), octets.end());
        std::string hmac;
        if (genuine) {
            auto m = type == syncml::type_xml ? syncml::parse_xml(wire::as_text(body)) : syncml::parse_wbxml(body);
            if (!m) return;
            body = as_a_device(m.value(), type);
            if (how_ == scheme::mac) {
                const auto who = account_of(how_).client;
                hmac = serialize_hmac_header({.username = who.name, .mac = message_mac(who, nonce(), body)});
            }
        }
        look(session_.on_message({type, body, hmac}, now_));
        auto reply = session_.reply();
        look(reply.what);
        if (reply.message.http_status != 200) {
            if (!reply.message.body.empty()) std::abort();
            return;
        }
        const auto& out = reply.message;
        const bool sound = out.content_type == syncml::type_xml ? syncml::parse_xml(wire::as_text(out.body)).has_value()
                                                                : syncml::parse_wbxml(out.body).has_value();
        if (!sound) std::abort();
    }

    wire::octets as_a_device(syncml::message m, std::string_view type) {
        m.hdr.ver_dtd = "1.2";
        m.hdr.ver_proto = "DM/1.2";
        m.hdr.session_id = "1";
        m.hdr.msg_id = ++msg_id_;
        m.hdr.source.loc_uri = "device";
        if (m.hdr.about)
            m.hdr.about->max_msg_size = std::max<std::uint32_t>(m.hdr.about->max_msg_size.value_or(0), 600);
        if (how_ != scheme::mac) {
            const auto who = account_of(how_).client;
            m.hdr.cred = syncml::credentials{
                .about = {.type = std::string(to_string(how_))},
                .data = how_ == scheme::md5 ? md5_credentials(who, nonce()) : basic_credentials(who)};
        }
        if (type == syncml::type_wbxml) return syncml::serialize_wbxml(m).value();
        const auto text = syncml::serialize_xml(m);
        if (!text) return {};
        return {text.value().begin(), text.value().end()};
    }

    std::string nonce() const { return nonces_ == 0 ? "c" : std::to_string(nonces_); }

    void look(const events& what) {
        for (const auto& e : what) {
            if (ended_) std::abort();
            if (const auto* a = std::get_if<answered>(&e);
                a != nullptr && (a->what.id > ids_ || !answered_.insert(a->what.id).second))
                std::abort();
            if (std::holds_alternative<ended>(e)) ended_ = true;
        }
        if (ended_ != session_.has_ended()) std::abort();
    }

    scheme how_;
    unsigned nonces_ = 0;
    session session_;
    time_point now_{};
    std::uint64_t ids_ = 0;
    std::uint32_t msg_id_ = 0;
    std::set<std::uint64_t> answered_;
    bool ended_ = false;
};

}  // namespace

/// | scheme 1 | (choice 1 | length 2 | octets)... |; the whole is a notification, too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* in, std::size_t size) {
    if (size == 0) return 0;
    const auto who = account_of(scheme::md5).server;
    if (const auto n = parse_notification({in, size})) (void)is_genuine(n.value(), who, "s");
    exercise run(in[0]);
    for (std::size_t at = 1; at + 3 <= size;) {
        const auto choice = in[at];
        const auto length =
            std::min<std::size_t>(static_cast<std::size_t>(in[at + 1]) << 8 | in[at + 2], size - at - 3);
        run.turn(choice, {in + at + 3, length});
        at += 3 + length;
    }
    return 0;
}
