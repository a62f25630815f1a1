#include "gateway/dm/object_buffer.hpp"

#include <gtest/gtest.h>

namespace ota::dm {
namespace {

namespace syncml = management_object::dm;
using outcome = object_buffer::outcome;

syncml::item piece(std::string data, bool more, std::optional<std::uint32_t> size = {}) {
    syncml::item out{.data = std::move(data), .more_data = more};
    if (size) out.about = syncml::meta{.size = size};
    return out;
}

TEST(dm_object_buffer, puts_chunks_together) {
    object_buffer buffer(100);
    auto one = piece("abc", true, 7), two = piece("de", true), three = piece("fg", false);
    one.source = syncml::location{"./A", {}};
    EXPECT_EQ(buffer.take("a", one, {}), outcome::more);
    EXPECT_EQ(buffer.take("a", two, {}), outcome::more);
    EXPECT_TRUE(buffer.open());
    EXPECT_EQ(buffer.take("a", three, {}), outcome::whole);
    EXPECT_EQ(three.data, "abcdefg");
    EXPECT_EQ(three.source->loc_uri, "./A");
    EXPECT_FALSE(buffer.open());
}

TEST(dm_object_buffer, an_object_of_another_size_is_a_mismatch) {
    for (const std::optional<std::uint32_t> size :
         {std::optional<std::uint32_t>{4}, std::optional<std::uint32_t>{6}, {}}) {
        object_buffer buffer(100);
        auto one = piece("abc", true, size), two = piece("de", false);
        EXPECT_EQ(buffer.take("a", one, {}), outcome::more);
        EXPECT_EQ(buffer.take("a", two, {}), outcome::mismatch);
    }
}

TEST(dm_object_buffer, grows_no_further_than_its_limit) {
    object_buffer buffer(4);
    auto announced = piece("a", true, 5);
    EXPECT_EQ(buffer.take("a", announced, {}), outcome::too_large);
    auto one = piece("abc", true, 4), two = piece("de", false);
    EXPECT_EQ(buffer.take("a", one, {}), outcome::more) << "a size begins it anew";
    EXPECT_EQ(buffer.take("a", two, {}), outcome::too_large);
    EXPECT_FALSE(buffer.open());
}

// A sender that did not hear the refusal yet goes on; what is left of the object is not taken for another one.
TEST(dm_object_buffer, what_follows_of_a_refused_object_is_refused_too) {
    object_buffer buffer(4);
    auto first = piece("abcde", true, 9), second = piece("f", true), last = piece("ghi", false),
         next = piece("x", false);
    EXPECT_EQ(buffer.take("a", first, {}), outcome::too_large);
    EXPECT_EQ(buffer.take("a", second, {}), outcome::too_large);
    EXPECT_EQ(buffer.take("a", last, {}), outcome::too_large);
    EXPECT_EQ(buffer.take("a", next, {}), outcome::whole);
}

TEST(dm_object_buffer, another_object_interrupts) {
    object_buffer buffer(100);
    auto one = piece("abc", true, 5), other = piece("x", false);
    EXPECT_EQ(buffer.take("a", one, {}), outcome::more);
    EXPECT_TRUE(buffer.interrupted_by("b"));
    EXPECT_EQ(buffer.take("b", other, {}), outcome::whole);
    EXPECT_EQ(other.data, "x");
}

}  // namespace
}  // namespace ota::dm
