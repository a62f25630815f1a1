#include "queue/content_hash.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace ota::queue {
namespace {

std::uint64_t hash_of(const char* json) { return content_hash("8988303000000000001", boost::json::parse(json)); }

TEST(content_hash, sees_through_order_white_space_and_the_form_of_numbers) {
    EXPECT_EQ(hash_of(R"({"op":"replace","revision":7})"), hash_of(R"({ "revision" : 7.0, "op" : "replace" })"));
    EXPECT_EQ(hash_of(R"({"n":1e0})"), hash_of(R"({"n":1})"));
}

TEST(content_hash, tells_contents_apart_that_look_alike) {
    EXPECT_NE(hash_of(R"({"a":"1"})"), hash_of(R"({"a":1})"));
    EXPECT_NE(hash_of(R"({"a":["b","c"]})"), hash_of(R"({"a":["bc"]})"));
    EXPECT_NE(hash_of(R"({"a":"b","c":"d"})"), hash_of(R"({"a":"d","c":"b"})"));
    EXPECT_NE(hash_of(R"({"a":null})"), hash_of(R"({})"));
    const auto data = boost::json::parse(R"({"op":"get"})");
    EXPECT_NE(content_hash("8988303000000000001", data), content_hash("8988303000000000002", data));
}

}  // namespace
}  // namespace ota::queue
