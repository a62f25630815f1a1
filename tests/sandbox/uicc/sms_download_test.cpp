#include "sandbox/uicc/sms_download.hpp"

#include <gtest/gtest.h>

namespace ota::sandbox {
namespace {

wire::octets hex(std::string_view text) { return wire::from_hex(text).value(); }

const download message{"491555001", hex("02700000")};

TEST(sms_download, is_laid_out_as_a_terminal_writes_it) {
    EXPECT_EQ(wire::to_hex(serialize_download(message)),
              "d11c"
              "82028381"
              "8b16"
              "44"
              "0991"
              "94515500f1"
              "7ff6"
              "00000000000000"
              "04"
              "02700000");
    EXPECT_EQ(parse_download(serialize_download(message)), message);
}

TEST(sms_download, takes_an_address_element_and_tags_without_comprehension) {
    const auto read =
        parse_download(hex("d120"
                           "02028381"
                           "06029121"
                           "0b16"
                           "44"
                           "0991"
                           "94515500f1"
                           "7ff6"
                           "11223344556677"
                           "04"
                           "02700000"));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, message);
}

TEST(sms_download, carries_a_full_message) {
    download full{"4915500001", wire::octets(140, 0xAB)};
    EXPECT_EQ(parse_download(serialize_download(full)), full);
    EXPECT_LE(serialize_download(full).size(), 255U);
    EXPECT_EQ(parse_submit(serialize_submit(full.sender, full.user_data)), full);
}

TEST(sms_download, every_strict_prefix_and_one_octet_more_fail) {
    const auto envelope = serialize_download(message), tpdu = serialize_submit(message.sender, message.user_data);
    for (std::size_t n = 0; n < envelope.size(); ++n)
        EXPECT_FALSE(parse_download(wire::octet_view(envelope).first(n))) << n;
    for (std::size_t n = 0; n < tpdu.size(); ++n) EXPECT_FALSE(parse_submit(wire::octet_view(tpdu).first(n))) << n;
    for (auto whole : {envelope, tpdu}) {
        whole.push_back(0);
        EXPECT_FALSE(parse_download(whole));
        EXPECT_FALSE(parse_submit(whole));
    }
}

TEST(sms_download, passes_over_what_is_not_for_the_card) {
    const auto changed = [](std::size_t at, std::uint8_t octet) {
        auto out = serialize_download(message);
        out[at] = octet;
        return parse_download(out);
    };
    EXPECT_TRUE(changed(8, 0x44));
    EXPECT_FALSE(changed(0, 0xD6));   // another envelope
    EXPECT_FALSE(changed(8, 0x04));   // no header in the user data
    EXPECT_FALSE(changed(8, 0x45));   // no SMS-DELIVER
    EXPECT_FALSE(changed(16, 0x00));  // another protocol identifier
    EXPECT_FALSE(changed(11, 0xB4));  // a digit that is none
}

}  // namespace
}  // namespace ota::sandbox
