#include "secure-channel/wire/sip_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ota::wire {
namespace {

TEST(sip_hash, agrees_with_the_vectors_of_its_authors) {
    // Key 00 01 .. 0f, input 00 01 .. n-1 [SipHash paper, appendix A, and the authors' vectors.h].
    std::string input;
    for (char i = 0; i < 15; ++i) input += i;
    const auto of_first = [&](std::size_t n) {
        return sip_hash({0x0706050403020100, 0x0f0e0d0c0b0a0908}, input.substr(0, n));
    };
    EXPECT_EQ(of_first(0), 0x726fdb47dd0e0e31u);
    EXPECT_EQ(of_first(1), 0x74f839c593dc67fdu);
    EXPECT_EQ(of_first(8), 0x93f5f5799a932462u);
    EXPECT_EQ(of_first(15), 0xa129ca6149be45e5u);
}

}  // namespace
}  // namespace ota::wire
