#include "management-object/ddf_check.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;
using ddf::flaw;

namespace {

ddf::description described(std::string name, node_format format, ddf::occurrence occurs,
                           std::vector<ddf::description> children = {}) {
    ddf::description d{.name = std::move(name), .format = format, .occurs = occurs, .children = std::move(children)};
    d.access.allow(ddf::command::get);
    return d;
}

/// <x>: Host (1), Port (?, int), Box (?): <x> (0..2, node: Key (1)), Ext (?)
ddf::description mail() {
    auto top = described(
        "", node_format::node, {false, {}},
        {described("Host", node_format::chr, {true, 1}), described("Port", node_format::integer, {false, 1}),
         described("Box", node_format::node, {false, 1},
                   {described("", node_format::node, {false, 2}, {described("Key", node_format::chr, {true, 1})})}),
         described("Ext", node_format::node, {false, 1})});
    top.children[0].access.allow(ddf::command::replace);
    top.children[0].mime_types = {"text/plain"};
    top.children[1].case_sensitive = false;
    top.children[2].access.allow(ddf::command::add);
    return top;
}

node box(std::string name) { return interior(std::move(name), {text_leaf("Key", "k")}); }
std::vector<ddf::finding> findings(const node& n) { return ddf::check(n, mail(), uri{{"Mail"}}); }
uri in_mail(std::string_view text) { return parse_uri("./Mail/" + std::string(text)).value(); }

}  // namespace

TEST(ddf_check, a_tree_that_follows_has_no_findings) {
    EXPECT_TRUE(findings(interior("Mail", {text_leaf("Host", "h")})).empty());
    EXPECT_TRUE(
        findings(interior("Mail", {text_leaf("Host", "h"), leaf("port", node_format::integer, "25"),
                                   interior("Box", {box("a"), box("b")}), interior("Ext", {text_leaf("Vendor", "v")})}))
            .empty());
}

TEST(ddf_check, finds_each_flaw_and_its_place) {
    using all = std::vector<ddf::finding>;
    EXPECT_EQ(findings(interior("Mail")), (all{{in_mail("Host"), flaw::missing_node}}));
    EXPECT_EQ(findings(text_leaf("Mail", "")), (all{{uri{{"Mail"}}, flaw::other_format}}));
    EXPECT_EQ(findings(interior("Mail", {leaf("Host", node_format::integer, "1")})),
              (all{{in_mail("Host"), flaw::other_format}}));
    EXPECT_EQ(findings(interior("Mail", {leaf("Host", node_format::chr, "h", "a/b")})),
              (all{{in_mail("Host"), flaw::other_type}}));
    EXPECT_EQ(findings(interior("Mail", {text_leaf("Host", "\xff")})), (all{{in_mail("Host"), flaw::malformed_value}}));
    EXPECT_EQ(findings(interior("Mail", {text_leaf("Host", "h"), interior("Other", {text_leaf("x", "")})})),
              (all{{in_mail("Other"), flaw::unknown_node}}));
    EXPECT_EQ(findings(interior("Mail", {text_leaf("Host", "h"), text_leaf("Host", "g")})),
              (all{{in_mail("Host"), flaw::same_name}}));
    EXPECT_EQ(findings(interior("Mail", {text_leaf("Host", "h"), interior("Box", {box("a"), box("b"), box("c")})})),
              (all{{in_mail("Box/c"), flaw::too_many}}));
    EXPECT_EQ(findings(interior("Mail", {text_leaf("Host", "h"), interior("Box", {interior("a")})})),
              (all{{in_mail("Box/a/Key"), flaw::missing_node}}));
    EXPECT_EQ(findings(interior("Mail", {text_leaf("Host", "h"), leaf("Port", node_format::integer, "1"),
                                         leaf("PORT", node_format::integer, "2")})),
              (all{{in_mail("PORT"), flaw::same_name}}));
}

TEST(ddf_check, commands_are_allowed_as_described) {
    auto top = mail();
    const auto status = [&](const char* at, ddf::command c) {
        const auto done = ddf::allows(top, parse_uri(at).value(), c);
        return done ? dm_status::ok : static_cast<dm_status>(done.error().value());
    };
    EXPECT_EQ(status("./Host", ddf::command::replace), dm_status::ok);
    EXPECT_EQ(status("./Host", ddf::command::del), dm_status::command_not_allowed);
    EXPECT_EQ(status("./Host", ddf::command::add), dm_status::command_not_allowed);
    EXPECT_EQ(status("./Box/any", ddf::command::add), dm_status::ok) << "the node around it allows it";
    EXPECT_EQ(status("./Box/any/Key", ddf::command::add), dm_status::command_not_allowed);
    EXPECT_EQ(status("./None", ddf::command::get), dm_status::not_found);
    EXPECT_EQ(status(".", ddf::command::get), dm_status::ok);
    top.children[2].children[0].scope = ddf::scope::permanent;
    EXPECT_EQ(status("./Box/any", ddf::command::add), dm_status::command_not_allowed);
    EXPECT_EQ(ddf::find(top, parse_uri("./Box/any/Key").value())->name, "Key");
}
