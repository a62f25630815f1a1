#include "management-object/node.hpp"

#include <gtest/gtest.h>

using namespace ota::management_object;

TEST(node_format, every_format_has_the_standards_name) {
    for (const auto* name : {"node", "chr", "int", "bool", "b64", "bin", "null", "xml", "float", "date", "time"}) {
        const auto format = format_named(name);
        ASSERT_TRUE(format) << name;
        EXPECT_EQ(to_string(*format), name);
    }
    EXPECT_FALSE(format_named("text"));
}

TEST(node_format, values_have_the_form_of_their_format) {
    struct form {
        node_format format;
        std::vector<std::string> good, bad;
    };
    const std::vector<form> forms{
        {node_format::integer, {"0", "-1", "+7", "123456789012"}, {"", "-", "1.0", "0x1", " 1"}},
        {node_format::boolean, {"true", "false"}, {"", "1", "TRUE"}},
        {node_format::floating,
         {"1", "-1.5", "+2", "1e5", "INF", "-INF", "NaN"},
         {"", ".", "1,5", "inf", "nan", "0x1p3", "1 "}},
        {node_format::date, {"2026-11-22", "20261122"}, {"", "22.11.2026", "2026-11-2"}},
        {node_format::time, {"12:30:00", "123000Z"}, {"", "12:30", "12-30-00"}},
        {node_format::null, {""}, {"x"}},
        {node_format::node, {""}, {"x"}},
        {node_format::chr, {"", "any text", "ü"}, {std::string(1, '\0'), "\xff", "\xc0\x80", "\xed\xa0\x80"}},
        {node_format::bin, {"", std::string("\0\xff", 2)}, {}},
    };
    for (const auto& form : forms) {
        for (const auto& value : form.good)
            EXPECT_TRUE(is_value_of(form.format, value)) << to_string(form.format) << ' ' << value;
        for (const auto& value : form.bad)
            EXPECT_FALSE(is_value_of(form.format, value)) << to_string(form.format) << ' ' << value;
    }
}

TEST(node_format, time_stamps_are_in_the_basic_form) {
    EXPECT_TRUE(is_time_stamp("20261122T201510Z"));
    EXPECT_TRUE(is_time_stamp("20261122T201510"));
    EXPECT_FALSE(is_time_stamp("2026-11-22T20:15:10Z"));
}

TEST(node, knows_its_children_and_its_depth) {
    auto top = interior("A", {text_leaf("B", "1"), interior("C", {text_leaf("D", "2")})});
    EXPECT_EQ(top.child("C")->child("D")->value, "2");
    EXPECT_EQ(top.child("X"), nullptr);
    EXPECT_EQ(depth_of(top), 3u);
    EXPECT_EQ(name_twice(top.children), std::nullopt);
    top.children.push_back(text_leaf("B", "3"));
    EXPECT_EQ(name_twice(top.children), 2u);
}
