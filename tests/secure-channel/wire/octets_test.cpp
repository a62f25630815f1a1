#include "secure-channel/wire/octets.hpp"

#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

namespace ota::wire {

TEST(octets, hexadecimal_text_goes_both_ways) {
    EXPECT_EQ(to_hex(hex("00fF10")), "00ff10");
    EXPECT_EQ(from_hex("0").error(), errc::bad_hex);
    EXPECT_EQ(from_hex("0g").error(), errc::bad_hex);
    EXPECT_TRUE(from_hex("").value().empty());
}

TEST(octets, reader_reads_big_endian) {
    const auto in = hex("0102030405060708090a0b0c0d0e0f1011121314151617");
    reader r(in);
    EXPECT_EQ(r.u8(), 0x01u);
    EXPECT_EQ(r.u16(), 0x0203u);
    EXPECT_EQ(r.u24(), 0x040506u);
    EXPECT_EQ(r.u32(), 0x0708090Au);
    EXPECT_EQ(r.u40(), 0x0B0C0D0E0Fu);
    EXPECT_EQ(r.u64(), 0x1011121314151617u);
    EXPECT_EQ(r.finish(7).value(), 7);
}

TEST(octets, first_failure_of_a_reader_sticks) {
    const auto in = hex("0102");
    reader r(in);
    EXPECT_EQ(r.u24(), 0u);
    EXPECT_EQ(r.u8(), 0u) << "two octets are left, but the reader has failed";
    EXPECT_EQ(r.finish(0).error(), errc::truncated);
}

TEST(octets, reader_reports_what_is_left_over) {
    const auto in = hex("0102");
    reader r(in);
    (void)r.u8();
    EXPECT_EQ(r.finish(0).error(), errc::trailing_octets);
}

TEST(octets, writer_writes_what_the_reader_reads) {
    writer w;
    w.u8(1).u16(2).u24(3).u32(4).u40(5).u64(6).put(hex("aabb")).fill(2, 0xCC);
    EXPECT_EQ(to_hex(w.take()),
              "010002000003000000040000000005"
              "0000000000000006aabbcccc");
}

TEST(octets, wire_faults_have_a_sentence_each) {
    EXPECT_EQ(make_error_code(errc::truncated).message(), "the input ends inside a field");
    EXPECT_EQ(make_error_code(errc::bad_hex).category().name(), std::string("wire"));
}

}  // namespace ota::wire
