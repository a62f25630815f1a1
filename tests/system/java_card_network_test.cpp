// A card in Java is the network: our Java driver reads every live submit_sm and frames its proof of receipt, with the
// ciphers and the MACs of the library gsm0348. What it confirms is keys, modes, padding and checksums, not the framing.
#include "tests/system/program.hpp"

#include <gtest/gtest.h>

namespace ota::system_test {
namespace {

TEST(java_network, a_thousand_live_packets_are_deciphered_and_proven_with_the_ciphers_and_macs_of_gsm0348) {
    workplace place("java");
    const std::string driver = OTA_GSM0348_DRIVER;
    ASSERT_TRUE(std::filesystem::exists(driver + "/classes/otagw/Network.class"))
        << "the Java driver is not built: run the test gsm0348.build_driver (needs a JDK 17 and Maven)";
    const auto java =
        "java -XX:+UseSerialGC -cp '" + driver + "/classes:" + driver + "/lib/*' otagw.Driver network cards.csv";
    int code = 0;
    const auto out = run({otagw(), "sandbox", "--calm", "--quiet", "--cards", "1000", "--changes", "1000",
                          "--cards-file", "cards.csv", "--external-card", java, "--time-limit", "150"},
                         place.path(), code, std::chrono::seconds(200));
    EXPECT_EQ(code, 0) << out;
    EXPECT_NE(out.find("applied                            1000"), std::string::npos) << out;
}

}  // namespace
}  // namespace ota::system_test
