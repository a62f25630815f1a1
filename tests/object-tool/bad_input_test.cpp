#include "tests/object-tool/tool_run.hpp"

#include <map>

namespace ota::object_tool {

namespace {

/// Failed with this status and these words, and wrote nothing.
void refused(const ran& r, int status, std::string_view words) {
    EXPECT_EQ(r.status, status) << r.err;
    EXPECT_NE(r.err.find(words), std::string::npos) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(r.err.find("changeme"), std::string::npos) << r.err;  // R24: the sample's secret
}

std::string imps() { return contents(factory("imps")); }

}  // namespace

TEST(object_tool_refuses, wrong_usage_with_2) {
    const std::vector<std::vector<std::string>> calls{{},
                                                      {"encrypt"},
                                                      {"encode"},
                                                      {"decode"},
                                                      {"encode", factory("imps"), "more"},
                                                      {"encode", factory("imps"), "--layout", "round"},
                                                      {"encode", factory("imps"), "--size", "0"},
                                                      {"encode", factory("imps"), "--size", "32768"},
                                                      {"encode", factory("imps"), "--size", "many"},
                                                      {"decode", factory("imps"), "--size", "5"},
                                                      {"patch", factory("imps"), factory("imps")},
                                                      {"patch", factory("imps"), "--profile", "usim-aes-dm"}};
    for (const auto& call : calls) {
        const auto r = run_with(call);
        EXPECT_EQ(r.status, 2) << testing::PrintToString(call);
        EXPECT_NE(r.err, "");
        EXPECT_EQ(r.out, "");
    }
}

TEST(object_tool_refuses, files_that_cannot_be_read) {
    for (const auto* command : {"encode", "decode"}) {
        refused(run_with({command, "no/such.xml"}), 1, "no/such.xml: cannot be read");
        refused(run_with({command, testing::TempDir()}), 1, "");
        refused(run_with({command, "-"}, std::string(5u << 20, ' ')), 1, "standard input: is longer than any document");
    }
    refused(run_with(patching("no/such.xml", factory("imps"))), 1, "no/such.xml: cannot be read");
}

TEST(object_tool_refuses, documents_with_their_line) {
    const std::map<std::string, std::pair<std::string, std::string>> faults{
        {replaced(imps(), "</NodeName>", "</Name>"), {":8:", "not well-formed"}},
        {replaced(imps(), "<chr/>", "<txt/>"), {":12:", ""}},
        {replaced(imps(), "<NodeName>ProviderID", "<Nonsense>1</Nonsense><NodeName>ProviderID"), {":16:", "no place"}},
        {replaced(imps(), "<chr/>", "<int/>"), {":13:", "not of its type"}},
        {"", {":1:", "not well-formed"}},
        {"otagw", {":1:", "not well-formed"}},
        {"<SyncML/>", {":1:", ""}},
        {replaced(imps(), "wA", "\xC3\x28"), {":13:", "UTF-8"}},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", {":1:", "entities"}},
    };
    for (const auto& [text, told] : faults) {
        const auto file = written("bad.xml", text);
        const auto r = run_with({"encode", file});
        refused(r, 1, told.second);
        EXPECT_NE(r.err.find("otagw mo: " + file + told.first), std::string::npos) << r.err << text.substr(0, 60);
        EXPECT_EQ(run_with(patching(factory("imps"), file)).status, 1);
    }
}

TEST(object_tool_refuses, a_file_for_more_than_one_object_or_none) {
    auto two = imps();
    two.insert(two.rfind("</MgmtTree>"),
               two.substr(two.find("  <Node>"), two.rfind("</MgmtTree>") - two.find("  <Node>")));
    refused(run_with({"encode", "--size", "4000", "-"}, replaced(two, "IMPS", "Other")), 1, "holds 2 objects");
    EXPECT_EQ(run_with({"encode", "-"}, replaced(two, "IMPS", "Other")).status, 0);
    refused(run_with({"encode", "--size", "4000", "-"}, replaced(imps(), ">IMPS<", "><")), 1,
            "topmost node has no name");
    refused(run_with({"encode", "--size", "300", factory("imps")}), 1, "the file has 300");
}

TEST(object_tool_refuses, octets_that_are_no_object) {
    refused(run_with({"decode", "-"}, ""), 1, "nothing but padding");
    refused(run_with({"decode", "-"}, std::string(100, '\xFF')), 1, "nothing but padding");
    refused(run_with({"decode", factory("imps")}), 1, "not WBXML 1.1, 1.2 or 1.3, at octet ");
    refused(run_with({"decode", "--hex", "-"}, "030"), 1, "standard input: ");
    refused(run_with({"decode", "--hex", factory("imps")}), 1, "imps.xml: ");
    refused(run_with({"decode", "-"},
                     "\x80\x05"
                     "abc"),
            1, "standard input: ");
    refused(run_with({"decode", "-"},
                     "\x81\x01"
                     "a"),
            1, "standard input: ");
    for (const std::string layout : {"slotted", "plain", "ber-tlv"}) {
        const auto whole = run_with({"encode", "--layout", layout, factory("nap")}).out;
        for (std::size_t n = 0; n < whole.size(); ++n)
            ASSERT_EQ(run_with({"decode", "-"}, whole.substr(0, n)).status, 1) << layout << n;
        ASSERT_EQ(run_with({"decode", "-"}, whole).status, 0);
        ASSERT_EQ(run_with({"decode", "-"}, whole + '\0').status, 1);
        ASSERT_EQ(run_with({"decode", "-"}, whole + "\xFF\x01").status, 1);
    }
}

TEST(object_tool_refuses, profiles_that_are_missing_or_faulty) {
    const auto imps_file = factory("imps");
    refused(run_with({"patch", imps_file, imps_file, "--profile", "none"}), 2,
            "config/profiles/none.yaml: cannot be read");
    refused(run_with({"patch", imps_file, imps_file, "--profile", "p", "--profiles", "no/such.yaml"}), 78,
            "no/such.yaml");
    auto call = patching(imps_file, imps_file);
    call[4] = "usim";
    refused(run_with(call), 2, "has no profile usim; it has usim-aes-dm");
    call = patching(imps_file, imps_file);
    call.back() = written("p.yaml", "profiles:\n  - name: usim-aes-dm\n    colour: red\n");
    const auto r = run_with(call);
    refused(r, 78, "p.yaml:3: error: ");
}

TEST(object_tool_refuses, what_the_profile_does_not_hold) {
    const auto with = [](std::vector<std::string> call, const std::vector<std::string>& more) {
        call.insert(call.end(), more.begin(), more.end());
        return run_with(call);
    };
    const auto imps_file = factory("imps");
    refused(with(patching(imps_file, imps_file), {"--uri", "./Foo"}), 2,
            "has no management object ./Foo; it has ./IMPS, ./Email");
    refused(with(patching(imps_file, imps_file), {"--uri", "."}), 2, "--uri");
    refused(with(patching(imps_file, imps_file), {"--uri", "a//b"}), 2, "--uri");
    refused(with(patching(imps_file, imps_file), {"--uri", "./DevInfo"}), 1, "the card writes ./DevInfo itself");
    refused(run_with(patching(imps_file, factory("email"))), 2, "hold objects of other addresses");
    refused(with(patching(imps_file, imps_file), {"--spare", imps_file}), 2, "./IMPS has one file");
    refused(run_with(patching("-", "-"), imps()), 2, "only one of the files");
    const auto nothing = written("ff", "\xFF\xFF");
    refused(run_with(patching(nothing, nothing)), 1, "holds no object");
}

TEST(object_tool_refuses, an_object_that_does_not_follow_its_description_or_fit_its_file) {
    const auto other = written("other.xml", replaced(imps(), "<NodeName>ProviderID", "<NodeName>Colour"));
    refused(run_with(patching(factory("imps"), other)), 1, "does not follow its description\n  ./IMPS/Colour: ");
    const auto large = written("large.xml", replaced(imps(), "imps.old.example.org", std::string(600, 'x')));
    refused(run_with(patching(factory("imps"), large)), 1, "octets at least, the file has 1024");
    refused(run_with(patching(large, factory("imps"))), 1, "octets at least, the file has 1024");
    const auto image = run_with({"encode", "--size", "2000", large}).out;
    refused(run_with(patching(written("large", image), factory("imps"))), 1, "octets, the file 1024");
    refused(run_with(patching(written("torn", image.substr(0, 500)), factory("imps"))), 1, ", at octet ");
}

}  // namespace ota::object_tool
