#include "gateway/dm/notification.hpp"
#include "gateway/dm/wap_push.hpp"
#include "gateway/smpp/pdu.hpp"
#include "gateway/smpp/route.hpp"
#include "tests/tshark/dissect.hpp"

#include <gtest/gtest.h>

#include <array>

// Package 0 as Wireshark's dissectors read it: from the submit_sm of a route, by way of the user data header, down to
// the push.
namespace ota::dm {
namespace {

constexpr std::array fields{"smpp.protocol_id",
                            "smpp.data_coding",
                            "smpp.esm.submit.features",
                            "smpp.regdel.receipt",
                            "wsp.TID",
                            "wsp.pdu_type",
                            "wsp.headers_length",
                            "wsp.header.content_type",
                            "wsp.header.x_wap_application_id",
                            "media.type",
                            "_ws.malformed"};
using tshark::row;

/// What tshark reads in one PDU; empty when it cannot be run.
row dissect(const wire::octets& pdu) {
    const auto rows = tshark::dissect(
        {pdu}, {"-T 40000,2775", "-d tcp.port==2775,smpp -o gsm_sms_ud.port_number_udh_means_wsp:TRUE"}, fields);
    return rows.empty() ? row{} : rows.front();
}

TEST(tshark, reads_a_notification_for_the_terminal_in_the_submit_of_a_route) {
    const std::string_view password = "srvpwd";
    const identity server{"funambol", secure_channel::secret({password.begin(), password.end()})};
    const auto package_0 =
        serialize_notification({.ui = ui_mode::background, .session_id = 0x1234, .server_id = "funambol"}, server, "")
            .value();
    const auto messages = serialize_push_messages(serialize_push(0x5A, package_0), 1).value();
    ASSERT_EQ(messages.size(), 1U);
    smpp::route route(smpp::route_settings{.name = "a", .source = {0, 0, "4900"}});
    const bearer::submission message{
        .destination = "491700000001", .user_data = messages[0], .to = bearer::addressee::terminal};
    smpp::pdu pdu;
    pdu.sequence_number = 1;
    pdu.what = route.draft(message, {});
    auto read = dissect(smpp::serialize(pdu));
    ASSERT_FALSE(read.empty()) << "this test needs tshark and text2pcap";
    EXPECT_EQ(read["_ws.malformed"], "");
    EXPECT_EQ(read["smpp.protocol_id"], "0x00");
    EXPECT_EQ(read["smpp.data_coding"], "0x04");
    EXPECT_EQ(read["smpp.esm.submit.features"], "0x01");
    EXPECT_EQ(read["smpp.regdel.receipt"], "0x00");
    EXPECT_EQ(read["wsp.TID"], "0x5a");
    EXPECT_EQ(read["wsp.pdu_type"], "0x06");
    EXPECT_EQ(read["wsp.headers_length"], "3");
    EXPECT_EQ(read["wsp.header.content_type"], "application/vnd.syncml.notification");
    EXPECT_EQ(read["wsp.header.x_wap_application_id"], "x-wap-application:syncml.dm");
    EXPECT_EQ(read["media.type"], wire::to_hex(package_0));
}

}  // namespace
}  // namespace ota::dm
