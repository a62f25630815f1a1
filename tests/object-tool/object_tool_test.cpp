#include "tests/object-tool/tool_run.hpp"

#include "management-object/card_image.hpp"
#include "management-object/control_file.hpp"
#include "management-object/tnds.hpp"
#include "tests/management-object/random_tree.hpp"
#include "tests/management-object/wbxml_judge.hpp"

#include <algorithm>

namespace ota::object_tool {

namespace {

namespace mo = management_object;

constexpr std::string_view small =
    R"(<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>IMPS</NodeName>
<RTProperties><Format><node/></Format><Type><DDFName>urn:x</DDFName></Type></RTProperties>
<Node><NodeName>Addr</NodeName><RTProperties><Format><chr/></Format><Type><MIME>text/plain</MIME></Type></RTProperties>
<Value>imps.old.example.org</Value></Node></Node></MgmtTree>)";

mo::tnds_document parsed(std::string_view xml) {
    auto out = mo::parse_tnds_xml(xml);
    EXPECT_TRUE(out) << sentence(out.error()) << '\n' << xml;
    return out ? out.value() : mo::tnds_document{};
}

/// What libwbxml2 reads in it.
mo::tnds_document judged(std::string_view wbxml) {
    const auto xml = mo::judge::to_xml(wire::as_octets(wbxml));
    EXPECT_TRUE(xml) << "refused " << wire::to_hex(wire::as_octets(wbxml));
    return xml ? parsed(*xml) : mo::tnds_document{};
}

const std::vector<std::string> samples{"imps", "email", "dmacc", "nap"};

}  // namespace

TEST(object_tool, encode_writes_the_octets_that_are_known) {
    // Read back by libwbxml2 in the tests below; these pin the layout.
    const std::string id = "2d2f2f4f4d412f2f4454442d444d2d44444620312e322f2f454e00";  // -//OMA//DTD-DM-DDF 1.2//EN
    const auto plain = run_with({"encode", "--layout", "plain", "--hex", "-"}, std::string(small));
    EXPECT_EQ(plain.status, 0) << plain.err;
    EXPECT_EQ(plain.out.substr(0, 10 + id.size()), "0300006a1b" + id);
    const auto slotted = run_with({"encode", "--hex", "-"}, std::string(small));
    EXPECT_EQ(slotted.status, 0) << slotted.err;
    // The table's length in two octets: identifier of 27 octets, then the slot of the value: 20 octets, NUL, room for
    // 11 more.
    const auto value = wire::to_hex(wire::as_octets("imps.old.example.org")) + std::string(24, '0');
    EXPECT_EQ(slotted.out.substr(0, 12 + id.size() + value.size()), "0300006a803b" + id + value);
    EXPECT_TRUE(
        slotted.out.ends_with("7683801b01"
                              "010101\n"))
        << slotted.out;  // Value: STR_T 27, in two octets
}

TEST(object_tool, the_judge_reads_what_encode_writes) {
    for (const auto& name : samples) {
        const auto meant = parsed(contents(factory(name)));
        for (const auto* layout : {"slotted", "plain"}) {
            const auto r = run_with({"encode", "--layout", layout, factory(name)});
            ASSERT_EQ(r.status, 0) << r.err;
            EXPECT_EQ(judged(r.out), meant) << name << ' ' << layout;
        }
        const auto padded = run_with({"encode", "--size", "1024", factory(name)});
        ASSERT_EQ(padded.status, 0) << padded.err;
        ASSERT_EQ(padded.out.size(), 1024U);
        const auto used = mo::used_length(wire::as_octets(padded.out));
        EXPECT_EQ(judged(std::string_view(padded.out).substr(0, used)).nodes.at(0).top, meant.nodes.at(0).top);
    }
}

TEST(object_tool, decode_reads_what_the_judge_writes) {
    for (const auto& name : samples) {
        for (const bool table : {true, false}) {
            const auto theirs = mo::judge::to_wbxml(contents(factory(name)), table);
            ASSERT_TRUE(theirs);
            const auto r = run_with({"decode", "-"}, std::string(wire::as_text(*theirs)));
            ASSERT_EQ(r.status, 0) << r.err;
            EXPECT_EQ(parsed(r.out), parsed(contents(factory(name))));
        }
    }
}

TEST(object_tool, decode_gives_back_what_was_encoded) {
    for (const auto& name : samples) {
        const auto meant = parsed(contents(factory(name)));
        for (const std::string layout : {"slotted", "plain", "ber-tlv"}) {
            for (const bool sized : {false, true}) {
                std::vector<std::string> call{"encode", "--layout", layout, factory(name)};
                if (sized) call.insert(call.end(), {"--size", "2000"});
                const auto octets = run_with(call);
                ASSERT_EQ(octets.status, 0) << octets.err;
                EXPECT_EQ(octets.out.size() == 2000, sized);
                const auto xml = run_with({"decode", "-"}, octets.out);
                ASSERT_EQ(xml.status, 0) << xml.err;
                EXPECT_EQ(parsed(xml.out).nodes.at(0).top, meant.nodes.at(0).top) << name << ' ' << layout;
            }
        }
    }
}

TEST(object_tool, random_documents_survive_both_ways) {
    mo::randomly::dice d(51);
    for (int round = 0; round < 100; ++round) {
        const auto document = mo::randomly::document(d);
        const auto xml = mo::serialize_tnds_xml(document).value();
        const auto octets = run_with({"encode", "--layout", round % 2 == 0 ? "slotted" : "plain", "-"}, xml);
        ASSERT_EQ(octets.status, 0) << octets.err;
        const auto back = run_with({"decode", "-"}, octets.out);
        ASSERT_EQ(back.status, 0) << back.err;
        ASSERT_EQ(parsed(back.out), document) << round;
    }
}

TEST(object_tool, files_are_those_that_the_gateway_makes) {
    const auto document = parsed(contents(factory("imps")));
    for (const std::size_t size : {2000U, 850U, 820U, 810U}) {  // with slack, without, without slots
        const auto r = run_with({"encode", "--size", std::to_string(size), factory("imps")});
        ASSERT_EQ(r.status, 0) << r.err;
        const auto image =
            mo::make_image(document.nodes.at(0).top, mo::uri{{"IMPS"}}, {.size = size, .slots = {}}).value();
        EXPECT_EQ(r.out, wire::as_text(image)) << size;
    }
}

TEST(object_tool, speaks_hexadecimal_both_ways) {
    const auto binary = run_with({"encode", factory("imps")});
    const auto hex = run_with({"encode", "--hex", factory("imps")});
    EXPECT_EQ(hex.out, wire::to_hex(wire::as_octets(binary.out)) + "\n");
    auto spaced = hex.out;
    spaced.insert(10, " \r\n\t");
    std::ranges::transform(spaced, spaced.begin(), [](char c) { return c == 'a' ? 'A' : c; });
    EXPECT_EQ(run_with({"decode", "--hex", "-"}, spaced).out, run_with({"decode", "-"}, binary.out).out);
}

TEST(object_tool, octets_never_go_to_a_terminal) {
    const auto r = run_with({"encode", factory("imps")}, {}, true);
    EXPECT_EQ(r.status, 2);
    EXPECT_EQ(r.out, "");
    EXPECT_NE(r.err.find("--hex"), std::string::npos);
    EXPECT_EQ(run_with({"encode", "--hex", factory("imps")}, {}, true).status, 0);
    EXPECT_EQ(run_with({"decode", written("f", run_with({"encode", factory("imps")}).out)}, {}, true).status, 0);
}

TEST(object_tool, tells_how_it_is_used) {
    for (const auto& call : std::vector<std::vector<std::string>>{
             {"--help"}, {"encode", "--help"}, {"decode", "-h"}, {"patch", "--help"}}) {
        const auto r = run_with(call);
        EXPECT_EQ(r.status, 0);
        EXPECT_NE(r.out.find("Usage: otagw mo"), std::string::npos) << r.out;
    }
}

}  // namespace ota::object_tool
