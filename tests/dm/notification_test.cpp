#include "gateway/dm/notification.hpp"

#include <gtest/gtest.h>

namespace ota::dm {
namespace {

identity who(std::string name, std::string_view password) {
    const auto octets = wire::as_octets(password);
    return {std::move(name), secure_channel::secret({octets.begin(), octets.end()})};
}

notification sample() {
    return {.ui = ui_mode::background, .by = initiator::server, .session_id = 0x1234, .server_id = "funambol"};
}

// The digest was made by Python's hashlib; the header of this message has been read by another client (libdmclient).
TEST(dm_notification, agrees_with_the_vector) {
    const auto made = serialize_notification(sample(), who("funambol", "srvpwd"), "");
    ASSERT_TRUE(made);
    EXPECT_EQ(wire::to_hex(made.value()),
              wire::to_hex(wire::from_hex("619dabc50ca0f985f619649b2d7ce92102d800000012340866756e616d626f6c").value()));
}

TEST(dm_notification, comes_back_as_it_went) {
    for (const auto ui :
         {ui_mode::not_specified, ui_mode::background, ui_mode::informative, ui_mode::user_interaction}) {
        for (const auto by : {initiator::user, initiator::server}) {
            auto sent = sample();
            sent.ui = ui;
            sent.by = by;
            sent.vendor = {1, 2, 3};
            const auto octets = serialize_notification(sent, who("funambol", "srvpwd"), "nonce").value();
            const auto read = parse_notification(octets);
            ASSERT_TRUE(read);
            EXPECT_EQ(read.value().what, sent);
            EXPECT_TRUE(is_genuine(read.value(), who("funambol", "srvpwd"), "nonce"));
        }
    }
}

TEST(dm_notification, one_altered_bit_is_not_genuine) {
    const auto server = who("funambol", "srvpwd");
    const auto octets = serialize_notification(sample(), server, "nonce").value();
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
        auto altered = octets;
        altered[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
        const auto read = parse_notification(altered);
        EXPECT_FALSE(read && is_genuine(read.value(), server, "nonce")) << bit;
    }
    const auto read = parse_notification(octets).value();
    EXPECT_FALSE(is_genuine(read, who("funambol", "other"), "nonce"));
    EXPECT_FALSE(is_genuine(read, server, "stale"));
    EXPECT_FALSE(is_genuine(read, who("other", "srvpwd"), "nonce"));
}

TEST(dm_notification, every_strict_prefix_fails) {
    const auto octets = serialize_notification(sample(), who("funambol", "srvpwd"), "").value();
    for (std::size_t n = 0; n < octets.size(); ++n)
        EXPECT_EQ(parse_notification(wire::octet_view(octets).first(n)).error(), wire::errc::truncated) << n;
}

TEST(dm_notification, what_cannot_be_said_is_refused) {
    const auto server = who("funambol", "srvpwd");
    auto n = sample();
    n.session_id = 0;
    EXPECT_EQ(serialize_notification(n, server, "").error(), errc::bad_session_identifier);
    n = sample();
    n.server_id.assign(256, 'a');
    EXPECT_EQ(serialize_notification(n, server, "").error(), errc::bad_server_identifier);
    n.server_id.clear();
    EXPECT_EQ(serialize_notification(n, server, "").error(), errc::bad_server_identifier);
    auto octets = serialize_notification(sample(), server, "").value();
    octets[16] = 0x02, octets[17] = 0x98;  // version 1.0
    EXPECT_EQ(parse_notification(octets).error(), errc::unknown_version);
}

TEST(dm_notification, the_session_is_named_without_leading_zeros) {
    EXPECT_EQ(session_id_text(0x1234), "1234");
    EXPECT_EQ(session_id_text(0x000A), "A");
    EXPECT_EQ(session_id_text(0xF00F), "F00F");
    EXPECT_EQ(session_id_text(0x0100), "100");
}

}  // namespace
}  // namespace ota::dm
