#include "sandbox/device/dm_client_commands.hpp"

#include <gtest/gtest.h>

#include <map>

// What a device answers to each command, by code.
namespace ota::sandbox {
namespace {

namespace mo = management_object;
namespace syncml = management_object::dm;
using syncml::verb;

mo::node sample_tree() {
    auto root = mo::empty_tree();
    auto a = mo::interior("A", {mo::text_leaf("Leaf", "value"), mo::leaf("Number", mo::node_format::integer, "5"),
                                mo::interior("Sub", {mo::text_leaf("X", "1")})});
    a.acl = mo::parse_acl("Add=*&Delete=*&Exec=*&Get=*&Replace=*").value();
    auto closed = mo::interior("Closed", {mo::text_leaf("Leaf", "hidden")});
    closed.acl = mo::parse_acl("Get=other&Replace=other").value();
    a.children.push_back(std::move(closed));
    root.children = {std::move(a), mo::interior("Inbox")};
    return root;
}

class dm_device : public testing::Test {
protected:
    dm_device() { settings.server = "dm.example"; }

    static syncml::operation operation(verb what, std::string target, std::optional<std::string> data = {},
                                       std::string format = {}) {
        syncml::operation o{
            .what = what, .cmd_id = next_id++, .items = {{.target = syncml::location{std::move(target), {}}}}};
        o.items.front().data = std::move(data);
        if (!format.empty()) o.items.front().about = syncml::meta{.format = std::move(format)};
        return o;
    }
    /// The codes of the answers, by command; those of Results and Alerts aside.
    std::map<std::uint32_t, std::uint16_t> run(const syncml::command& c, std::size_t room = 100000) {
        dm_tree tree(root, settings);
        dm_commands commands(tree, 1000);
        answers.clear();
        commands.run(c, {.msg_ref = 1, .room = room}, answers);
        return codes();
    }
    std::map<std::uint32_t, std::uint16_t> codes() const {
        std::map<std::uint32_t, std::uint16_t> out;
        for (const auto& each : answers) {
            if (const auto* s = std::get_if<syncml::status>(&each.is)) out[s->cmd_ref] = s->code;
        }
        return out;
    }
    std::uint16_t code(syncml::operation o) {
        const auto id = o.cmd_id;
        return run({std::move(o)})[id];
    }
    const syncml::results* results() const {
        for (const auto& each : answers) {
            if (const auto* r = std::get_if<syncml::results>(&each.is)) return r;
        }
        return nullptr;
    }

    static inline std::uint32_t next_id = 1;
    mo::node root = sample_tree();
    dm_tree_settings settings;
    dm_answers answers;
};

TEST_F(dm_device, answers_a_get_by_code) {
    EXPECT_EQ(code(operation(verb::get, "./A/Leaf")), 200);
    EXPECT_EQ(results()->items[0].data, "value");
    EXPECT_EQ(results()->items[0].source->loc_uri, "./A/Leaf");
    EXPECT_EQ(code(operation(verb::get, "./A")), 200);
    EXPECT_EQ(results()->items[0].data, "Leaf/Number/Sub/Closed");
    EXPECT_EQ(results()->items[0].about->format, "node");
    EXPECT_EQ(code(operation(verb::get, "./A/None")), 404);
    EXPECT_EQ(code(operation(verb::get, "./A/Closed/Leaf")), 425);
    EXPECT_EQ(code(operation(verb::get, "./A/Closed?list=TNDS")), 425);
    EXPECT_EQ(code(operation(verb::get, "./A//B")), 400);
    EXPECT_EQ(code(operation(verb::get, "./A/")), 400);
    EXPECT_EQ(code(operation(verb::get, "")), 412);
    EXPECT_EQ(code(operation(verb::get, "./Inbox")), 405);
    EXPECT_EQ(results(), nullptr);
    settings.limits.max_seg_len = 3;
    EXPECT_EQ(code(operation(verb::get, "./A/Leaf")), 414);
}

TEST_F(dm_device, answers_properties) {
    EXPECT_EQ(code(operation(verb::get, "./A/Leaf?prop=Format")), 200);
    EXPECT_EQ(results()->items[0].data, "chr");
    EXPECT_EQ(code(operation(verb::get, "./A/Leaf?prop=ACL")), 200);
    EXPECT_EQ(results()->items[0].data, "") << "its own, not what it inherits";
    EXPECT_EQ(code(operation(verb::get, "./A/Leaf?prop=Colour")), 406);
    EXPECT_EQ(code(operation(verb::get, "./A/Leaf?prop=TStamp")), 406);
    EXPECT_EQ(code(operation(verb::replace, "./A/Leaf?prop=ACL", "Get=*&Replace=dm.example")), 200);
    EXPECT_EQ(code(operation(verb::replace, "./A/Leaf?prop=ACL", "Get")), 400);
    EXPECT_EQ(code(operation(verb::replace, "./A/Leaf?prop=Format", "int")), 405);
    EXPECT_EQ(code(operation(verb::replace, "./A/Leaf?prop=Name", "Number")), 418);
    EXPECT_EQ(code(operation(verb::replace, "./A/Leaf?prop=Name", "Renamed")), 200);
    EXPECT_EQ(code(operation(verb::get, "./A/Renamed")), 200);
}

TEST_F(dm_device, lists_only_what_the_server_may_get) {
    EXPECT_EQ(code(operation(verb::get, "./A?list=StructData")), 200);
    std::vector<std::string> named;
    for (const auto& each : results()->items) named.push_back(each.source->loc_uri);
    EXPECT_EQ(named, (std::vector<std::string>{"./A", "./A/Leaf", "./A/Number", "./A/Sub", "./A/Sub/X"}));
    EXPECT_EQ(code(operation(verb::get, "./A?list=TNDS-ACL")), 200);
    const auto document = syncml::tnds_of(results()->items[0]).value();
    EXPECT_EQ(document.nodes[0].top.child("Closed"), nullptr);
    EXPECT_TRUE(document.nodes[0].top.acl.empty());
    EXPECT_EQ(document.nodes[0].top.child("Leaf")->value, "value");
    EXPECT_EQ(code(operation(verb::get, "./A?list=TNDS+ACL")), 200);
    EXPECT_FALSE(syncml::tnds_of(results()->items[0]).value().nodes[0].top.child("Leaf")->value);
    for (const auto* bad : {"./A?list=All", "./A?list=TNDS+ACL-Value", "./A?list=TNDS+Colour", "./A?list=TNDSx"})
        EXPECT_EQ(code(operation(verb::get, bad)), 406) << bad;
    EXPECT_EQ(code(operation(verb::get, "./A?what=ever")), 400);
}

TEST_F(dm_device, answers_an_add_by_code) {
    EXPECT_EQ(code(operation(verb::add, "./A/New", "x")), 200);
    EXPECT_EQ(code(operation(verb::add, "./A/New", "x")), 418);
    EXPECT_EQ(code(operation(verb::add, "./A/Dir", {}, "node")), 200);
    EXPECT_EQ(code(operation(verb::add, "./A/Dir/Leaf", "7", "int")), 200);
    EXPECT_EQ(code(operation(verb::add, "./A/Dir/Bad", "seven", "int")), 415);
    EXPECT_EQ(code(operation(verb::add, "./A/Dir/Bad", "*", "b64")), 415);
    EXPECT_EQ(code(operation(verb::add, "./A/None/Leaf", "x")), 404);
    EXPECT_EQ(code(operation(verb::add, "./A/Leaf/Below", "x")), 405);
    EXPECT_EQ(code(operation(verb::add, "./A/Closed/New", "x")), 425);
    EXPECT_EQ(code(operation(verb::add, "./A/Deep?prop=ACL", "x")), 405);
    settings.capacity = 20;
    EXPECT_EQ(code(operation(verb::add, "./A/More", std::string(30, 'x'))), 420);
    EXPECT_EQ(code(operation(verb::add, "./A/Big", std::string(1001, 'x'))), 413);
}

TEST_F(dm_device, adds_documents_at_their_place_or_not_at_all) {
    const mo::tnds_document one{.nodes = {{std::nullopt, mo::interior("", {mo::text_leaf("Leaf", "v")})}}};
    syncml::operation add{.what = verb::add, .cmd_id = 900};
    add.items = {syncml::tnds_item("./A/Doc", one, syncml::encoding::wbxml).value()};
    EXPECT_EQ(code(add), 200);
    EXPECT_EQ(mo::find(root, mo::parse_uri("./A/Doc/Leaf").value())->value, "v");
    EXPECT_EQ(code(add), 418);
    auto bad = add;
    bad.items[0].data = "nonsense";
    EXPECT_EQ(code(bad), 415);
    const mo::tnds_document placed{.nodes = {{mo::parse_uri("./A").value(), mo::interior("P1")},
                                             {mo::parse_uri("./Nowhere").value(), mo::interior("P2")}}};
    const auto before = root;
    add.items = {syncml::tnds_item("./Inbox", placed, syncml::encoding::xml).value()};
    EXPECT_EQ(code(add), 404);
    EXPECT_EQ(root, before) << "the first is taken back";
}

TEST_F(dm_device, answers_replace_delete_copy_by_code) {
    EXPECT_EQ(code(operation(verb::replace, "./A/Leaf", "new")), 200);
    EXPECT_EQ(mo::find(root, mo::parse_uri("./A/Leaf").value())->value, "new");
    EXPECT_EQ(code(operation(verb::replace, "./A/Number", "x")), 415);
    EXPECT_EQ(code(operation(verb::replace, "./A/Number", "7", "chr")), 415);
    EXPECT_EQ(code(operation(verb::replace, "./A/Number", "7", "int")), 200);
    EXPECT_EQ(code(operation(verb::replace, "./A/None", "x")), 404);
    EXPECT_EQ(code(operation(verb::replace, "./A/Sub", "x")), 405);
    EXPECT_EQ(code(operation(verb::replace, "./A/Closed/Leaf", "x")), 425);
    EXPECT_EQ(code(operation(verb::del, "./A/None")), 404);
    EXPECT_EQ(code(operation(verb::del, "./A/Closed")), 425);
    EXPECT_EQ(code(operation(verb::del, ".")), 405);
    auto copy = operation(verb::copy, "./A/Copy");
    copy.items[0].source = syncml::location{"./A/Sub", {}};
    EXPECT_EQ(code(copy), 200);
    EXPECT_EQ(mo::find(root, mo::parse_uri("./A/Copy/X").value())->value, "1");
    EXPECT_EQ(code(copy), 418);
    copy.items[0].source.reset();
    EXPECT_EQ(code(copy), 412);
    copy.items[0].source = syncml::location{"./A/Closed", {}};
    copy.items[0].target->loc_uri = "./A/Copy2";
    EXPECT_EQ(code(copy), 425);
    EXPECT_EQ(code(operation(verb::del, "./A/Sub")), 200);
    EXPECT_EQ(mo::find(root, mo::parse_uri("./A/Sub/X").value()), nullptr);
}

TEST_F(dm_device, what_the_device_itself_forbids_is_not_done) {
    settings.forbids = [](const mo::uri& at, mo::ddf::command c) -> std::optional<mo::dm_status> {
        if (c == mo::ddf::command::del && at.name() == "Sub") return mo::dm_status::command_not_allowed;
        if (c == mo::ddf::command::replace) return mo::dm_status::forbidden;
        return std::nullopt;
    };
    const auto before = root;
    EXPECT_EQ(code(operation(verb::del, "./A/Sub")), 405);
    EXPECT_EQ(code(operation(verb::replace, "./A/Leaf", "x")), 403);
    EXPECT_EQ(root, before);
}

TEST_F(dm_device, executes_what_may_be_executed) {
    EXPECT_EQ(code(operation(verb::exec, "./A/Sub")), 405) << "nothing to be executed here";
    std::string told;
    settings.exec = [&](const mo::uri& at, const std::string& correlator, const std::string& data) -> std::uint16_t {
        told = mo::serialize_uri(at) + "|" + correlator + "|" + data;
        return data == "fail" ? 500 : 202;
    };
    auto exec = operation(verb::exec, "./A/Sub", "now");
    exec.correlator = "c1";
    EXPECT_EQ(code(exec), 202);
    EXPECT_EQ(told, "./A/Sub|c1|now");
    EXPECT_EQ(code(operation(verb::exec, "./A/Sub", "fail")), 500);
    EXPECT_EQ(code(operation(verb::exec, "./A/None")), 404);
    EXPECT_EQ(code(operation(verb::exec, "./A/Closed")), 425);
}

syncml::group group(bool atomic, std::vector<syncml::operation> operations) {
    syncml::group g{.atomic = atomic, .cmd_id = 1000};
    for (auto& each : operations) g.commands.push_back({std::move(each)});
    return g;
}

TEST_F(dm_device, an_atomic_holds_no_get_and_no_atomic) {
    const auto change = operation(verb::replace, "./A/Leaf", "x"), read = operation(verb::get, "./A/Leaf");
    auto got = run({group(true, {change, read})});
    EXPECT_EQ(got[1000], 507);
    EXPECT_EQ(got[read.cmd_id], 500);
    EXPECT_EQ(got[change.cmd_id], 215);
    auto inner = group(true, {change});
    inner.cmd_id = 1001;
    auto outer = group(true, {});
    outer.commands = {{inner}};
    got = run({outer});
    EXPECT_EQ(got[1000], 507);
    EXPECT_EQ(got[1001], 500);
    EXPECT_EQ(mo::find(root, mo::parse_uri("./A/Leaf").value())->value, "value");
    inner.atomic = false;
    outer.commands = {{inner}};
    got = run({outer});
    EXPECT_EQ(got[1000], 200);
    EXPECT_EQ(got[1001], 200);
}

TEST_F(dm_device, an_atomic_that_cannot_be_undone_or_answered_says_so) {
    settings.exec = [](const mo::uri&, const std::string&, const std::string&) -> std::uint16_t { return 200; };
    const auto exec = operation(verb::exec, "./A/Sub"), change = operation(verb::replace, "./A/Leaf", "x"),
               bad = operation(verb::del, "./A/None");
    auto got = run({group(true, {change, exec, bad})});
    EXPECT_EQ(got[1000], 516);
    EXPECT_EQ(got[exec.cmd_id], 516);
    EXPECT_EQ(got[change.cmd_id], 216);
    EXPECT_EQ(got[bad.cmd_id], 404);
    const auto before = root;
    got = run({group(true, {change})}, 100);
    EXPECT_EQ(got[1000], 517);
    EXPECT_EQ(got[change.cmd_id], 216);
    EXPECT_EQ(root, before);
}

TEST_F(dm_device, unknown_commands_and_alerts_are_told) {
    EXPECT_EQ(run({syncml::unknown_command{.cmd_id = 5, .name = "Search"}})[5], 501);
    EXPECT_EQ(run({syncml::alert{.cmd_id = 6, .code = 1100}})[6], 406);
    EXPECT_EQ(run({syncml::alert{.cmd_id = 7, .code = 1222}})[7], 200);
}

TEST_F(dm_device, chunks_are_gathered_and_checked) {
    dm_tree tree(root, settings);
    dm_commands commands(tree, 1000);
    const auto piece = [&](std::string at, std::string data, bool more, std::optional<std::uint32_t> size = {}) {
        auto o = operation(verb::replace, std::move(at), std::move(data));
        o.items[0].more_data = more;
        if (size) o.items[0].about = syncml::meta{.size = size};
        answers.clear();
        commands.run({o}, {.msg_ref = 1, .room = 1000}, answers);
        return codes()[o.cmd_id];
    };
    EXPECT_EQ(piece("./A/Leaf", "abc", true, 5), 213);
    EXPECT_TRUE(commands.mid_object());
    EXPECT_EQ(tree.root().child("A")->child("Leaf")->value, "value") << "nothing before the end";
    EXPECT_EQ(piece("./A/Leaf", "de", false), 200);
    EXPECT_EQ(root.child("A")->child("Leaf")->value, "abcde");
    EXPECT_EQ(piece("./A/Leaf", "abc", true, 5), 213);
    EXPECT_EQ(piece("./A/Leaf", "d", false), 424);
    EXPECT_EQ(piece("./A/Leaf", "abc", true, 5), 213);
    EXPECT_EQ(piece("./A/Leaf", "def", true), 424);
    EXPECT_EQ(piece("./A/Leaf", "abc", true), 412) << "a size must be told";
    EXPECT_EQ(piece("./A/Leaf", "abc", true, 1001), 413);
    EXPECT_EQ(piece("./A/Leaf", "abc", true, 5), 213);
    EXPECT_EQ(piece("./A/Sub/X", "y", false), 200);
    const auto* missing = std::get_if<syncml::alert>(&answers.front().is);
    ASSERT_NE(missing, nullptr);
    EXPECT_EQ(missing->code, 1225);
    EXPECT_EQ(missing->items[0].target->loc_uri, "./A/Leaf");
    EXPECT_EQ(root.child("A")->child("Leaf")->value, "abcde");
}

}  // namespace
}  // namespace ota::sandbox
