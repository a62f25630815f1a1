#include "gateway/dm/wap_push.hpp"
#include "gateway/dm/errc.hpp"

#include <gtest/gtest.h>

namespace ota::dm {
namespace {

wire::octets some(std::size_t n) {
    wire::octets out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(i * 7);
    return out;
}

TEST(wap_push, is_a_push_of_a_notification_for_the_dm_client) {
    EXPECT_EQ(wire::to_hex(serialize_push(0x21, wire::octets{0xAA, 0xBB})), "210603c4af87aabb");
}

TEST(wap_push, goes_into_one_short_message_to_the_push_port_as_long_as_it_fits) {
    for (const std::size_t n : {1, 60, 133}) {
        const auto push = some(n);
        const auto messages = serialize_push_messages(push, 9);
        ASSERT_TRUE(messages);
        ASSERT_EQ(messages.value().size(), 1U);
        EXPECT_EQ(wire::to_hex(messages.value()[0]), "0605040b8423f0" + wire::to_hex(push));
    }
}

TEST(wap_push, goes_in_numbered_parts_when_it_is_longer) {
    const auto push = some(134 + 128);
    const auto messages = serialize_push_messages(push, 9);
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages.value().size(), 3U);
    wire::octets joined;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& m = messages.value()[i];
        EXPECT_LE(m.size(), 140U);
        EXPECT_EQ(wire::to_hex(wire::octet_view(m).first(12)),
                  "0b05040b8423f000030903" + wire::to_hex(wire::octets{static_cast<std::uint8_t>(i + 1)}));
        joined.insert(joined.end(), m.begin() + 12, m.end());
    }
    EXPECT_EQ(joined, push);
}

TEST(wap_push, that_needs_more_messages_than_can_be_counted_is_refused) {
    EXPECT_TRUE(serialize_push_messages(some(255 * 128), 1));
    const auto beyond = serialize_push_messages(some(255 * 128 + 1), 1);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error(), errc::notification_too_long);
}

}  // namespace
}  // namespace ota::dm
