#include "sandbox/device/dm_client_account.hpp"

#include "management-object/base64.hpp"

namespace ota::sandbox {
namespace {

using management_object::to_base64;
using wire::as_octets;

std::string h64(std::string_view text) {
    const auto sum = secure_channel::md5(as_octets(text));
    return to_base64(wire::as_text(sum));
}

std::string user_and_password(const dm_credential& c) {
    return c.name + ":" + std::string(wire::as_text(c.password.view()));
}

/// The text between `name=` and the next comma, quotes taken off.
std::string parameter(std::string_view header, std::string_view name) {
    const auto start = header.find(std::string(name) + "=");
    if (start == std::string_view::npos) return {};
    auto value = header.substr(start + name.size() + 1);
    if (value.starts_with('"')) return std::string(value.substr(1, value.substr(1).find('"')));
    value = value.substr(0, value.find(','));
    return std::string(value.substr(0, value.find(' ')));
}

}  // namespace

std::optional<dm_authentication> dm_authentication_of(std::string_view type) noexcept {
    if (type == "syncml:auth-basic") return dm_authentication::basic;
    if (type == "syncml:auth-md5") return dm_authentication::digest;
    if (type == "syncml:auth-MAC") return dm_authentication::hmac;
    return std::nullopt;
}

std::string dm_cred_data(dm_authentication how, const dm_credential& c) {
    if (how == dm_authentication::basic) return to_base64(user_and_password(c));
    return h64(h64(user_and_password(c)) + ":" + c.nonce);
}

std::string dm_mac(const dm_credential& c, wire::octet_view body) {
    return h64(h64(user_and_password(c)) + ":" + c.nonce + ":" + h64(wire::as_text(body)));
}

std::string dm_hmac_header(const dm_credential& c, wire::octet_view body) {
    return "algorithm=MD5, username=\"" + c.name + "\", mac=" + dm_mac(c, body);
}

dm_trust dm_judge(dm_authentication how, const dm_credential& c, const management_object::dm::header& hdr,
                  wire::octet_view body, std::string_view hmac) {
    if (how == dm_authentication::hmac) {
        if (hmac.empty()) return dm_trust::nothing_shown;
        const bool fits = parameter(hmac, "username") == c.name && parameter(hmac, "mac") == dm_mac(c, body);
        return fits ? dm_trust::proven : dm_trust::wrong;
    }
    if (!hdr.cred) return dm_trust::nothing_shown;
    const bool fits = dm_authentication_of(hdr.cred->about.type) == how && hdr.cred->data == dm_cred_data(how, c);
    return fits ? dm_trust::proven : dm_trust::wrong;
}

}  // namespace ota::sandbox
