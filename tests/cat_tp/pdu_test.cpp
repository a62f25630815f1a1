#include "secure-channel/cat_tp/pdu.hpp"

#include "tests/cat_tp/random_pdu.hpp"
#include "tests/secure-channel/hex.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ota::cat_tp {
namespace {

/// A whole PDU with a checksum that fits, whatever its fields say.
wire::octets with_checksum(std::string_view digits) {
    auto pdu = hex(digits);
    pdu.at(16) = pdu.at(17) = 0;
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < pdu.size(); ++i) sum += i % 2 == 0 ? pdu[i] << 8 : pdu[i];
    while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
    pdu[16] = static_cast<std::uint8_t>(~sum >> 8);
    pdu[17] = static_cast<std::uint8_t>(~sum);
    return pdu;
}

std::error_code fault_of(std::string_view digits) {
    const auto read = parse(with_checksum(digits));
    return read ? std::error_code() : read.error();
}

pdu acknowledgement_of(std::uint16_t number) { return {.acknowledgement = number}; }

}  // namespace

TEST(cat_tp_pdu, what_was_serialized_is_read_back) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_pdus some(seed);
    for (int i = 0; i < 5000; ++i) {
        const auto p = some.next();
        const auto octets = serialize(p);
        ASSERT_TRUE(octets) << octets.error().message();
        EXPECT_TRUE(checksum_holds(octets.value()));
        EXPECT_EQ(octets.value()[3], header_length(p));
        const auto again = parse(octets.value());
        ASSERT_TRUE(again) << wire::to_hex(octets.value()) << ": " << again.error().message();
        EXPECT_EQ(again.value(), p) << wire::to_hex(octets.value());
    }
}

TEST(cat_tp_pdu, no_prefix_and_no_longer_string_is_a_pdu) {
    random_pdus some(127);
    for (int i = 0; i < 300; ++i) {
        auto octets = serialize(some.next()).value();
        for (std::size_t length = 0; length < octets.size(); ++length) {
            const auto read = parse(wire::octet_view(octets).first(length));
            ASSERT_FALSE(read);
            ASSERT_EQ(read.error(), wire::errc::truncated);
        }
        octets.push_back(0);  // which leaves the checksum good
        ASSERT_EQ(parse(octets).error(), wire::errc::trailing_octets);
    }
}

TEST(cat_tp_pdu, every_flipped_bit_is_noticed) {
    auto octets = hex("6400001480011f9000110a015001000717fb50030210000102030405060708090a0b0c0d0e");
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
        octets[bit / 8] ^= 1 << bit % 8;
        EXPECT_FALSE(parse(octets)) << "bit " << bit;
        octets[bit / 8] ^= 1 << bit % 8;
    }
    EXPECT_TRUE(parse(octets));
}

TEST(cat_tp_pdu, a_wrong_checksum_can_be_told_from_a_broken_pdu) {
    const auto whole = hex("8000002180011f9000000a000000000ad8ba05c010000a98101032547698103214");
    EXPECT_EQ(parse(whole).error(), errc::bad_checksum);
    EXPECT_FALSE(checksum_holds(whole));
    const auto read = parse_unverified(whole);
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<set_up>(read.value().body).max_pdu, 1472);
    EXPECT_EQ(parse_unverified(wire::octet_view(whole).first(whole.size() - 1)).error(), wire::errc::truncated);
}

TEST(cat_tp_pdu, flags_that_do_not_go_together_are_refused) {
    // Every set of flags with the variable part that its leading flag wants: SYN 5 octets, RST 1, EACK none.
    for (unsigned flags = 0; flags < 64; ++flags) {
        const bool syn = flags & 32, ack = flags & 16, eack = flags & 8, rst = flags & 4, nul = flags & 2,
                   seg = flags & 1;
        const bool legal = syn ? !eack && !rst && !nul : rst ? !eack && !nul && !seg : ack;
        wire::octets octets{static_cast<std::uint8_t>(flags << 2), 0, 0,
                            static_cast<std::uint8_t>(syn   ? 23
                                                      : rst ? 19
                                                            : 18)};
        octets.resize(octets[3]);
        const auto fault = fault_of(wire::to_hex(octets));
        EXPECT_EQ(fault, legal ? std::error_code() : std::error_code(errc::illegal_flags)) << flags;
    }
}

TEST(cat_tp_pdu, header_lengths_that_do_not_fit_are_refused) {
    EXPECT_EQ(fault_of("400000110001000200010000000000000000aa"), errc::bad_header_length) << "shorter than any";
    EXPECT_EQ(fault_of("4000001400010002000000000000000000000000"), errc::bad_header_length)
        << "ACK with more than its header";
    EXPECT_EQ(fault_of("600000150001000200000000000000000000000000"), errc::bad_header_length)
        << "half an entry of an EACK";
    EXPECT_EQ(fault_of("100000120001000200000000000000000000"), errc::bad_header_length) << "RST without reason";
    EXPECT_EQ(fault_of("1000001400010002000000000000000000000000"), errc::bad_header_length)
        << "RST with more than a reason";
    EXPECT_EQ(fault_of("80000016000100020000000000000000000005000500"), errc::bad_header_length)
        << "SYN without a length";
    EXPECT_EQ(fault_of("8000001700010002000000000000000000000500050001"), errc::bad_identification);
    EXPECT_EQ(fault_of("800000180001000200000000000000000000050005000000"), errc::bad_identification);
}

TEST(cat_tp_pdu, only_traffic_carries_data) {
    EXPECT_EQ(fault_of("800000170001000200010000000000000000050005000055"), errc::data_not_allowed);
    EXPECT_EQ(fault_of("10000013000100020001000000000000000000aa"), errc::data_not_allowed);
    EXPECT_EQ(fault_of("48000012000100020001000000000000000055"), errc::data_not_allowed);
    auto keep_alive = acknowledgement_of(7);
    keep_alive.body = traffic{.nul = true, .data = {1}};
    EXPECT_EQ(serialize(keep_alive).error(), errc::data_not_allowed);
}

TEST(cat_tp_pdu, what_a_header_cannot_say_is_not_sent) {
    pdu p;
    EXPECT_EQ(serialize(p).error(), errc::illegal_flags) << "traffic without an acknowledgement";
    p.acknowledgement = 1;
    p.version = 4;
    EXPECT_EQ(serialize(p).error(), errc::bad_version);
    p.version = 0;
    p.body = set_up{.identification = wire::octets(longest_identification)};
    EXPECT_TRUE(serialize(p));
    p.body = set_up{.identification = wire::octets(longest_identification + 1)};
    EXPECT_EQ(serialize(p).error(), errc::too_long);
    p.body = traffic{.held = std::vector<std::uint16_t>(most_held)};
    EXPECT_TRUE(serialize(p));
    p.body = traffic{.held = std::vector<std::uint16_t>(most_held + 1)};
    EXPECT_EQ(serialize(p).error(), errc::too_long);
    p.body = traffic{.data = wire::octets(65507 - 18)};
    EXPECT_TRUE(serialize(p));
    p.body = traffic{.data = wire::octets(65507 - 17)};
    EXPECT_EQ(serialize(p).error(), errc::too_long) << "no UDP datagram holds it";
}

TEST(cat_tp_pdu, what_is_unknown_is_kept) {
    const auto reset_99 = parse(with_checksum("10000013000100020000000000000000000063"));
    ASSERT_TRUE(reset_99);
    EXPECT_EQ(std::get<reset>(reset_99.value().body).reason, static_cast<reset_reason>(0x63));
    const auto later_version = parse(with_checksum("430000120001000200000000000000000000"));
    ASSERT_TRUE(later_version);
    EXPECT_EQ(later_version.value().version, 3);
    EXPECT_TRUE(parse(with_checksum("40ffff120001000200000000000000000000"))) << "reserved octets are not looked at";
    const auto no_entries = parse(with_checksum("600000120001000200000000000000000000"));
    ASSERT_TRUE(no_entries);
    EXPECT_TRUE(std::get<traffic>(no_entries.value().body).held.empty());
}

TEST(cat_tp_pdu, flags_have_names) {
    EXPECT_EQ(flag_names(0xFC), (std::vector<std::string_view>{"SYN", "ACK", "EACK", "RST", "NUL", "SEG"}));
    EXPECT_EQ(flag_names(0x43), std::vector<std::string_view>{"ACK"}) << "a version is no flag";
}

TEST(cat_tp_errc, every_fault_has_a_sentence_of_its_own) {
    std::set<std::string> sentences;
    for (int code = 1; code <= static_cast<int>(errc::too_long); ++code)
        sentences.insert(make_error_code(static_cast<errc>(code)).message());
    EXPECT_EQ(sentences.size(), static_cast<std::size_t>(errc::too_long));
    EXPECT_FALSE(sentences.contains(category().message(1000)));
    EXPECT_STREQ(category().name(), "cat-tp");
}

}  // namespace ota::cat_tp
