// The whole gateway over the forms that an SMSC may want: split binds, proofs by data_sm; and what a change costs in
// SMS.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace ota::system_test {
namespace {

TEST(bearer_forms, a_change_of_20_octets_is_exactly_one_sms) {
    installation site("one-sms", 3);
    site.publish_to(site.iccids()[1]);
    auto gateway = site.start_gateway();
    ASSERT_EQ(site.wait_until_final(std::chrono::seconds(60)), 1u) << gateway->output();
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0);
    site.expect_one_final_state_each();
    const auto peers = site.stop_peers();
    EXPECT_NE(peers.find(R"("submits":1,)"), std::string::npos) << peers;
    EXPECT_NE(peers.find(R"("delivered":1,)"), std::string::npos) << peers;
}

TEST(bearer_forms, proofs_come_by_data_sm_over_a_transmitter_and_a_receiver) {
    installation site("split", 20, site_options{{"--reports", "data-sm"}, {}, ", mode: split, binds: 2", {}, {}});
    site.publish(60);
    auto gateway = site.start_gateway();
    ASSERT_EQ(site.wait_until_final(std::chrono::seconds(90)), 60u) << gateway->output();
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(40)), 0) << gateway->output();
    site.expect_one_final_state_each();
    const auto peers = site.stop_peers();
    EXPECT_NE(peers.find(R"("binds":4,)"), std::string::npos) << "two transmitters, two receivers: " << peers;
    EXPECT_EQ(peers.find(R"("reports":0,)"), std::string::npos) << peers;
    site.expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
