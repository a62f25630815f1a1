#include "secure-channel/wire/ber_tlv.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::wire {

TEST(ber_tlv, lengths_take_the_shortest_form) {
    const std::pair<std::size_t, const char*> forms[] = {{0, "00"},      {0x7F, "7f"},      {0x80, "8180"},
                                                         {0xFF, "81ff"}, {0x100, "820100"}, {0x10000, "83010000"}};
    for (const auto& [length, text] : forms) {
        writer w;
        write_ber_length(w, length);
        EXPECT_EQ(to_hex(w.buffer()), text);
        reader r(w.buffer());
        EXPECT_EQ(read_ber_length(r), length);
        EXPECT_TRUE(r.finish(0));
    }
}

TEST(ber_tlv, object_goes_both_ways) {
    writer w;
    write_ber_tlv(w, 0x22, hex("00a40004"));
    EXPECT_EQ(to_hex(w.buffer()), "220400a40004");
    reader r(w.buffer());
    const auto object = read_ber_tlv(r);
    EXPECT_EQ(object.tag, 0x22);
    EXPECT_EQ(to_hex(object.value), "00a40004");
    EXPECT_TRUE(r.finish(0));
}

TEST(ber_tlv, every_strict_prefix_fails) {
    const auto whole = hex("22820003aabbcc");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        reader r(octet_view(whole).first(n));
        (void)read_ber_tlv(r);
        EXPECT_TRUE(r.failed()) << n;
    }
}

TEST(ber_tlv, indefinite_and_overlong_lengths_fail) {
    for (const auto* text : {"80", "8400000001", "ff"}) {
        const auto in = hex(text);
        reader r(in);
        (void)read_ber_length(r);
        EXPECT_TRUE(r.failed()) << text;
    }
}

}  // namespace ota::wire
