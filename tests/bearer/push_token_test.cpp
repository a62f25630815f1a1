#include "gateway/push_token.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ota::bearer {
namespace {

using secure_channel::key_encryption_key;
using secure_channel::secret;

key_encryption_key kek(std::uint8_t fill) { return key_encryption_key::load(secret(wire::octets(32, fill))).value(); }

}  // namespace

TEST(push_tokens, verifies_what_it_made) {
    const push_tokens tokens(kek(1));
    for (const auto& push : {push_id{1, 2}, push_id{0, 0}, push_id{INT64_MAX, -1}}) {
        const auto made = tokens.make(push);
        ASSERT_EQ(made.size(), push_tokens::size);
        EXPECT_EQ(tokens.verify(made), push);
    }
}

TEST(push_tokens, any_instance_with_the_same_key_verifies) {
    EXPECT_EQ(push_tokens(kek(1)).verify(push_tokens(kek(1)).make({7, 9})), (push_id{7, 9}));
    EXPECT_FALSE(push_tokens(kek(2)).verify(push_tokens(kek(1)).make({7, 9})));
}

TEST(push_tokens, refuses_every_changed_bit) {
    const push_tokens tokens(kek(1));
    auto made = tokens.make({7, 9});
    for (std::size_t bit = 0; bit < made.size() * 8; ++bit) {
        made[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        EXPECT_FALSE(tokens.verify(made)) << bit;
        made[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    }
    EXPECT_TRUE(tokens.verify(made));
}

TEST(push_tokens, refuses_every_other_length) {
    const push_tokens tokens(kek(1));
    auto made = tokens.make({7, 9});
    for (std::size_t size = 0; size < made.size(); ++size)
        EXPECT_FALSE(tokens.verify(wire::octet_view(made).first(size))) << size;
    made.push_back(0);
    EXPECT_FALSE(tokens.verify(made));
}

TEST(push_tokens, macs_of_neighbours_have_nothing_in_common) {
    const push_tokens tokens(kek(1));
    std::set<wire::octets> macs;
    for (std::int64_t packet = 0; packet < 1000; ++packet) {
        const auto made = tokens.make({1, packet});
        macs.emplace(made.begin() + 16, made.end());
    }
    EXPECT_EQ(macs.size(), 1000u);
}

}  // namespace ota::bearer
