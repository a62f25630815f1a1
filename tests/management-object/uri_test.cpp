#include "management-object/uri.hpp"

#include <gtest/gtest.h>

using namespace ota::management_object;
using names = std::vector<std::string>;

TEST(node_uri, an_address_with_and_without_the_leading_dot_is_the_same) {
    EXPECT_EQ(parse_uri("./DMAcc/a").value(), parse_uri("DMAcc/a").value());
    EXPECT_EQ(parse_uri("./DMAcc/a").value().segments, (names{"DMAcc", "a"}));
    EXPECT_EQ(serialize_uri(parse_uri("DMAcc/a").value()), "./DMAcc/a");
}

TEST(node_uri, the_root_is_a_dot) {
    EXPECT_TRUE(parse_uri(".").value().is_root());
    EXPECT_EQ(serialize_uri(uri{}), ".");
    EXPECT_EQ(uri{}.name(), ".");
    EXPECT_EQ(uri{}.parent(), uri{});
}

TEST(node_uri, refuses_what_is_no_address) {
    for (const auto* bad : {"", "./", "/", "/A", "A/", "A//B", "./A/", "../A", "A/../B", "A/./B", "./.", "A%2", "A%GG",
                            "A%2FB", "%2E%2E", "A?prop=ACL", "A%00", "%FF"})
        EXPECT_EQ(parse_uri(bad).error(), document_errc::bad_uri) << bad;
}

TEST(node_uri, escapes_what_a_segment_cannot_say) {
    const uri address{{"a b", "50%", "q?", "ü", "x=y"}};
    EXPECT_EQ(serialize_uri(address), "./a%20b/50%25/q%3F/ü/x=y");
    EXPECT_EQ(parse_uri(serialize_uri(address)).value(), address);
    EXPECT_EQ(parse_uri("./%c3%bc").value().segments, names{"ü"});
}

TEST(node_uri, keeps_the_limits_of_the_device_in_characters) {
    const uri_limits limits{.max_depth = 2, .max_tot_len = 8, .max_seg_len = 4};
    EXPECT_TRUE(parse_uri("./üüü/ab", limits));
    EXPECT_EQ(parse_uri("./a/b/c", limits).error(), document_errc::too_deep);
    EXPECT_EQ(parse_uri("./abc/def", limits).error(), document_errc::too_large);
    EXPECT_EQ(parse_uri("abcde", limits).error(), document_errc::too_large);
    EXPECT_TRUE(parse_uri("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o"));
}

TEST(node_uri, knows_what_is_within) {
    const auto a = uri{{"A"}};
    EXPECT_TRUE((a / "B").is_within(a));
    EXPECT_TRUE(a.is_within(a));
    EXPECT_TRUE(a.is_within(uri{}));
    EXPECT_FALSE(a.is_within(a / "B"));
    EXPECT_FALSE((uri{{"AB"}}).is_within(a));
    EXPECT_EQ((a / "B").parent(), a);
    EXPECT_EQ((a / "B").name(), "B");
}

TEST(node_target, addresses_properties_and_lists) {
    const auto property = parse_target("./DMAcc/a?prop=ACL").value();
    EXPECT_EQ(property.prop, "ACL");
    EXPECT_EQ(serialize_target(property), "./DMAcc/a?prop=ACL");
    const auto list = parse_target("./DMAcc?list=TNDS+Value+ACL").value();
    EXPECT_EQ(list.list, "TNDS+Value+ACL");
    EXPECT_EQ(serialize_target(list), "./DMAcc?list=TNDS+Value+ACL");
    EXPECT_EQ(parse_target("./DMAcc").value(), (target{.node = uri{{"DMAcc"}}}));
    for (const auto* bad : {"./A?", "./A?prop=", "./A?list", "./A?other=1", "?prop=ACL"})
        EXPECT_EQ(parse_target(bad).error(), document_errc::bad_uri) << bad;
}

TEST(node_name, has_no_slash_and_no_outer_white_space) {
    for (const auto* good : {"a", "a b", "ü", "...", "a.b"}) EXPECT_TRUE(is_node_name(good)) << good;
    for (const auto* bad : {"", ".", "..", "a/b", " a", "a ", "\x01", "\xff"}) EXPECT_FALSE(is_node_name(bad)) << bad;
}
