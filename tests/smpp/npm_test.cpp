#include "tests/smpp/live.hpp"
#include "tests/smpp/npm_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <set>

// Live against npm `smpp`, in both roles.
namespace ota::smpp {
namespace {

using namespace testing_live;
using bearer::submit_outcome;

struct npm_smpp : ::testing::Test {
    const std::filesystem::path project = OTA_SMPP_NPM_DIR;

    void SetUp() override {
        ASSERT_TRUE(npm::install(std::filesystem::path(OTA_SOURCE_DIR) / "tests/smpp/npm", project))
            << "this test needs node, npm and the package `smpp`";
    }
};

TEST_F(npm_smpp, as_smsc_takes_our_messages_and_we_its_receipts_and_proofs) {
    npm::peer smsc(project, "smsc 0");
    const auto port = std::atoi(smsc.line().c_str());
    ASSERT_NE(port, 0);
    route_settings r;
    r.name = "npm";
    r.host = "127.0.0.1";
    r.port = static_cast<std::uint16_t>(port);
    r.system_id = "gateway";
    r.password = "secret";
    r.source = {2, 1, "1234"};
    r.ids = {id_base::hexadecimal, id_base::decimal, false, false};
    ear heard;
    client c({{r}, 1}, heard);
    c.start();
    std::vector<bearer::submission> batch;
    for (int i = 1; i <= 40; ++i) batch.push_back(message(i, "49151" + std::to_string(10000 + i) + "1"));
    batch.push_back(message(41, "4915100058"));
    batch.push_back(message(42, "4915100045"));
    c.submit(batch);
    ASSERT_TRUE(heard.wait_submitted(42));
    EXPECT_EQ(heard.count(submit_outcome::accepted), 41u);
    EXPECT_EQ(heard.count(submit_outcome::temporary), 1u);
    EXPECT_EQ(c.status().at(0).counters.throttled, 1u);

    ASSERT_TRUE(heard.wait_delivered(82)) << "a receipt and a proof for each message that was taken";
    std::vector<std::uint64_t> tokens;
    std::set<std::string> ids;
    std::set<std::string> receipts;
    std::size_t proofs = 0;
    heard.note([&] {
        for (const auto& s : heard.submitted)
            if (s.outcome == submit_outcome::accepted) ids.insert(s.message_id);
        for (const auto& d : heard.delivered) {
            tokens.push_back(d.token);
            if (const auto* told = std::get_if<bearer::receipt>(&d.what)) {
                receipts.insert(told->message_id);
                EXPECT_EQ(told->state, bearer::receipt_state::delivered);
            } else {
                ++proofs;
                const auto& m = std::get<bearer::inbound_message>(d.what);
                EXPECT_EQ(wire::to_hex(m.user_data), "027100000b0ab0001000000000010000");
            }
        }
    });
    EXPECT_EQ(receipts, ids) << "hexadecimal in the response, decimal in the receipt";
    EXPECT_EQ(proofs, 41u);
    c.answer(tokens, true);
    c.shutdown(5s);
}

TEST_F(npm_smpp, as_smsc_refuses_a_wrong_password_and_we_say_so) {
    npm::peer smsc(project, "smsc 0");
    route_settings r;
    r.name = "npm";
    r.host = "127.0.0.1";
    r.port = static_cast<std::uint16_t>(std::atoi(smsc.line().c_str()));
    r.system_id = "gateway";
    r.password = "wrong";
    ear heard;
    client c({{r}, 1}, heard);
    c.start();
    ASSERT_TRUE(wait_status(c, [](const auto& s) { return !s[0].last_fault.empty(); }));
    EXPECT_THAT(c.status()[0].last_fault, ::testing::HasSubstr("ESME_RINVPASWD"));
    c.shutdown(1s);
}

TEST_F(npm_smpp, as_esme_binds_to_our_server_submits_hears_and_unbinds) {
    smsc ours;
    npm::peer esme(project, "esme " + std::to_string(ours.machine.port()) + " 50");
    ASSERT_TRUE(ours.wait_binds(1));
    deliver_sm receipt;
    receipt.source = {1, 1, "491512345678"};
    receipt.destination = {2, 1, "1234"};
    receipt.esm_class = esm::delivery_receipt;
    const std::string_view text = "id:5 stat:DELIVRD err:000";
    receipt.short_message.assign(text.begin(), text.end());
    receipt.tlvs = {{tag::receipted_message_id, {'5', 0}}, {tag::message_state, {2}}};
    ours.machine.deliver({{ours.last_session(), 1, receipt}});
    ASSERT_TRUE(ours.wait([&] { return ours.answered.size() == 1; }));
    EXPECT_EQ(ours.answered[0].command_status, 0u);
    const auto line = esme.line();
    const auto seen = boost::json::parse(line).as_object();
    EXPECT_EQ(seen.at("accepted").to_number<int>(), 50) << line;
    EXPECT_EQ(seen.at("refused").to_number<int>(), 0);
    EXPECT_EQ(seen.at("ids").as_array().size(), 50u);
    const auto& told = seen.at("delivered").as_array().at(0).as_object();
    EXPECT_EQ(told.at("id").as_string(), "5");
    EXPECT_EQ(told.at("state").to_number<int>(), 2);
    EXPECT_EQ(told.at("esm_class").to_number<int>(), 4);
    EXPECT_EQ(told.at("source").as_string(), "491512345678");
    const auto submits = ours.read([&] { return ours.submits; });
    ASSERT_EQ(submits.size(), 50u);
    EXPECT_EQ(submits[0].message.esm_class, 0x40);
    EXPECT_EQ(submits[0].message.data_coding, 0xF6);
    EXPECT_EQ(submits[0].message.protocol_id, 0x7F);
    EXPECT_EQ(submits[0].message.short_message.size(), 140u);
    EXPECT_EQ(wire::to_hex(wire::octet_view(submits[0].message.short_message).first(5)), "0270007000");
    EXPECT_TRUE(ours.wait([&] { return ours.closed.size() == 1; }));
}

}  // namespace
}  // namespace ota::smpp
