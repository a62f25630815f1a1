#include "management-object/tree.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

uri at(std::string_view text) { return parse_uri(text).value(); }

node mail_tree() {
    auto root = empty_tree();
    EXPECT_TRUE(add(root, at("./Mail"), interior("", {text_leaf("Host", "smtp.example.org"), interior("Ext")})));
    return root;
}

}  // namespace

TEST(tree, adds_replaces_gets_and_removes) {
    auto root = mail_tree();
    EXPECT_EQ(get(root, at("./Mail/Host")).value(), "smtp.example.org");
    EXPECT_EQ(get(root, at("./Mail")).value(), "Host/Ext");
    EXPECT_EQ(get(root, at("./Mail/Ext")).value(), "");
    EXPECT_TRUE(replace(root, at("./Mail/Host"), "mail.example.org"));
    EXPECT_EQ(get(root, at("./Mail/Host")).value(), "mail.example.org");
    EXPECT_TRUE(remove(root, at("./Mail/Host")));
    EXPECT_EQ(get(root, at("./Mail/Host")).error(), dm_status::not_found);
    EXPECT_TRUE(remove(root, at("./Mail")));
    EXPECT_EQ(root, empty_tree());
}

TEST(tree, copies_a_subtree_that_lives_on_its_own) {
    auto root = mail_tree();
    EXPECT_TRUE(copy(root, at("./Mail"), at("./Mail2")));
    EXPECT_TRUE(replace(root, at("./Mail2/Host"), "other.example.org"));
    EXPECT_EQ(get(root, at("./Mail/Host")).value(), "smtp.example.org");
    EXPECT_EQ(copy(root, at("./Mail"), at("./Mail2")).error(), dm_status::already_exists);
    EXPECT_EQ(copy(root, at("./Mail"), at("./Mail/Ext/Again")).error(), dm_status::command_not_allowed);
    EXPECT_EQ(copy(root, at("./None"), at("./X")).error(), dm_status::not_found);
}

TEST(tree, refuses_with_the_status_of_the_standard_and_changes_nothing) {
    auto root = mail_tree();
    const auto before = root;
    EXPECT_EQ(add(root, at("."), text_leaf("", "x")).error(), dm_status::already_exists);
    EXPECT_EQ(add(root, at("./Mail/Host"), text_leaf("", "x")).error(), dm_status::already_exists);
    EXPECT_EQ(add(root, at("./None/Host"), text_leaf("", "x")).error(), dm_status::not_found);
    EXPECT_EQ(add(root, at("./Mail/Host/X"), text_leaf("", "x")).error(), dm_status::command_not_allowed);
    EXPECT_EQ(add(root, at("./Mail/Port"), leaf("", node_format::integer, "many")).error(),
              dm_status::unsupported_media_type_or_format);
    EXPECT_EQ(add(root, at("./T"), interior("", {text_leaf("a", ""), text_leaf("a", "")})).error(),
              dm_status::already_exists);
    EXPECT_EQ(add(root, at("./T"), interior("", {text_leaf("a/b", "")})).error(), dm_status::bad_request);
    EXPECT_EQ(replace(root, at("./Mail"), "x").error(), dm_status::command_not_allowed);
    EXPECT_EQ(replace(root, at("./None"), "x").error(), dm_status::not_found);
    EXPECT_EQ(replace(root, at("./Mail/Host"), "\xff").error(), dm_status::unsupported_media_type_or_format);
    EXPECT_EQ(remove(root, at(".")).error(), dm_status::command_not_allowed);
    EXPECT_EQ(remove(root, at("./None")).error(), dm_status::not_found);
    EXPECT_EQ(root, before);
}

TEST(tree, keeps_the_limits_of_the_device_and_its_own) {
    auto root = mail_tree();
    const editing small{.limits = {.max_depth = 2, .max_seg_len = 5}};
    EXPECT_EQ(add(root, at("./Mail/Ext/X"), text_leaf("", "1"), small).error(), dm_status::uri_too_long);
    EXPECT_EQ(add(root, at("./Mail/LongName"), text_leaf("", "1"), small).error(), dm_status::uri_too_long);
    EXPECT_TRUE(add(root, at("./Mail/Port"), text_leaf("", "1"), small));
    auto address = uri{};
    for (std::size_t i = 0; i + 1 < deepest_tree; ++i) {
        address = address / "d";
        ASSERT_TRUE(add(root, address, interior(""))) << i;
    }
    EXPECT_EQ(add(root, address / "d", interior("")).error(), dm_status::uri_too_long);
}

TEST(tree, counts_and_stamps_what_changes) {
    auto root = mail_tree();
    find(root, at("./Mail/Host"))->ver_no = 0xFFFE;
    const editing now{.tstamp = "20261122T201510Z"};
    EXPECT_TRUE(replace(root, at("./Mail/Host"), "a", now));
    EXPECT_EQ(find(root, at("./Mail/Host"))->ver_no, 0xFFFF);
    EXPECT_TRUE(replace(root, at("./Mail/Host"), "b", now));
    EXPECT_EQ(find(root, at("./Mail/Host"))->ver_no, 0) << "wraps";
    EXPECT_EQ(find(root, at("./Mail/Host"))->tstamp, "20261122T201510Z");
    EXPECT_EQ(find(root, at("./Mail"))->tstamp, "");
    EXPECT_TRUE(add(root, at("./Mail/New"), interior("", {text_leaf("x", "1")}), now));
    EXPECT_EQ(find(root, at("./Mail/New/x"))->tstamp, "20261122T201510Z");
}

TEST(tree, a_list_is_inherited_whole_and_never_merged) {
    auto root = mail_tree();
    find(root, at("./Mail"))->acl = parse_acl("Replace=alpha&Get=alpha").value();
    const editing alpha{.server = "alpha"}, beta{.server = "beta"};
    EXPECT_TRUE(replace(root, at("./Mail/Host"), "by alpha", alpha));
    EXPECT_EQ(replace(root, at("./Mail/Host"), "by beta", beta).error(), dm_status::permission_denied);
    EXPECT_EQ(get(root, at("./Mail/Host"), beta).error(), dm_status::permission_denied);
    EXPECT_EQ(add(root, at("./Mail/X"), text_leaf("", "1"), alpha).error(), dm_status::permission_denied)
        << "the root's Add=* is not merged in";
    find(root, at("./Mail/Host"))->acl = parse_acl("Delete=beta").value();
    EXPECT_EQ(replace(root, at("./Mail/Host"), "by alpha", alpha).error(), dm_status::permission_denied);
    EXPECT_TRUE(remove(root, at("./Mail/Host"), beta));
    EXPECT_TRUE(add(root, at("./Other"), text_leaf("", "1"), beta)) << "the root's list";
    EXPECT_TRUE(replace(root, at("./Other"), "the owner may all"));
}
