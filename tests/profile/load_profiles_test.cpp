#include "tests/profile/profile_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

using namespace ota;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const std::string full = R"(
- name: full
  spi: "1639"
  kic: 3des2
  kid: 5
  counter: {scope: tar}
  segments: {max: 3, reference: 16}
  max_response: 90
  refresh: script
  refresh_commands: ["00a40004026f46", "00b0000001"]
  answer_timeout: 5m
  validity: 2h
  margin: 1m
  repeats: 4
  attempts: 5
  pause: {share: 0.25, sample: 40}
  applications:
    - {name: USIM, tar: b00011, format: expanded, class: "80", directory: [7fff]}
  nodes:
    - {uri: ./SC/USIM/SPN, path: [7fff, 6f46], size: 17, form: spn}
    - {uri: ./SC/USIM/SMSP/2, path: [7fff, 6f42], structure: linear-fixed, record: 2, size: 40, form: smsp, volatile: true}
    - {uri: ./SC/USIM/Key, path: [7fff, 6f08], size: 33, access: [replace]}
    - {uri: ./SC/USIM/Refresh, exec: ["00a40004026f46"]}
)";

}  // namespace

TEST(load_profiles, reads_everything_that_a_profile_says) {
    const auto got = load_yaml(full);
    EXPECT_THAT(got.told, IsEmpty());
    const auto& p = got.only();
    EXPECT_EQ(p.name, "full");
    EXPECT_EQ(p.spi, (secure_channel::security_parameters{0x16, 0x39}));
    EXPECT_EQ(p.kic_algorithm, 5);
    EXPECT_EQ(p.kid_algorithm, 5);
    EXPECT_EQ(p.scope, counter_scope::tar);
    EXPECT_EQ(p.max_segments, 3u);
    EXPECT_TRUE(p.wide_reference);
    EXPECT_EQ(p.max_response, 90u);
    EXPECT_EQ(p.refresh, refresh_policy::script);
    EXPECT_EQ(p.refresh_script.size(), 2u);
    EXPECT_EQ(p.answer_timeout, 5min);
    EXPECT_EQ(p.validity, 2h);
    EXPECT_EQ(p.validity_margin, 1min);
    EXPECT_EQ(p.repeats, 4u);
    EXPECT_EQ(p.attempts, 5u);
    EXPECT_EQ(p.pause_share, 0.25);
    EXPECT_EQ(p.pause_sample, 40u);
    EXPECT_FALSE(p.allow_unverified);
    ASSERT_EQ(p.applications.size(), 1u);
    EXPECT_EQ(p.applications[0].tar.octets, (std::array<std::uint8_t, 3>{0xB0, 0x00, 0x11}));
    EXPECT_EQ(p.applications[0].format, secure_channel::script_format::expanded);
    EXPECT_EQ(p.applications[0].class_octet, 0x80);
    EXPECT_THAT(p.applications[0].directory, ElementsAre(0x7FFF));
    ASSERT_EQ(p.nodes.size(), 4u);

    const auto* record = p.find("./SC/USIM/SMSP/2");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->structure, file_structure::linear_fixed);
    EXPECT_EQ(record->record, 2);
    EXPECT_EQ(record->size, 40u);
    EXPECT_TRUE(record->volatile_file);
    EXPECT_TRUE(record->readable);
    EXPECT_THAT(record->path, ElementsAre(0x7FFF, 0x6F42));

    const auto* key = p.find("./SC/USIM/Key");
    ASSERT_NE(key, nullptr);
    EXPECT_FALSE(key->readable);
    EXPECT_TRUE(key->writable);

    const auto* exec = p.find("./SC/USIM/Refresh");
    ASSERT_NE(exec, nullptr);
    EXPECT_EQ(exec->is, node_binding::kind::script);
    EXPECT_EQ(exec->commands.size(), 1u);
}

TEST(load_profiles, gives_the_same_hash_to_the_same_profile_however_it_is_written) {
    const auto one =
        load_yaml("- {name: p, spi: '1619', kic: aes, kid: aes, applications: [{name: A, tar: b00011}]}\n");
    const auto same = load_yaml(
        "# a comment\n- spi: \"1619\"\n  kid: '2'\n  kic: 2\n  name: p\n  validity: 24h\n  applications:\n    - tar: "
        "B00011\n      name: A\n");
    EXPECT_THAT(one.told, IsEmpty());
    EXPECT_THAT(same.told, IsEmpty());
    EXPECT_EQ(one.only().hash, same.only().hash);
    EXPECT_NE(one.only().hash, 0u);
}

TEST(load_profiles, gives_another_hash_to_every_other_profile) {
    std::set<std::uint64_t> hashes{load_yaml(full).only().hash};
    const std::pair<std::string, std::string> changes[] = {{"name: full", "name: other"},
                                                           {"\"1639\"", "\"1619\""},
                                                           {"kic: 3des2", "kic: aes"},
                                                           {"kid: 5", "kid: aes"},
                                                           {"scope: tar", "scope: key-version"},
                                                           {"max: 3", "max: 4"},
                                                           {"reference: 16", "reference: 8"},
                                                           {"max_response: 90", "max_response: 91"},
                                                           {"refresh: script", "refresh: card"},
                                                           {"\"00b0000001\"", "\"00b0000002\""},
                                                           {"5m", "6m"},
                                                           {"2h", "3h"},
                                                           {"1m}", "2m"},
                                                           {"margin: 1m", "margin: 2m"},
                                                           {"repeats: 4", "repeats: 3"},
                                                           {"attempts: 5", "attempts: 4"},
                                                           {"0.25", "0.5"},
                                                           {"sample: 40", "sample: 41"},
                                                           {"b00011", "b00012"},
                                                           {"format: expanded", "format: compact"},
                                                           {"class: \"80\"", "class: \"00\""},
                                                           {"directory: [7fff]", "directory: []"},
                                                           {"uri: ./SC/USIM/SPN", "uri: ./SC/USIM/Spn"},
                                                           {"6f46], size", "6f47], size"},
                                                           {"record: 2", "record: 1"},
                                                           {"size: 40", "size: 41"},
                                                           {"form: smsp", "form: raw"},
                                                           {"volatile: true", "volatile: false"},
                                                           {"[replace]", "[get, replace]"},
                                                           {"exec: [\"00a4", "exec: [\"80a4"}};
    std::size_t applied = 1;
    for (const auto& [from, to] : changes) {
        auto text = full;
        const auto at = text.find(from);
        if (at == std::string::npos) continue;
        text.replace(at, from.size(), to);
        ++applied;
        EXPECT_TRUE(hashes.insert(load_yaml(text).only().hash).second) << from;
    }
    EXPECT_EQ(hashes.size(), applied);
    EXPECT_GE(applied, 29u);
}

TEST(load_profiles, reads_algorithms_by_name_and_by_nibble) {
    const std::pair<const char*, int> kics[] = {{"aes", 2}, {"3des2", 5}, {"3des3", 9}, {"5", 5}, {"9", 9}};
    for (const auto& [name, nibble] : kics) EXPECT_EQ(load({.kic = name}).only().kic_algorithm, nibble) << name;
    const std::pair<const char*, int> kids[] = {{"aes", 2}, {"aes-cmac", 2}, {"3des2", 5}, {"3des3", 9}, {"2", 2}};
    for (const auto& [name, nibble] : kids) EXPECT_EQ(load({.kid = name}).only().kid_algorithm, nibble) << name;
    EXPECT_THAT(load({.kic = "rot13"}).told,
                testing::Contains(
                    "3 error [0].kic: should be implicit, des, aes, 3des2, 3des3, des-ecb, or one hexadecimal digit"));
}

TEST(load_profiles, reports_every_fault_of_a_profile_at_once) {
    const auto got = load_yaml(R"(- name: p
  spi: "16"
  kic: aes
  kid: aes
  segments: {max: 0, reference: 12}
  answer_timeout: 25h
  refresh: script
  aplications: []
  pause: {share: 2}
  applications:
    - {name: "US IM", tar: b0001}
    - {name: SIM, tar: b00010, directory: [7f2, 3f00]}
    - {name: SIM, tar: b00010, format: expanded}
)");
    EXPECT_THAT(got.told,
                testing::UnorderedElementsAre(
                    "2 error [0].spi: should be 4 hexadecimal digits",
                    "5 error [0].segments.max: should be a whole number from 1 to 255",
                    "5 error [0].segments.reference: should be 8 or 16",
                    "6 error [0].answer_timeout: should not be longer than the validity",
                    "11 error [0].applications[0].name: may hold letters, digits, `_`, `-` and `.` only",
                    "11 error [0].applications[0].tar: should be 6 hexadecimal digits",
                    "12 error [0].applications[1].directory[0]: should be a file identifier of 4 hexadecimal digits",
                    "12 error [0].applications[1].directory[1]: paths begin below the MF: leave 3f00 out",
                    "13 error [0].applications[2].name: another application has this name",
                    "13 error [0].applications[2].format: another application has this TAR in another format",
                    "1 error [0].refresh_commands: is missing: `refresh: script` needs it",
                    "8 error [0].aplications: unknown setting, did you mean applications?",
                    "9 error [0].pause.share: should be a number from 0 to 1"));
}

TEST(load_profiles, reports_nodes_that_are_malformed) {
    const auto got = load({.nodes = R"(    - {uri: ./SC/ISIM/X, path: [7fff, 6f01], size: 1}
    - {uri: SC/USIM/X, path: [7fff, 6f02], size: 1}
    - {uri: ./SC/USIM//X, path: [7fff, 6f03], size: 1}
    - {uri: ./SC/USIM/A, path: [], size: 0}
    - {uri: ./SC/USIM/B, path: [7fff, 6f04], structure: linear-fixed, size: 256}
    - {uri: ./SC/USIM/C, path: [7fff, 6f05], record: 1, size: 40000}
    - {uri: ./SC/USIM/D, path: [7fff, 6f06], size: 17, form: spm, access: [read]}
    - {uri: ./SC/USIM/E, exec: [], size: 3}
    - {uri: ./SC/USIM/F, exec: [00a4000402]}
    - {uri: ./SC/USIM/G}
    - {uri: ./SC/USIM/H, path: [7fff, 6f61], size: 61, form: oplmn_wact}
    - {uri: ./SC/USIM/I, path: [7fff, 6f7b], size: 12, form: plmn_list}
)"});
    EXPECT_THAT(
        got.told,
        testing::UnorderedElementsAre(
            "10 error [0].nodes[0].uri: names an application that the profile does not have",
            "11 error [0].nodes[1].uri: should be ./SC/<application>/<name>, without empty steps",
            "12 error [0].nodes[2].uri: should be ./SC/<application>/<name>, without empty steps",
            "13 error [0].nodes[3].path: should have 1 to 8 file identifiers",
            "13 error [0].nodes[3].size: should be a whole number from 1 to 32767",
            "14 error [0].nodes[4].record: is missing: a linear fixed file needs it",
            "14 error [0].nodes[4].size: should be a whole number from 1 to 255",
            "15 error [0].nodes[5].record: goes with `structure: linear-fixed` only",
            "15 error [0].nodes[5].size: should be a whole number from 1 to 32767",
            "16 error [0].nodes[6].form: should be raw, spn, oplmn_wact, plmn_list, smsp or text_utf8; did you mean "
            "spn?",
            "16 error [0].nodes[6].access[0]: should be get or replace", "16 error [0].nodes[6].access: allows nothing",
            "17 error [0].nodes[7].exec: should list the commands to run",
            "17 error [0].nodes[7].size: does not go with exec",
            "18 error [0].nodes[8].exec[0]: should be a command in hexadecimal: CLA INS P1 P2 P3 and the data that P3 "
            "counts",
            "19 error [0].nodes[9].path: is missing", "19 error [0].nodes[9].size: is missing",
            "20 error [0].nodes[10].size: should be a multiple of 5: one entry has 5 octets",
            "21 warning [0].nodes[11]: the terminal or the user writes this file too: it should be `volatile: true`"));
}

TEST(load_profiles, reports_nodes_that_get_in_each_others_way) {
    const auto got = load({.nodes = R"(    - {uri: ./SC/USIM/A, path: [7fff, 6f01], size: 1}
    - {uri: ./SC/USIM/A, path: [7fff, 6f02], size: 1}
    - {uri: ./SC/USIM/A/B, path: [7fff, 6f03], size: 1}
    - {uri: ./SC/USIM/C, path: [7fff, 6f01], size: 1}
    - {uri: ./SC/USIM/D, path: [7fff, 6f01], structure: linear-fixed, record: 1, size: 1}
    - {uri: ./SC/SIM/A, path: [7fff, 6f01], size: 1}
    - {uri: ./SC/SIM/E, path: [7f10, 6f42], structure: linear-fixed, record: 1, size: 28}
    - {uri: ./SC/SIM/F, path: [7f10, 6f42], structure: linear-fixed, record: 2, size: 29}
    - {uri: ./SC/USIM/G, path: [7f10, 6f42], structure: linear-fixed, record: 1, size: 28}
)"});
    EXPECT_THAT(
        got.told,
        ElementsAre(
            "11 error [0].nodes[1].uri: is the URI of another node in line 10",
            "12 error [0].nodes[2].uri: lies above or below the node in line 10: a node with a value has no children",
            "12 error [0].nodes[2].uri: lies above or below the node in line 11: a node with a value has no children",
            "13 error [0].nodes[3].path: is the file of another node in line 10: two nodes would overwrite each other",
            "14 error [0].nodes[4].path: is a file of another structure in line 10",
            "14 error [0].nodes[4].path: is a file of another structure in line 13",
            "17 error [0].nodes[7].size: differs from another record of this file in line 16",
            "18 error [0].nodes[8].path: is the file of another node in line 16: two nodes would overwrite each other",
            "18 error [0].nodes[8].size: differs from another record of this file in line 17"));
}

TEST(load_profiles, reports_records_and_execs_that_no_packet_can_carry) {
    const std::string record =
        "    - {uri: ./SC/USIM/A, path: [7fff, 6f01], structure: linear-fixed, record: 1, size: ";
    // One segment with AES and an 8-octet CC carries 98 octets of script: SELECT 7, UPDATE RECORD 5, and 86 of data.
    EXPECT_THAT(load({.more = "  segments: {max: 1}\n", .nodes = record + "86}\n"}).told, IsEmpty());
    EXPECT_THAT(load({.more = "  segments: {max: 1}\n", .nodes = record + "87}\n"}).told,
                ElementsAre("11 error [0].nodes[0]: needs a script of 99 octets, and 1 segments carry 98"));
    EXPECT_THAT(load({.nodes = record + "119}\n"}).told,
                ElementsAre("10 error [0].nodes[0].size: a record longer than max_response (118) cannot be read: leave "
                            "get out of its access"));
    EXPECT_THAT(load({.nodes = record + "119, access: [replace]}\n"}).told, IsEmpty());
}

TEST(load_profiles, reports_a_profile_name_that_is_taken) {
    profile_text text;
    const auto got = load_yaml(text.yaml() + text.yaml());
    EXPECT_THAT(got.told, ElementsAre("9 error [1].name: another profile has this name"));
    EXPECT_EQ(got.profiles.size(), 1u);
}

TEST(load_profiles, knows_the_room_of_a_packet) {
    const auto room = [](std::string kic, std::string more) {
        const auto told =
            load({.kic = kic,
                  .kid = kic,
                  .more = more,
                  .nodes = "    - {uri: ./SC/USIM/A, exec: [" + std::string("00d60000ff") + std::string(510, '0') +
                           ", 00d60000ff" + std::string(510, '0') + ", 00d60000ff" + std::string(510, '0') + "]}\n"})
                .all();
        const auto at = told.find("segments carry ");
        return at == std::string::npos ? 0 : std::stoi(told.substr(at + 15));
    };
    EXPECT_EQ(room("3des2", "  segments: {max: 1}\n"), 106);  // scp80: 3DES and CC
    EXPECT_EQ(room("aes", "  segments: {max: 1}\n"), 98);     // AES and CC
    EXPECT_EQ(room("aes", "  segments: {max: 2}\n"), 256 - 14);
    EXPECT_EQ(room("aes", "  segments: {max: 2, reference: 16}\n"), 240 - 14 + 0);
}
