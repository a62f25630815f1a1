#include "sandbox/device/account_object.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace mo = management_object;

namespace {

std::string text(const mo::node* above, std::string_view name) {
    const auto* leaf = above != nullptr ? above->child(name) : nullptr;
    return leaf != nullptr ? leaf->value.value_or("") : std::string();
}

std::optional<dm_authentication> scheme_named(std::string_view name) {
    if (name == "BASIC") return dm_authentication::basic;
    if (name == "DIGEST") return dm_authentication::digest;
    if (name == "HMAC") return dm_authentication::hmac;
    return std::nullopt;
}

/// The address with the port, where it tells none and the port is not what its scheme implies.
std::string with_port(const std::string& address, const std::string& port) {
    const auto scheme_end = address.find("://");
    if (port.empty() || scheme_end == std::string::npos) return address;
    const bool implied =
        (address.starts_with("http:") && port == "80") || (address.starts_with("https:") && port == "443");
    const auto host = scheme_end + 3;
    const auto host_end = std::min(address.find_first_of("/?#", host), address.size());
    const auto name = std::string_view(address).substr(host, host_end - host);
    const auto colon = name.rfind(':');
    const bool has_port = colon != std::string_view::npos && name.find(']', colon) == std::string_view::npos;
    if (implied || has_port) return address;
    return address.substr(0, host_end) + ":" + port + address.substr(host_end);
}

dm_credential credential_of(const mo::node& auth) {
    const auto password = text(&auth, "AAuthSecret");
    const auto octets = wire::as_octets(password);
    return {text(&auth, "AAuthName"), secure_channel::secret({octets.begin(), octets.end()}), text(&auth, "AAuthData")};
}

}  // namespace

std::optional<dm_account> account_of(const mo::node& object) {
    dm_account out;
    out.server_id = text(&object, "ServerID");
    const auto* addresses = object.child("AppAddr");
    if (addresses == nullptr || addresses->children.empty()) return std::nullopt;
    const auto& first = addresses->children.front();
    const auto* ports = first.child("Port");
    const auto* port = ports != nullptr && !ports->children.empty() ? &ports->children.front() : nullptr;
    out.server_uri = with_port(text(&first, "Addr"), text(port, "PortNbr"));
    bool can_prove = false;
    auto scheme = scheme_named(text(&object, "AAuthPref"));
    const auto* ways = object.child("AppAuth");
    for (const auto& way : ways != nullptr ? ways->children : std::vector<mo::node>()) {
        const auto level = text(&way, "AAuthLevel");
        if (level == "CLCRED") {
            out.client = credential_of(way);
            can_prove = true;
            if (!scheme) scheme = scheme_named(text(&way, "AAuthType"));
        }
        if (level == "SRVCRED") out.server = credential_of(way);
    }
    out.preferred = scheme.value_or(dm_authentication::digest);
    if (out.server_uri.empty() || out.server_id.empty() || !can_prove) return std::nullopt;
    return out;
}

}  // namespace ota::sandbox
