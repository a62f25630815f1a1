#include "management-object/ddf.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;

namespace {

std::string described(std::string_view properties, std::string_view more = {}) {
    return "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName>N</NodeName><DFProperties>" +
           std::string(properties) + "</DFProperties>" + std::string(more) + "</Node></MgmtTree>";
}
constexpr std::string_view chr_leaf =
    "<AccessType><Get/></AccessType><DFFormat><chr/></DFFormat><DFType><MIME>text/plain</MIME></DFType>";

document_errc error_of(const std::string& xml) {
    const auto read = ddf::parse_xml(xml);
    return read ? document_errc{} : read.error().code;
}

ddf::occurrence occurrence_of(std::string_view how) {
    return ddf::parse_xml(described(std::string(chr_leaf) + "<Occurrence>" + std::string(how) + "</Occurrence>"))
        .value()
        .nodes[0]
        .occurs;
}

}  // namespace

TEST(ddf, reads_every_property) {
    const auto read = ddf::parse_xml(described(
        "<AccessType><Add/><Copy/><Delete/><Exec/><Get/><Replace/></AccessType><DefaultValue>7</DefaultValue>"
        "<Description>What it is</Description><DFFormat><int/></DFFormat><Occurrence><OneOrMore/></Occurrence>"
        "<Scope><Permanent/></Scope><DFTitle>Title</DFTitle><DFType><MIME>text/plain</MIME><MIME>a/b</MIME>"
        "</DFType><CaseSense><CIS/></CaseSense>",
        "<Path>./A/B</Path>"));
    ASSERT_TRUE(read) << sentence(read.error());
    const auto& d = read.value().nodes.at(0);
    for (std::size_t i = 0; i < ddf::command_count; ++i) EXPECT_TRUE(d.access.has(static_cast<ddf::command>(i)));
    EXPECT_EQ(d.default_value, "7");
    EXPECT_EQ(d.text, "What it is");
    EXPECT_EQ(d.format, node_format::integer);
    EXPECT_EQ(d.occurs, (ddf::occurrence{true, std::nullopt}));
    EXPECT_EQ(d.scope, ddf::scope::permanent);
    EXPECT_EQ(d.title, "Title");
    EXPECT_EQ(d.mime_types, (std::vector<std::string>{"text/plain", "a/b"}));
    EXPECT_FALSE(d.case_sensitive);
    EXPECT_EQ(d.path, (uri{{"A", "B"}}));
}

TEST(ddf, what_is_not_told_is_one_dynamic_and_case_sensitive) {
    const auto d = ddf::parse_xml(described(chr_leaf)).value().nodes.at(0);
    EXPECT_EQ(d.occurs, (ddf::occurrence{true, 1}));
    EXPECT_EQ(d.scope, ddf::scope::dynamic);
    EXPECT_TRUE(d.case_sensitive);
    EXPECT_FALSE(d.access.has(ddf::command::replace));
}

TEST(ddf, reads_every_occurrence) {
    EXPECT_EQ(occurrence_of("<One/>"), (ddf::occurrence{true, 1}));
    EXPECT_EQ(occurrence_of("<ZeroOrOne/>"), (ddf::occurrence{false, 1}));
    EXPECT_EQ(occurrence_of("<ZeroOrMore/>"), (ddf::occurrence{false, std::nullopt}));
    EXPECT_EQ(occurrence_of("<OneOrMore/>"), (ddf::occurrence{true, std::nullopt}));
    EXPECT_EQ(occurrence_of("<ZeroOrN>5</ZeroOrN>"), (ddf::occurrence{false, 5}));
    EXPECT_EQ(occurrence_of("<OneOrN> 3 </OneOrN>"), (ddf::occurrence{true, 3}));
}

TEST(ddf, refuses_what_is_no_description) {
    const std::string leaf(chr_leaf);
    EXPECT_EQ(error_of("<A/>"), document_errc::unexpected_element);
    EXPECT_EQ(error_of("<MgmtTree/>"), document_errc::missing_element);
    EXPECT_EQ(error_of(described("<DFFormat><chr/></DFFormat><DFType/>")), document_errc::missing_element);
    EXPECT_EQ(error_of(described(leaf + "<Occurrence><ZeroOrN>0</ZeroOrN></Occurrence>")), document_errc::bad_value);
    EXPECT_EQ(error_of(described(leaf + "<Occurrence><Two/></Occurrence>")), document_errc::unexpected_element);
    EXPECT_EQ(error_of(described(leaf + "<Scope><Local/></Scope>")), document_errc::unexpected_element);
    EXPECT_EQ(error_of(described(leaf + "<Colour/>")), document_errc::unexpected_element);
    EXPECT_EQ(error_of(described("<AccessType><Move/></AccessType><DFFormat><chr/></DFFormat><DFType/>")),
              document_errc::unexpected_element);
    EXPECT_EQ(error_of(described("<AccessType/><DFFormat><chr/><int/></DFFormat><DFType/>")), document_errc::bad_value);
    EXPECT_EQ(error_of(described("<AccessType/><DefaultValue>x</DefaultValue><DFFormat><int/></DFFormat><DFType/>")),
              document_errc::bad_value);
    EXPECT_EQ(error_of(described(leaf, "<Node><NodeName>below a leaf</NodeName></Node>")),
              document_errc::unexpected_element);
}
