#include "gateway/dm/handshake.hpp"

#include "gateway/dm/authentication.hpp"
#include "management-object/dm_status.hpp"

namespace ota::dm {

namespace syncml = management_object::dm;
using management_object::dm_status;

namespace {
constexpr std::uint16_t code_of(dm_status s) { return static_cast<std::uint16_t>(s); }
}  // namespace

bool device_proof::holds(const account& who, bool allow_basic, const syncml::header& hdr,
                         const sealed_message& in) const {
    const auto& nonce = nonce_ ? *nonce_ : who.client_nonce;
    if (who.how == scheme::mac) {
        const auto header = parse_hmac_header(in.hmac);
        return header && header->algorithm == "MD5" && header->username == who.client.name &&
               same_secret_text(header->mac, message_mac(who.client, nonce, in.body));
    }
    // Credentials of another kind than agreed are too weak, or unknown: a new challenge names the kind.
    if (!hdr.cred || hdr.cred->about.type != to_string(who.how)) return false;
    if (who.how == scheme::basic) return allow_basic && same_secret_text(hdr.cred->data, basic_credentials(who.client));
    return same_secret_text(hdr.cred->data, md5_credentials(who.client, nonce));
}

void device_proof::challenge_with(scheme how, bool renew) {
    challenge_ = syncml::meta{.format = "b64", .type = std::string(to_string(how))};
    fresh_ = renew && how != scheme::basic;
    if (fresh_) nonce_ = next_();
    if (how != scheme::basic) challenge_->next_nonce = nonce_;
}

device_proof::verdict device_proof::judge(const account* who, bool allow_basic, const syncml::header& hdr,
                                          const sealed_message& in) {
    const auto how = who != nullptr && (who->how != scheme::basic || allow_basic) ? who->how : scheme::md5;
    challenge_.reset();
    fresh_ = false;
    code_ = code_of(dm_status::ok);
    if (proven_ && how != scheme::mac) return verdict::accepted;  // [9.1] 212 held for the session
    const bool offered = hdr.cred || !in.hmac.empty();
    if (offered && who != nullptr && holds(*who, allow_basic, hdr, in)) {
        proven_ = true;
        if (how != scheme::mac) code_ = code_of(dm_status::authentication_accepted);
        challenge_with(how, true);  // for the next session, with a MAC for the next message
        return verdict::accepted;
    }
    ++(offered ? wrong_ : missing_);
    code_ = code_of(offered ? dm_status::invalid_credentials : dm_status::missing_credentials);
    // Once proven, the nonce of our last challenge is still unused: the device's own next message fits it.
    challenge_with(how, !proven_);
    return offered ? verdict::wrong : verdict::missing;
}

std::optional<std::string> device_proof::renewed() const {
    // A challenge that nobody has met yet is no one's: the stored nonce stays good [5.3.4].
    return proven_ && fresh_ ? nonce_ : std::nullopt;
}

std::optional<syncml::credentials> server_proof::credentials(const account& a) const {
    if (for_the_session_ || a.how == scheme::mac) return std::nullopt;
    return syncml::credentials{
        .about = {.format = "b64", .type = std::string(to_string(a.how))},
        .data = a.how == scheme::basic ? basic_credentials(a.server) : md5_credentials(a.server, nonce(a))};
}

std::string server_proof::hmac(const account& a, wire::octet_view body) const {
    if (a.how != scheme::mac) return {};
    return serialize_hmac_header({.username = a.server.name, .mac = message_mac(a.server, nonce(a), body)});
}

server_proof::verdict server_proof::on_status(std::uint16_t code, const std::optional<syncml::meta>& challenge) {
    if (challenge && challenge->next_nonce) nonce_ = challenge->next_nonce;
    if (code == code_of(dm_status::authentication_accepted)) for_the_session_ = true;
    const bool refused =
        code == code_of(dm_status::invalid_credentials) || code == code_of(dm_status::missing_credentials);
    if (!refused) {
        refusals_ = 0;
        return verdict::settled;
    }
    for_the_session_ = false;
    return ++refusals_ > 1 || !challenge ? verdict::refused : verdict::again;
}

}  // namespace ota::dm
