#include "gateway/dm/authentication.hpp"

#include <gtest/gtest.h>

namespace ota::dm {
namespace {

identity who(std::string name, std::string_view password) {
    const auto octets = wire::as_octets(password);
    return {std::move(name), secure_channel::secret({octets.begin(), octets.end()})};
}

std::string counting_nonce() {
    std::string out;
    for (char c = 0; c < 16; ++c) out += c;
    return out;
}

// The example of the SyncML representation protocol.
TEST(dm_authentication, agrees_with_the_published_digest) {
    EXPECT_EQ(md5_credentials(who("Bruce2", "OhBehave"), "Nonce"), "Zz6EivR3yeaaENcRN6lpAQ==");
}

// Made by Python's hashlib and base64.
TEST(dm_authentication, agrees_with_digests_made_elsewhere) {
    const auto device = who("device", "sesame");
    EXPECT_EQ(basic_credentials(device), "ZGV2aWNlOnNlc2FtZQ==");
    EXPECT_EQ(md5_credentials(device, counting_nonce()), "DErFSI0KIilp6oQs7b8yww==");
    EXPECT_EQ(message_mac(device, counting_nonce(), wire::as_octets("<SyncML/>")), "8xmgYz+hBNM6PGujZsOyMw==");
}

TEST(dm_authentication, every_part_takes_part_in_a_mac) {
    const auto body = wire::as_octets("<SyncML/>");
    const auto mac = message_mac(who("device", "sesame"), "nonce", body);
    EXPECT_NE(mac, message_mac(who("devicf", "sesame"), "nonce", body));
    EXPECT_NE(mac, message_mac(who("device", "sesamf"), "nonce", body));
    EXPECT_NE(mac, message_mac(who("device", "sesame"), "noncf", body));
    EXPECT_NE(mac, message_mac(who("device", "sesame"), "nonce", wire::as_octets("<SyncMK/>")));
}

TEST(dm_authentication, the_hmac_header_is_read_in_any_order) {
    const hmac_header expected{.username = "dev,ice", .mac = "8xmgYz+hBNM6PGujZsOyMw=="};
    EXPECT_EQ(parse_hmac_header("algorithm=MD5, username=\"dev,ice\", mac=8xmgYz+hBNM6PGujZsOyMw=="), expected);
    EXPECT_EQ(parse_hmac_header("mac=\"8xmgYz+hBNM6PGujZsOyMw==\",username=\"dev,ice\""), expected);
    EXPECT_EQ(parse_hmac_header(serialize_hmac_header(expected)), expected);
}

TEST(dm_authentication, a_header_without_name_or_mac_is_none) {
    for (const auto* text : {"", "algorithm=MD5", "username=a", "mac=b", "username, mac", "username=\"a, mac=b", ",,,"})
        EXPECT_FALSE(parse_hmac_header(text)) << text;
}

TEST(dm_authentication, schemes_have_the_names_of_the_standard) {
    for (const auto s : {scheme::basic, scheme::md5, scheme::mac}) EXPECT_EQ(scheme_named(to_string(s)), s);
    EXPECT_EQ(to_string(scheme::mac), "syncml:auth-MAC");
    EXPECT_FALSE(scheme_named("syncml:auth-X509"));
}

}  // namespace
}  // namespace ota::dm
