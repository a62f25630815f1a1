#include "management-object/acl.hpp"

#include <gtest/gtest.h>

using namespace ota::management_object;

TEST(acl, reads_and_writes_the_standards_example) {
    const auto list =
        parse_acl("Add=www.sonera.fi-8765&Delete=www.sonera.fi-8765&Replace=www.sonera.fi-8765+321_ibm.com&Get=*")
            .value();
    EXPECT_TRUE(list.allows(access::add, "www.sonera.fi-8765"));
    EXPECT_TRUE(list.allows(access::replace, "321_ibm.com"));
    EXPECT_FALSE(list.allows(access::add, "321_ibm.com"));
    EXPECT_TRUE(list.allows(access::get, "anyone"));
    EXPECT_FALSE(list.allows(access::exec, "www.sonera.fi-8765"));
    EXPECT_EQ(serialize_acl(list),
              "Add=www.sonera.fi-8765&Delete=www.sonera.fi-8765&Get=*&Replace=321_ibm.com+www.sonera.fi-8765");
}

TEST(acl, nothing_said_is_empty_and_allows_nothing_by_itself) {
    const auto list = parse_acl("").value();
    EXPECT_TRUE(list.empty());
    EXPECT_FALSE(list.allows(access::get, "a"));
    EXPECT_EQ(serialize_acl(list), "");
}

TEST(acl, everybody_includes_whoever_is_named_beside) {
    const auto list = parse_acl("Get=alpha+*+beta").value();
    EXPECT_EQ(serialize_acl(list), "Get=*");
    EXPECT_EQ(serialize_acl(parse_acl("Get=a+a").value()), "Get=a");
}

TEST(acl, refuses_what_is_no_list) {
    for (const auto* bad : {"Get", "Get=", "Get=a&", "&Get=a", "Get=a&Get=b", "get=a", "Copy=a", "Get=a b", "Get=a++b",
                            "Get=a=b", "Get=**", "Get=\n"})
        EXPECT_EQ(parse_acl(bad).error(), document_errc::bad_value) << bad;
}
