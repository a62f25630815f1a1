#include "management-object/ddf_check.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"
#include "tests/management-object/wbxml_judge.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace ota;
using namespace ota::management_object;

namespace {

const std::filesystem::path folder = std::filesystem::path(OTA_SOURCE_DIR) / "config/management-objects";

std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::map<std::string, std::string> all_objects() {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".xml") out.emplace(entry.path().stem(), text_of(entry.path()));
    }
    return out;
}

ddf::description object(const std::string& name) {
    return ddf::parse_xml(text_of(folder / (name + ".xml"))).value().nodes.at(0);
}

template <class Visit>
void each(const ddf::description& d, const Visit& visit) {
    visit(d);
    for (const auto& child : d.children) each(child, visit);
}

node account(std::string app_id) {
    return interior(
        "Account",
        {text_leaf("AppID", std::move(app_id)),
         interior("AppAddr", {interior("1", {text_leaf("Addr", "https://server.example.org")})}),
         interior("AppAuth", {interior("1", {text_leaf("AAuthLevel", "CLCRED"), text_leaf("AAuthSecret", "s")})})});
}

}  // namespace

TEST(standard_objects, all_are_there_and_are_read) {
    const auto objects = all_objects();
    for (const auto* name : {"dmacc", "devinfo", "devdetail", "inbox", "imps", "email-smtp", "email-pop3",
                             "email-imap4", "connectivity-nap", "fumo", "sc"})
        EXPECT_TRUE(objects.contains(name)) << name;
    for (const auto& [name, xml] : objects) {
        const auto read = ddf::parse_xml(xml);
        ASSERT_TRUE(read) << name << ": " << sentence(read.error());
        EXPECT_EQ(read.value().nodes.size(), 1u) << name;
        EXPECT_FALSE(read.value().nodes[0].ddf_name.empty()) << name;
    }
}

TEST(standard_objects, survive_xml_and_wbxml_and_the_judge) {
    for (const auto& [name, xml] : all_objects()) {
        const auto document = ddf::parse_xml(xml).value();
        EXPECT_EQ(ddf::parse_xml(ddf::serialize_xml(document).value()).value(), document) << name;
        const auto wbxml = ddf::serialize_wbxml(document).value();
        EXPECT_EQ(ddf::parse_wbxml(wbxml).value(), document) << name;
        const auto judged = judge::to_xml(wbxml);
        ASSERT_TRUE(judged) << name;
        EXPECT_EQ(ddf::parse_xml(*judged).value(), document) << name;
        for (const bool table : {false, true}) {
            const auto its = judge::to_wbxml(xml, table);
            ASSERT_TRUE(its) << name;
            EXPECT_EQ(ddf::parse_wbxml(*its).value(), document) << name;
        }
    }
}

TEST(standard_objects, every_node_says_what_it_is_and_no_secret_can_be_read) {
    for (const auto& [name, xml] : all_objects()) {
        each(ddf::parse_xml(xml).value().nodes[0], [&](const ddf::description& d) {
            EXPECT_FALSE(d.text.empty()) << name << ' ' << d.name;
            const bool secret =
                d.name == "AAuthSecret" || d.name == "AAuthData" || d.name == "AuthSecret" || d.name == "PkgData";
            if (secret) {
                EXPECT_FALSE(d.access.has(ddf::command::get)) << name << ' ' << d.name;
            }
            if (d.is_leaf()) {
                EXPECT_FALSE(d.mime_types.empty()) << name << ' ' << d.name;
            }
        });
    }
}

TEST(standard_objects, accounts_follow_their_descriptions) {
    struct sample {
        std::string object, app_id;
    };
    for (const auto& [name, app_id] :
         std::vector<sample>{{"imps", "wA"}, {"email-smtp", "25"}, {"email-pop3", "110"}, {"email-imap4", "143"}})
        EXPECT_TRUE(ddf::check(account(app_id), object(name)).empty()) << name;
    auto dm = account("w7");
    EXPECT_EQ(ddf::check(dm, object("dmacc")),
              (std::vector<ddf::finding>{{uri{{"ServerID"}}, ddf::flaw::missing_node}}));
    dm.children.push_back(text_leaf("ServerID", "dm.example.org"));
    dm.children.push_back(interior("Ext", {interior("DMSC", {leaf("Init", node_format::boolean, "true")})}));
    EXPECT_TRUE(ddf::check(dm, object("dmacc")).empty());
}

TEST(standard_objects, commands_are_allowed_as_the_standards_say) {
    const auto fumo = object("fumo");
    EXPECT_TRUE(ddf::allows(fumo, uri{{"Download"}}, ddf::command::exec));
    EXPECT_FALSE(ddf::allows(fumo, uri{{"State"}}, ddf::command::replace));
    EXPECT_FALSE(ddf::allows(fumo, uri{{"Update", "PkgData"}}, ddf::command::get));
    const auto dmacc = object("dmacc");
    EXPECT_TRUE(ddf::allows(dmacc, uri{{"AppAddr", "2"}}, ddf::command::add));
    EXPECT_TRUE(ddf::allows(dmacc, uri{{"Name"}}, ddf::command::del));
    EXPECT_FALSE(ddf::allows(dmacc, uri{{"AppAuth", "1", "AAuthSecret"}}, ddf::command::get));
    EXPECT_TRUE(ddf::allows(dmacc, uri{{"AppAuth", "1", "AAuthSecret"}}, ddf::command::replace));
    const auto devinfo = object("devinfo");
    EXPECT_FALSE(ddf::allows(devinfo, uri{{"DevId"}}, ddf::command::del)) << "permanent";
    EXPECT_TRUE(ddf::allows(devinfo, uri{{"Lang"}}, ddf::command::replace));
}
