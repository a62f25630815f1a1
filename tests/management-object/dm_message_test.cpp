#include "management-object/dm_message.hpp"
#include "management-object/wbxml.hpp"
#include "management-object/xml.hpp"
#include "tests/management-object/wbxml_judge.hpp"

#include <gtest/gtest.h>

using namespace ota;
using namespace ota::management_object;
using namespace ota::management_object::dm;

namespace {

/// One of each kind, with every field used somewhere.
message everything() {
    message m{.final = true};
    m.hdr = {.session_id = "1AF",
             .msg_id = 2,
             .target = {"http://dm.example.org/dm", {}},
             .source = {"IMEI:490154203237518", "user"},
             .resp_uri = "http://dm.example.org/dm?s=1",
             .cred = credentials{{.format = "b64", .type = "syncml:auth-md5"}, "Zz6EivR3yeaaENcRN6lpAQ=="},
             .about = meta{.max_msg_size = 5000, .max_obj_size = 4096}};
    m.body.push_back({status{.cmd_id = 1,
                             .msg_ref = 1,
                             .cmd_ref = 0,
                             .cmd = "SyncHdr",
                             .target_refs = {"a", "b"},
                             .source_refs = {"c"},
                             .chal = meta{.format = "b64", .type = "syncml:auth-md5", .next_nonce = "nonce"},
                             .code = 407}});
    m.body.push_back({alert{.cmd_id = 2, .code = 1201, .correlator = "", .items = {}}});
    m.body.push_back({alert{.cmd_id = 3,
                            .code = 1226,
                            .correlator = "corr",
                            .items = {{.source = location{"./FwUpdate/1", {}},
                                       .about = meta{.format = "int",
                                                     .type = "org.openmobilealliance.dm.firmwareupdate.update",
                                                     .mark = "critical"},
                                       .data = "200"}}}});
    m.body.push_back({operation{.what = verb::replace,
                                .cmd_id = 4,
                                .items = {{.target = location{"./DevInfo/Man", {}}, .data = "Maker & Sons"}}}});
    m.body.push_back({results{.cmd_id = 5,
                              .msg_ref = 1,
                              .cmd_ref = 3,
                              .about = meta{.format = "chr", .type = "text/plain"},
                              .target_ref = "t",
                              .source_ref = "s",
                              .items = {{.source = location{"./A", {}}, .data = "v"}}}});
    group sequence{.cmd_id = 6};
    sequence.commands.push_back(
        {operation{.what = verb::get, .cmd_id = 7, .items = {{.target = location{"./A?list=Struct", {}}}}}});
    group atomic{.atomic = true, .cmd_id = 8, .about = meta{.mark = "m"}};
    atomic.commands.push_back({operation{.what = verb::add,
                                         .cmd_id = 9,
                                         .no_resp = true,
                                         .about = meta{.format = "bin"},
                                         .items = {{.target = location{"./B", {}},
                                                    .about = meta{.size = 100},
                                                    .data = std::string("\0\1", 2),
                                                    .opaque = true,
                                                    .more_data = true}}}});
    atomic.commands.push_back({operation{.what = verb::del, .cmd_id = 10, .items = {{.target = location{"./C", {}}}}}});
    sequence.commands.push_back({atomic});
    m.body.push_back({sequence});
    m.body.push_back({operation{
        .what = verb::copy, .cmd_id = 11, .items = {{.target = location{"./D", {}}, .source = location{"./E", {}}}}}});
    m.body.push_back({operation{
        .what = verb::exec, .cmd_id = 12, .correlator = "again", .items = {{.target = location{"./F", {}}}}}});
    m.body.push_back({unknown_command{13, "Put"}});
    return m;
}

item& added_item(message& m) {
    auto& atomic = std::get<group>(std::get<group>(m.body[5].is).commands[1].is);
    return std::get<operation>(atomic.commands[0].is).items[0];
}

message without_octets() {
    auto m = everything();
    added_item(m).data = "text";
    added_item(m).opaque = false;
    return m;
}

std::string in_body(std::string_view commands) {
    return "<SyncML "
           "xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</"
           "SessionID><MsgID>1</MsgID>"
           "<Target><LocURI>t</LocURI></Target><Source><LocURI>s</LocURI></Source></SyncHdr><SyncBody>" +
           std::string(commands) + "</SyncBody></SyncML>";
}

document_errc error_of(const std::string& xml) {
    const auto read = dm::parse_xml(xml);
    return read ? document_errc{} : read.error().code;
}

constexpr std::string_view doctype =
    "SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.2//EN\" "
    "\"http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd\"";

}  // namespace

TEST(dm_message, everything_survives_wbxml) {
    const auto written = dm::serialize_wbxml(everything()).value();
    const auto read = dm::parse_wbxml(written);
    ASSERT_TRUE(read) << sentence(read.error());
    EXPECT_EQ(read.value(), everything());
}

TEST(dm_message, everything_survives_xml) {
    const auto read = dm::parse_xml(dm::serialize_xml(without_octets()).value());
    ASSERT_TRUE(read) << sentence(read.error());
    EXPECT_EQ(read.value(), without_octets());
    EXPECT_NE(dm::serialize_xml(everything()).value().find("<Data>AAE=</Data>"), std::string::npos)
        << "octets go as Base64";
}

TEST(dm_message, another_implementation_reads_what_we_write) {
    const auto xml = judge::to_xml(dm::serialize_wbxml(without_octets()).value());
    ASSERT_TRUE(xml);
    const auto read = dm::parse_xml(*xml);
    ASSERT_TRUE(read) << sentence(read.error()) << *xml;
    EXPECT_EQ(read.value(), without_octets());
}

TEST(dm_message, we_read_what_another_implementation_writes) {
    const auto xml = management_object::serialize_xml(dm::to_element(without_octets()), {.doctype = doctype}).value();
    for (const bool table : {false, true}) {
        const auto its = judge::to_wbxml(xml, table);
        ASSERT_TRUE(its);
        auto read = dm::parse_wbxml(*its);
        ASSERT_TRUE(read) << sentence(read.error());
        // It writes the data of Add and Replace as OPAQUE, whatever they are; as texts they are the same.
        std::get<operation>(read.value().body[3].is).items[0].opaque = false;
        added_item(read.value()).opaque = false;
        EXPECT_EQ(read.value(), without_octets()) << dm::serialize_xml(read.value()).value();
    }
}

TEST(dm_message, every_strict_prefix_is_refused) {
    const auto written = dm::serialize_wbxml(everything()).value();
    for (std::size_t n = 0; n < written.size(); ++n)
        EXPECT_FALSE(dm::parse_wbxml(wire::octet_view(written).first(n))) << n;
    const auto xml = dm::serialize_xml(everything()).value();
    for (std::size_t n = 0; n < xml.size(); ++n) EXPECT_FALSE(dm::parse_xml(std::string_view(xml).substr(0, n))) << n;
}

TEST(dm_message, reads_a_first_message_as_clients_send_it) {
    const auto m = dm::parse_xml(R"(<?xml version="1.0" encoding="UTF-8"?>
<SyncML xmlns='SYNCML:SYNCML1.2'>
  <SyncHdr>
    <VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>
    <Target><LocURI>http://www.example.org/mgmt-server</LocURI></Target>
    <Source><LocURI>IMEI:493005100592800</LocURI><LocName>Bruce1</LocName></Source>
    <Cred><Meta><Type xmlns="syncml:metinf">syncml:auth-basic</Type><Format xmlns='syncml:metinf'>b64</Format></Meta><Data>QnJ1Y2UyOk9oQmVoYXZl</Data></Cred>
    <Meta><MaxMsgSize xmlns="syncml:metinf">5000</MaxMsgSize></Meta>
  </SyncHdr>
  <SyncBody>
    <Alert><CmdID>1</CmdID><Data>1201</Data></Alert>
    <Replace><CmdID>3</CmdID>
      <Item><Source><LocURI>./DevInfo/DevId</LocURI></Source>
        <Meta><Format xmlns='syncml:metinf'>chr</Format><Type xmlns='syncml:metinf'>text/plain</Type></Meta><Data>IMEI:493005100592800</Data></Item>
    </Replace>
    <Final/>
  </SyncBody>
</SyncML>)");
    ASSERT_TRUE(m) << sentence(m.error());
    EXPECT_EQ(m.value().hdr.source.loc_name, "Bruce1");
    EXPECT_EQ(m.value().hdr.cred->about.type, "syncml:auth-basic");
    EXPECT_EQ(m.value().hdr.about->max_msg_size, 5000u);
    EXPECT_EQ(std::get<alert>(m.value().body[0].is).code, 1201);
    EXPECT_EQ(std::get<operation>(m.value().body[1].is).items[0].data, "IMEI:493005100592800");
    EXPECT_TRUE(m.value().final);
}

TEST(dm_message, refuses_what_is_no_message) {
    EXPECT_EQ(error_of("<MgmtTree/>"), document_errc::unexpected_element);
    EXPECT_EQ(error_of("<SyncML><SyncHdr/></SyncML>"), document_errc::missing_element);
    EXPECT_EQ(error_of("<SyncML><SyncHdr/><SyncBody/></SyncML>"), document_errc::missing_element);
    EXPECT_EQ(error_of(in_body("")), document_errc{});
    EXPECT_EQ(error_of(in_body("<Dance><CmdID>1</CmdID></Dance>")), document_errc::unexpected_element);
    EXPECT_EQ(error_of(in_body("<Get><Item/></Get>")), document_errc::missing_element) << "no CmdID";
    EXPECT_EQ(error_of(in_body("<Get><CmdID>1</CmdID></Get>")), document_errc::missing_element) << "no Item";
    EXPECT_EQ(error_of(in_body("<Get><CmdID>x</CmdID><Item/></Get>")), document_errc::bad_value);
    EXPECT_EQ(error_of(in_body("<Alert><CmdID>1</CmdID><Data>99999</Data></Alert>")), document_errc::bad_value);
    EXPECT_EQ(
        error_of(in_body("<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef><Data>200</Data></Status>")),
        document_errc::missing_element);
    EXPECT_EQ(error_of(in_body("<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef><Cmd>Get</"
                               "Cmd><Chal><Meta><NextNonce>!</NextNonce></Meta>"
                               "</Chal><Data>200</Data></Status>")),
              document_errc::bad_value);
    EXPECT_EQ(error_of(in_body("<Get><CmdID>1</CmdID><Item><Data><A/><B/></Data></Item></Get>")),
              document_errc::unexpected_element);
    std::string open, close;
    for (int i = 0; i < 12; ++i) open += "<Sequence><CmdID>1</CmdID>", close += "</Sequence>";
    EXPECT_EQ(error_of(in_body(open + close)), document_errc::too_deep);
}

TEST(dm_message, keeps_commands_and_codes_that_it_does_not_know) {
    const auto m = dm::parse_xml(in_body(
        "<Search><CmdID>4</CmdID></Search><Status><CmdID>5</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef><Cmd>Get</Cmd>"
        "<Data>299</Data></Status>"));
    ASSERT_TRUE(m);
    EXPECT_EQ(std::get<unknown_command>(m.value().body[0].is).name, "Search");
    EXPECT_EQ(std::get<status>(m.value().body[1].is).code, 299);
    EXPECT_FALSE(m.value().final);
}
