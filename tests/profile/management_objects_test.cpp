#include "gateway/profile/object_files.hpp"
#include "management-object/card_directory.hpp"
#include "tests/profile/profile_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

using namespace ota;
namespace mo = ota::management_object;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const std::string source = OTA_SOURCE_DIR;

std::string with_objects(const std::string& more, const std::string& objects) {
    profile_text text;
    return text.yaml() + "  management_objects:\n    application: USIM\n" + more + "    objects:\n" + objects;
}

const std::string two_objects =
    "      - {uri: ./IMPS, file: 6432, size: 700, object: 'urn:oma:mo:oma-imps:1.0'}\n"
    "      - {uri: ./IMPS2/Mail, label: Mail, file: 6433, pair: 6533, size: 800, object: com.example/1.0/Mail, "
    "ask: true, autonomous: true, layout: plain, secrets: [AppAuth/x/AAuthSecret]}\n";

profile_set sample_profiles(std::vector<std::string>& told) {
    config::faults faults;
    profile_set out;
    load_profiles(config::document::load(source + "/config/profiles/usim-aes-dm.yaml", faults).root().at("profiles"),
                  out);
    for (const auto& f : faults.list()) told.push_back(config::to_string(f));
    return out;
}

}  // namespace

TEST(management_objects, are_read_with_their_files) {
    const auto got = load_yaml(with_objects("", two_objects));
    EXPECT_THAT(got.told, IsEmpty());
    const auto& p = got.only();
    ASSERT_TRUE(p.objects_at);
    EXPECT_THAT(p.objects_at->path, ElementsAre(0x7F50));
    EXPECT_THAT(p.objects_at->list.path, ElementsAre(0x7F50, 0x6430));
    EXPECT_THAT(p.objects_at->control.path, ElementsAre(0x7F50, 0x6440));
    EXPECT_EQ(p.objects_at->control.size, mo::control_file_octets(6));
    ASSERT_EQ(p.management_objects.size(), 2u);
    const auto &first = p.management_objects[0], &second = p.management_objects[1];
    EXPECT_EQ(first.label, "IMPS");
    EXPECT_TRUE(first.layout == object_layout::slotted && !first.ask && !first.autonomous && !first.spare &&
                !first.mirror);
    EXPECT_THAT(first.file.path, ElementsAre(0x7F50, 0x6432));
    EXPECT_EQ(first.file.size, 700u);
    EXPECT_EQ(first.factory_image, mo::empty_image(700));
    EXPECT_EQ(second.label, "Mail");
    EXPECT_TRUE(second.layout == object_layout::plain && second.ask && second.autonomous);
    EXPECT_EQ(second.spare_identifier(), 0x6533);
    EXPECT_FALSE(holds_secrets(first));
    EXPECT_TRUE(holds_secrets(second));
    EXPECT_TRUE(is_secret(second, mo::parse_uri("AppAuth/x/AAuthSecret").value()));
    EXPECT_FALSE(is_secret(second, mo::parse_uri("AppAuth/x").value()));
}

TEST(management_objects, nodes_are_found_by_the_longest_root) {
    const auto got = load_yaml(with_objects("", two_objects));
    const auto& p = got.only();
    EXPECT_EQ(p.find_object("./IMPS"), &p.management_objects[0]);
    EXPECT_EQ(p.find_object("./IMPS/AppAddr/x/Addr"), &p.management_objects[0]);
    EXPECT_EQ(p.find_object("./IMPS2/Mail/Name"), &p.management_objects[1]);
    for (const auto* other : {".", "./IMPS2", "./IMPSX/a", "./SC/USIM/SPN", ""})
        EXPECT_EQ(p.find_object(other), nullptr) << other;
}

TEST(management_objects, give_another_hash_to_every_other_profile) {
    const auto full = with_objects("    directory: [7f50]\n    list_file: 6430\n    control_file: 6440\n", two_objects);
    const auto first = load_yaml(full);
    ASSERT_THAT(first.told, IsEmpty());
    EXPECT_EQ(first.only().hash, load_yaml(with_objects("", two_objects)).only().hash);  // those are the defaults
    std::set<std::uint64_t> hashes{first.only().hash, load(profile_text{}).only().hash};
    const std::pair<std::string, std::string> changes[] = {{"application: USIM", "application: SIM"},
                                                           {"[7f50]", "[7f51]"},
                                                           {"list_file: 6430", "list_file: 6431"},
                                                           {"6440", "6441"},
                                                           {"./IMPS,", "./Imps,"},
                                                           {"file: 6432", "file: 6442"},
                                                           {"size: 700", "size: 701"},
                                                           {"oma-imps:1.0", "imps:2"},
                                                           {"label: Mail", "label: mail"},
                                                           {"pair: 6533", "pair: 6534"},
                                                           {"ask: true", "ask: no"},
                                                           {"autonomous: true", "autonomous: false"},
                                                           {"layout: plain", "layout: slotted"},
                                                           {"ask: true", "ask: true, pin: true"},
                                                           {"AAuthSecret]", "Other]"},
                                                           {", pair: 6533", ""}};
    for (auto [from, to] : changes) {
        if (to == "ask: no") to = "ask: false";
        auto text = full;
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        const auto got = load_yaml(text);
        EXPECT_THAT(got.told, IsEmpty()) << from;
        EXPECT_TRUE(hashes.insert(got.only().hash).second) << from;
    }
    EXPECT_EQ(hashes.size(), std::size(changes) + 2);
}

TEST(management_objects, report_every_fault) {
    const auto got =
        load_yaml(with_objects("    directory: []\n    control_file: 64\n    applicaton: USIM\n",
                               "      - {uri: IMPS, file: 6432, size: 10, object: a}\n"
                               "      - {uri: ./SC/USIM/X, file: 643, size: 700, object: a, ddf: no-such-file.xml}\n"
                               "      - {uri: ./A, file: 6432, object: a, layout: slot, secrets: ['.']}\n"
                               "      - {uri: ./A/B, file: 6430, pair: 5031, size: 100, label: " +
                                   std::string(61, 'x') +
                                   "}\n"
                                   "      - {uri: ./C, file: 6439, size: 100, object: a, mirror: true, ask: true}\n"));
    EXPECT_THAT(
        got.told,
        testing::UnorderedElementsAre(
            "11 error [0].management_objects.directory: should have 1 to 4 file identifiers",
            "12 error [0].management_objects.control_file: should be a file identifier of 4 hexadecimal digits",
            "13 error [0].management_objects.applicaton: unknown setting, did you mean application?",
            "15 error [0].management_objects.objects[0].uri: should be the address of a node that begins with ./",
            "15 error [0].management_objects.objects[0].size: should be a whole number from 16 to 32767",
            "16 error [0].management_objects.objects[1].uri: lies below ./SC, where the files of the card are",
            "16 error [0].management_objects.objects[1].file: should be a file identifier of 4 hexadecimal digits",
            "16 error [0].management_objects.objects[1].ddf: names a file that cannot be read",
            "17 error [0].management_objects.objects[2].size: is missing",
            "17 error [0].management_objects.objects[2].layout: should be slotted, plain or ber_tlv",
            "17 error [0].management_objects.objects[2].secrets[0]: should be the address of a node, from the object's "
            "own on",
            "17 error [0].management_objects.objects[2].file: is a file that something else is kept in",
            "18 error [0].management_objects.objects[3].label: should have 60 octets at most",
            "18 warning [0].management_objects.objects[3].object: is missing, and there is no description that tells "
            "it: "
            "devices know objects by it",
            "18 error [0].management_objects.objects[3].uri: is, or lies above or below, the address of another "
            "object: ./A",
            "18 error [0].management_objects.objects[3].file: is a file that something else is kept in",
            "18 error [0].management_objects.objects[3].pair: is a file that something else is kept in",
            "19 error [0].management_objects.objects[4].mirror: does not go with ask, autonomous or pair"));
}

TEST(management_objects, report_documents_that_do_not_suit) {
    const auto object = [](const std::string& size, const std::string& ddf, const std::string& initial) {
        const auto folder = source + "/config/management-objects/";
        return load_yaml(with_objects("", "      - {uri: ./IMPS, file: 6432, size: " + size + ", ddf: " + folder + ddf +
                                              ", initial: " + folder + initial + "}\n"))
            .all();
    };
    EXPECT_EQ(object("1024", "imps.xml", "factory/imps.xml"), "");
    EXPECT_THAT(object("200", "imps.xml", "factory/imps.xml"),
                HasSubstr("initial: does not fit the file: no room left"));
    EXPECT_THAT(object("1024", "imps.xml", "factory/nap.xml"), HasSubstr("initial: does not follow the description: "));
    EXPECT_THAT(object("1024", "README.md", "factory/imps.xml"),
                HasSubstr("ddf: is no description: the XML is not well-formed"));
    EXPECT_THAT(object("1024", "imps.xml", "README.md"), HasSubstr("initial: is no TNDS document: "));
}

TEST(management_objects, of_the_sample_fill_the_files_of_a_card) {
    std::vector<std::string> told;
    const auto profiles = sample_profiles(told);
    EXPECT_THAT(told, IsEmpty());
    ASSERT_EQ(profiles.size(), 1u);
    const auto& p = *profiles.begin()->second;
    ASSERT_EQ(p.management_objects.size(), 6u);
    const auto control = factory_control(p);
    for (const auto& object : p.management_objects) {
        ASSERT_TRUE(object.description) << object.uri;
        EXPECT_EQ(object.factory_image.size(), object.file.size);
        if (object.mirror) continue;
        const auto placed = mo::read_image(object.factory_image).value();
        ASSERT_TRUE(placed) << object.uri;
        EXPECT_EQ(placed->top.type, object.object_id);
        EXPECT_TRUE(holds_secrets(object));
        const auto* entry = entry_of(object, control);
        ASSERT_NE(entry, nullptr);
        EXPECT_TRUE(mo::confirms(*entry, object.factory_image));
        EXPECT_EQ(entry->ask, object.ask);
        EXPECT_EQ(entry->autonomous, object.autonomous);
    }
    EXPECT_FALSE(p.find_object("./DevInfo/Man")->file.writable);
    EXPECT_TRUE(is_secret(*p.find_object("./IMPS"), mo::parse_uri("AppAuth/x/AAuthSecret").value()));
    EXPECT_FALSE(is_secret(*p.find_object("./IMPS"), mo::parse_uri("AppAddr/x/Addr").value()));

    const auto application = mo::parse_application(application_record(*p.objects_at)).value();
    EXPECT_EQ(application.path, (mo::file_path{0x3F00, 0x7F50}));
    EXPECT_EQ(mo::parse_object_directory(object_directory_image(*p.objects_at)).value(),
              std::vector<mo::file_path>{{0x6430}});
    EXPECT_EQ(wire::to_hex(mo::parse_token_info(token_info_image(p, "8988211000000000007")).value().serial_number),
              "8988211000000000007f");
}

TEST(management_objects, the_list_of_data_objects_follows_the_control_file) {
    std::vector<std::string> told;
    const auto profiles = sample_profiles(told);
    const auto& p = *profiles.begin()->second;
    auto control = factory_control(p);
    EXPECT_EQ(control.entries.size(), 4u);  // DevInfo and DevDetail are the card's own
    auto list = mo::parse_data_objects(list_image(p, control)).value();
    ASSERT_EQ(list.size(), 5u);
    EXPECT_EQ(list[0].label, "Instant messaging");
    EXPECT_FALSE(list[0].user_consent);
    EXPECT_EQ(list[1].user_consent, 1);
    EXPECT_EQ(list[2].path, mo::file_path{0x6434});
    EXPECT_EQ(mo::oid_text(list[2].oid), "2.23.43.7.1");
    EXPECT_EQ(list[4].path, mo::file_path{0x6440});
    EXPECT_EQ(mo::oid_text(list[4].oid), "1.3.6.1.4.1.32473.3.1");

    // The account moves to its other file, and the mail is switched off.
    const auto* account = p.find_object("./DMAcc/Operator");
    control = mo::with_image(control, 0x6434, 0x6534, account->factory_image).value();
    control.find(0x6433)->active = false;
    EXPECT_EQ(entry_of(*account, control)->file, 0x6534);
    list = mo::parse_data_objects(list_image(p, control)).value();
    ASSERT_EQ(list.size(), 4u);
    EXPECT_EQ(list[1].path, mo::file_path{0x6534});
    EXPECT_FALSE(list[1].is_private);
    auto guarded = p;
    guarded.management_objects[0].pin = true;
    EXPECT_TRUE(mo::parse_data_objects(list_image(guarded, control)).value()[0].is_private);
    EXPECT_EQ(list_image(p, control).size(), p.objects_at->list.size);
    EXPECT_EQ(mo::parse_control_file(control_image(p, control)).value(), control);
}
