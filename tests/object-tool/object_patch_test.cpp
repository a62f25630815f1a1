#include "gateway/object-tool/object_patch.hpp"

#include "gateway/profile/object_files.hpp"
#include "secure-channel/remote_script.hpp"
#include "tests/object-tool/card_of_files.hpp"
#include "tests/object-tool/tool_run.hpp"

#include <boost/json.hpp>

namespace ota::object_tool {

namespace {

namespace mo = management_object;
namespace json = boost::json;

card_profile sample() { return read_profile("usim-aes-dm", source("config/profiles/usim-aes-dm.yaml")).value(); }

/// A card of the profile whose object holds this image.
card_of_files card_with(const card_profile& p, const management_object_binding& object, const wire::octets& image) {
    card_of_files out;
    const auto control = *mo::with_image(factory_control(p), object.file_identifier(), object.file_identifier(), image);
    out.files[0x6430] = list_image(p, control);
    out.files[0x6440] = control_image(p, control);
    out.files[object.file_identifier()] = image;
    if (object.spare) out.files[object.spare_identifier()] = mo::empty_image(image.size());
    return out;
}

/// The scripts as the tool prints them.
void run_printed(card_of_files& card, const json::value& cost) {
    for (const auto& packet : cost.at("packets").as_array()) {
        const auto script = wire::from_hex(std::string_view(packet.at("script").as_string())).value();
        EXPECT_EQ(packet.at("octets").to_number<std::size_t>(), script.size());
        card.run(secure_channel::parse_script(script, secure_channel::script_format::compact).value());
    }
}

wire::octets image_of(const management_object_binding& object, const std::string& xml) {
    const auto top = mo::parse_tnds_xml(xml).value().nodes.at(0).top;
    return mo::make_image(top, mo::parse_uri(object.uri).value(), form_of(object)).value();
}

/// What a device finds on the card, by the control file.
mo::node found_on(const card_of_files& card, const management_object_binding& object) {
    const auto control = mo::parse_control_file(card.files.at(0x6440)).value();
    const auto* entry = entry_of(object, control);
    const auto& image = card.files.at(entry->file);
    EXPECT_TRUE(mo::confirms(*entry, image));
    return mo::read_image(image).value()->top;
}

mo::node top_of(const std::string& xml) { return mo::parse_tnds_xml(xml).value().nodes.at(0).top; }

/// Both scripts that the tool prints, run on a card that holds `before`, give `after`.
json::value proven(const std::string& name, std::string_view uri, const std::string& before, const std::string& after,
                   const std::vector<std::string>& more = {}) {
    const auto p = sample();
    const auto& object = *p.object(uri);
    auto call = patching(written(name + "-old.xml", before), written(name + "-new.xml", after));
    call.insert(call.end(), more.begin(), more.end());
    const auto r = run_with(call);
    EXPECT_EQ(r.status, 0) << r.err;
    if (r.status != 0) return {};
    auto printed = json::parse(r.out);
    for (const auto* cost : {&printed, &printed.at("rewrite")}) {
        auto card = card_with(p, object, image_of(object, before));
        run_printed(card, *cost);
        EXPECT_EQ(found_on(card, object), top_of(after)) << uri;
    }
    return printed;
}

std::string imps() { return contents(factory("imps")); }

}  // namespace

TEST(object_patch, says_what_is_written_where) {
    const auto after = replaced(imps(), "imps.old.example.org", "imps.new.example.org");
    const auto r = run_with(patching(factory("imps"), written("new.xml", after)));
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 1);
    const auto o = json::parse(r.out).as_object();
    EXPECT_EQ(o.at("profile"), "usim-aes-dm");
    EXPECT_EQ(o.at("object"), "./IMPS");
    EXPECT_EQ(o.at("tar"), "b00000");
    EXPECT_EQ(o.at("layout"), "slotted");
    EXPECT_EQ(o.at("way"), "patch");
    // The value's slot, then generations, length and check sums of the control file.
    ASSERT_EQ(o.at("ranges").as_array().size(), 2U);
    EXPECT_EQ(o.at("ranges").at(0), json::parse(R"({"file":"6432","offset":121,"length":3})"));
    EXPECT_EQ(o.at("ranges").at(1), json::parse(R"({"file":"6440","offset":5,"length":17})"));
    const std::string script(o.at("packets").at(0).at("script").as_string());
    EXPECT_TRUE(
        script.starts_with("00a40804047f506432"
                           "00d60079036e6577"
                           "00a40004026440"
                           "00d6000511"))
        << script;
    EXPECT_EQ(o.at("octets"), script.size() / 2);
    EXPECT_EQ(o.at("sms"), 1);
    EXPECT_EQ(o.at("rewrite").at("octets"), 910);
    EXPECT_EQ(o.at("rewrite").at("sms"), 8);
    proven("same", "./IMPS", imps(), after);
}

TEST(object_patch, applied_to_the_old_image_gives_the_new_one) {
    const auto old = imps();
    const auto grown = replaced(old, "imps.old.example.org", "imps.much.longer.name.of.a.server.example.org");
    const auto from = old.find("    <Node>\n      <NodeName>PrefConRef");
    const auto without = std::string(old).erase(from, old.find("    <Node>\n      <NodeName>AppAddr") - from);
    for (const auto* after : {&grown, &without, &old}) {
        proven("a", "./IMPS", old, *after);
        proven("b", "./IMPS", *after, old);
    }
    const auto printed = proven("mail", "./Email", contents(factory("email")),
                                replaced(contents(factory("email")), "example", "another"));
    EXPECT_EQ(printed.at("sms"), 1);
}

TEST(object_patch, of_a_pair_goes_to_the_file_that_is_not_in_use) {
    const auto old = contents(factory("dmacc"));
    const auto after = replaced(old, "example", "another");
    const auto fresh = proven("fresh", "./DMAcc/Operator", old, after);
    EXPECT_EQ(fresh.at("way"), "pair");
    EXPECT_EQ(fresh.at("ranges").at(0).at("file"), "6534");
    EXPECT_GT(fresh.at("sms").to_number<int>(), 1);
    // When the spare file holds the object as it was a change ago, in the same layout, little is to write.
    const auto p = sample();
    auto call = patching(written("o.xml", old), written("n.xml", after));
    call.insert(call.end(), {"--spare", written("s.xml", replaced(old, "DIGEST", "SECRET"))});
    const auto r = run_with(call);
    ASSERT_EQ(r.status, 0) << r.err;
    const auto printed = json::parse(r.out);
    EXPECT_EQ(printed.at("sms"), 1);
    const auto& object = *p.object("./DMAcc/Operator");
    auto card = card_with(p, object, image_of(object, old));
    card.files[0x6534] = image_of(object, replaced(old, "DIGEST", "SECRET"));
    run_printed(card, printed);
    EXPECT_EQ(found_on(card, object), top_of(after));
}

TEST(object_patch, takes_the_file_as_it_was_read_from_the_card) {
    const auto p = sample();
    const auto& object = *p.object("./IMPS");
    // A layout that no XML tells: that of an object whose values were longer once.
    const auto before = image_of(object, replaced(imps(), "imps.old.example.org", std::string(60, 'x')));
    const auto now = mo::replace_image(before, top_of(imps()), mo::uri{{"IMPS"}}, form_of(object)).value();
    const auto after = replaced(imps(), "imps.old.example.org", std::string(40, 'y'));
    const auto used = wire::octet_view(now).first(mo::used_length(now));
    for (const auto& image : {wire::as_text(now), wire::as_text(used)}) {
        const auto r = run_with(patching("-", written("n.xml", after)), std::string(image));
        ASSERT_EQ(r.status, 0) << r.err;
        const auto printed = json::parse(r.out);
        EXPECT_EQ(printed.at("sms"), 1) << r.out;
        auto card = card_with(p, object, now);
        run_printed(card, printed);
        EXPECT_EQ(found_on(card, object), top_of(after));
    }
}

TEST(object_patch, adds_and_removes_an_object) {
    const auto p = sample();
    const auto& object = *p.object("./IMPS");
    const auto none = mo::empty_image(object.file.size);
    const auto added = run_with(patching(written("none", "\xFF"), factory("imps")));
    ASSERT_EQ(added.status, 0) << added.err;
    auto card = card_with(p, object, none);
    run_printed(card, json::parse(added.out));
    EXPECT_EQ(found_on(card, object), top_of(imps()));
    EXPECT_EQ(json::parse(added.out).at("sms"), json::parse(added.out).at("rewrite").at("sms"));
    const auto removed = run_with(patching(factory("imps"), written("none", "\xFF")));
    ASSERT_EQ(removed.status, 0) << removed.err;
    card = card_with(p, object, image_of(object, imps()));
    run_printed(card, json::parse(removed.out));
    EXPECT_EQ(card.files[0x6432], none);
}

TEST(object_patch, of_nothing_writes_nothing) {
    const auto printed = proven("none", "./IMPS", imps(), imps());
    EXPECT_TRUE(printed.at("ranges").as_array().empty());
    EXPECT_TRUE(printed.at("packets").as_array().empty());
    EXPECT_EQ(printed.at("sms"), 0);
    EXPECT_EQ(printed.at("rewrite").at("sms"), 8);
}

TEST(object_patch, puts_the_object_where_it_is_told) {
    const auto anywhere = replaced(imps(), ">IMPS<", ">Chat<");
    const auto call =
        patching(written("a.xml", anywhere), written("b.xml", replaced(anywhere, "imps.old", "imps.new")));
    EXPECT_EQ(run_with(call).status, 2);
    auto told = call;
    told.insert(told.end(), {"--uri", "IMPS"});
    const auto r = run_with(told);
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out,
              run_with(patching(factory("imps"), written("c.xml", replaced(imps(), "imps.old", "imps.new")))).out);
}

TEST(object_patch, warns_when_the_file_is_too_small_for_slots) {
    const auto with_slack = [](const std::string& name) {
        const auto r = run_with(patching(factory(name), factory(name)));
        return json::parse(r.out).at("slack").as_bool();
    };
    EXPECT_TRUE(with_slack("imps"));
    const auto p = sample();
    const auto& object = *p.object("./DMAcc/Operator");
    const auto full = run_with({"encode", "--size", "4000", factory("dmacc")}).out;
    EXPECT_EQ(with_slack("dmacc"), mo::used_length(wire::as_octets(full)) <= object.file.size);
    const auto large = replaced(imps(), "imps.old.example.org", std::string(200, 'x'));
    const auto r = run_with(patching(factory("imps"), written("large.xml", large)));
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_FALSE(json::parse(r.out).at("slack").as_bool());
}

TEST(object_patch, a_shorter_check_sum_leaves_more_room) {
    auto call =
        patching(factory("imps"), written("n.xml", replaced(imps(), "imps.old.example.org", std::string(60, 'x'))));
    const auto with = [&](const char* length) {
        auto c = call;
        c.insert(c.end(), {"--mac-length", length});
        return json::parse(run_with(c).out).at("rewrite").at("sms").to_number<int>();
    };
    EXPECT_LE(with("4"), with("8"));
    call.insert(call.end(), {"--mac-length", "5"});
    EXPECT_EQ(run_with(call).status, 2);
}

}  // namespace ota::object_tool
