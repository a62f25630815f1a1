#include "management-object/tree.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

uri at(std::string_view text) { return parse_uri(text).value(); }

node account() {
    auto root = empty_tree();
    EXPECT_TRUE(
        add(root, at("./Acc"), interior("", {leaf("Addr", node_format::chr, "übung")}, "urn:oma:mo:oma-dm-dmacc:1.0")));
    return root;
}

}  // namespace

TEST(properties, tell_what_the_node_says_itself) {
    auto root = account();
    const auto prop = [&](const char* where, const char* name) { return get_property(root, at(where), name); };
    EXPECT_EQ(prop("./Acc/Addr", "Format").value(), "chr");
    EXPECT_EQ(prop("./Acc/Addr", "Type").value(), "text/plain");
    EXPECT_EQ(prop("./Acc", "Type").value(), "urn:oma:mo:oma-dm-dmacc:1.0");
    EXPECT_EQ(prop("./Acc/Addr", "Name").value(), "Addr");
    EXPECT_EQ(prop("./Acc/Addr", "Size").value(), "6") << "octets";
    EXPECT_EQ(prop("./Acc/Addr", "ACL").value(), "") << "not the inherited one";
    EXPECT_EQ(prop(".", "ACL").value(), "Add=*&Get=*");
    EXPECT_EQ(prop("./Acc", "Size").error(), dm_status::optional_feature_not_supported);
    EXPECT_EQ(prop("./Acc", "VerNo").error(), dm_status::optional_feature_not_supported);
    EXPECT_EQ(prop("./Acc", "Colour").error(), dm_status::optional_feature_not_supported);
    EXPECT_EQ(prop("./None", "ACL").error(), dm_status::not_found);
}

TEST(properties, only_acl_name_and_title_are_replaced) {
    auto root = account();
    const auto set = [&](const char* where, const char* name, std::string_view value) {
        const auto done = replace_property(root, at(where), name, value);
        return done ? dm_status::ok : static_cast<dm_status>(done.error().value());
    };
    EXPECT_EQ(set("./Acc/Addr", "Title", "Address"), dm_status::ok);
    EXPECT_EQ(set("./Acc/Addr", "Title", std::string(256, 'x')), dm_status::bad_request);
    EXPECT_EQ(set("./Acc/Addr", "Name", "Address"), dm_status::ok);
    EXPECT_EQ(get(root, at("./Acc/Address")).value(), "übung");
    EXPECT_EQ(set("./Acc/Address", "Name", "a/b"), dm_status::bad_request);
    EXPECT_EQ(set(".", "Name", "x"), dm_status::command_not_allowed);
    EXPECT_EQ(set("./Acc", "Format", "chr"), dm_status::command_not_allowed);
    EXPECT_EQ(set("./Acc", "Colour", "red"), dm_status::optional_feature_not_supported);
    EXPECT_EQ(set("./Acc", "ACL", "nonsense"), dm_status::bad_request);
    EXPECT_EQ(set(".", "ACL", ""), dm_status::command_not_allowed) << "the root always has one";
    ASSERT_TRUE(add(root, at("./Acc/Port"), text_leaf("", "1")));
    EXPECT_EQ(set("./Acc/Port", "Name", "Address"), dm_status::already_exists);
    EXPECT_EQ(set("./Acc/Port", "Name", "Port"), dm_status::ok);
}

TEST(properties, a_leafs_own_list_never_grants_changing_itself) {
    auto root = account();
    find(root, at("./Acc/Addr"))->acl = parse_acl("Replace=leaf-owner").value();
    find(root, at("./Acc"))->acl = parse_acl("Replace=parent-owner").value();
    const auto set = [&](const char* where, std::string_view server) {
        return replace_property(root, at(where), "ACL", "Get=*&Replace=leaf-owner+parent-owner", {.server = server})
            .has_value();
    };
    EXPECT_FALSE(set("./Acc/Addr", "leaf-owner"));
    EXPECT_TRUE(set("./Acc/Addr", "parent-owner"));
    EXPECT_TRUE(set("./Acc", "parent-owner")) << "an interior node's own list does";
    EXPECT_FALSE(set(".", "parent-owner"));
}
