#include "gateway/flow/card_account.hpp"

#include "management-object/card_image.hpp"
#include "secure-channel/wire/crc.hpp"

#include <algorithm>
#include <array>

namespace ota::flow {

namespace mo = management_object;

namespace {

constexpr std::string_view account_id = "urn:oma:mo:oma-dm-dmacc:1.0";

std::string text(const mo::node& above, std::string_view name) {
    const auto* leaf = above.child(name);
    return leaf != nullptr ? leaf->value.value_or("") : std::string();
}

account_side side_of(const mo::node& auth) {
    const auto password = text(auth, "AAuthSecret");
    const auto octets = wire::as_octets(password);
    return {text(auth, "AAuthName"), secure_channel::secret({octets.begin(), octets.end()}), text(auth, "AAuthData")};
}

bool same(const account_side& a, const account_side& b) {
    return a.name == b.name && a.nonce == b.nonce && std::ranges::equal(a.password.view(), b.password.view());
}

using random_octets = std::function<void(std::span<std::uint8_t>)>;

std::string fresh_nonce(const random_octets& random) {
    std::array<std::uint8_t, 16> octets{};
    random(octets);
    return std::string(wire::as_text(octets));
}

wire::result<void> index_account(store::transaction& tx, store::card_id card, const node_state& now,
                                 const wire::octets& image_before, const random_octets& random) {
    const auto account = read_account(now.reported);
    OTA_TRY(const auto known, tx.accounts_of(card));
    const auto at = std::ranges::find(known, now.uri, &store::device_account::object);
    store::device_account row;
    if (at != known.end()) row = *at;
    if (!account) {  // nobody is found by it, but that a device used it is not forgotten
        row.client_name.clear();
        return at != known.end() ? tx.save_account(row) : BOOST_OUTCOME_V2_NAMESPACE::success();
    }
    const auto former = read_account(image_before);
    const bool goes_on =
        at != known.end() && former && same(former->client, account->client) && same(former->server, account->server);
    row.card = card;
    row.object = now.uri;
    row.client_name = account->client.name;
    if (!goes_on) {
        row.client_nonce = row.device.empty() ? account->client.nonce : fresh_nonce(random);
        row.server_nonce = account->server.nonce;
    }
    return tx.save_account(row);
}

}  // namespace

bool is_account(const management_object_binding& object) noexcept { return object.object_id == account_id; }

std::optional<card_account> read_account(wire::octet_view image) {
    const auto read = mo::read_image(image);
    if (!read || !read.value()) return std::nullopt;
    const auto& object = read.value()->top;
    const auto* ways = object.child("AppAuth");
    if (ways == nullptr) return std::nullopt;
    card_account out;
    out.server_id = text(object, "ServerID");
    auto how = text(object, "AAuthPref");
    bool can_prove = false;
    for (const auto& way : ways->children) {
        const auto level = text(way, "AAuthLevel");
        if (level == "CLCRED") {
            out.client = side_of(way);
            can_prove = true;
            if (how.empty()) how = text(way, "AAuthType");
        }
        if (level == "SRVCRED") out.server = side_of(way);
    }
    if (!can_prove) return std::nullopt;
    out.how = how == "HMAC"    ? card_account::scheme::hmac
              : how == "BASIC" ? card_account::scheme::basic
                               : card_account::scheme::digest;
    return out;
}

wire::result<void> index_accounts(store::transaction& tx, store::card_id card, twin& t, wire::octet_view before,
                                  const card_profile& profile, const guard& g, const random_octets& random) {
    for (const auto& object : profile.management_objects) {
        if (!is_account(object)) continue;
        const auto at = std::ranges::find(t.nodes, object.uri, &node_state::uri);
        if (at == t.nodes.end() || !at->confirmed || at->reported.empty()) continue;
        const auto crc = wire::crc32(at->reported);
        if (crc == at->device.account_crc) continue;
        OTA_TRY(const auto then, parse_twin(before, g));
        const auto* known = then.find(object.uri);
        OTA_TRY(index_account(tx, card, *at, known != nullptr ? known->reported : wire::octets{}, random));
        at->device.account_crc = crc;
    }
    return BOOST_OUTCOME_V2_NAMESPACE::success();
}

}  // namespace ota::flow
