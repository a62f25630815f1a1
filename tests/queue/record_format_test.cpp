#include "queue/embedded/record_format.hpp"

#include "queue/embedded/crc32c.hpp"
#include "queue/errc.hpp"

#include <gtest/gtest.h>

namespace ota::queue::embedded {
namespace {

const wall_time at{std::chrono::milliseconds(1'700'000'000'123)};

wire::octets sample(std::int64_t offset) {
    static const headers extra{{"traceparent", "00-1"}, {"", ""}};
    wire::octets out;
    EXPECT_TRUE(append_record(out, offset, 42, at, {"8949", "payload", &extra}));
    return out;
}

TEST(crc32c, agrees_with_the_vectors_of_its_standard) {  // [RFC 3720, B.4]
    EXPECT_EQ(crc32c(wire::octets(32, 0x00)), 0x8a9136aau);
    EXPECT_EQ(crc32c(wire::octets(32, 0xff)), 0x62a8ab43u);
    EXPECT_EQ(crc32c(wire::as_octets("123456789")), 0xe3069283u);
    EXPECT_EQ(crc32c(wire::as_octets("56789"), crc32c(wire::as_octets("1234"))), 0xe3069283u);
}

TEST(record, round_trips) {
    const auto octets = sample(1000);
    const auto seen = look_at(octets, 1000);
    ASSERT_EQ(seen.is, sighting::kind::whole);
    EXPECT_EQ(seen.size, octets.size());
    EXPECT_EQ(seen.record.ordinal, 42u);
    EXPECT_EQ(seen.record.at, at);
    EXPECT_EQ(seen.record.key, "8949");
    EXPECT_EQ(seen.record.payload, "payload");
    EXPECT_EQ(read_headers(seen.record.header_octets), (headers{{"traceparent", "00-1"}, {"", ""}}));
}

TEST(record, is_incomplete_at_every_strict_prefix_and_ends_before_further_octets) {
    auto octets = sample(0);
    for (std::size_t n = 0; n < octets.size(); ++n)
        EXPECT_EQ(look_at(wire::octet_view(octets).first(n), 0).is, sighting::kind::incomplete) << n;
    octets.push_back(0x4f);
    EXPECT_EQ(look_at(octets, 0).size, octets.size() - 1);
}

TEST(record, shows_every_flipped_bit) {
    const auto good = sample(0);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto octets = good;
        octets[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        const auto seen = look_at(octets, 0);
        const bool in_head = bit / 8 < 32;
        EXPECT_EQ(seen.is, in_head ? sighting::kind::damaged : sighting::kind::damaged_body) << bit;
        EXPECT_EQ(seen.size, in_head ? 0 : good.size()) << bit;
    }
}

TEST(record, is_none_at_another_offset) {
    const auto octets = sample(64);
    EXPECT_EQ(look_at(octets, 65).is, sighting::kind::damaged);
    EXPECT_EQ(look_at(octets, 64 + (std::int64_t{1} << 40)).is, sighting::kind::damaged);
}

TEST(record, refuses_what_its_lengths_cannot_say) {
    const std::string long_key(max_key + 1, 'k');
    const headers many{{std::string(max_headers, 'h'), ""}};
    const std::string huge(max_payload + 1, 'p');
    wire::octets out;
    EXPECT_EQ(append_record(out, 0, 0, at, {long_key, ""}).error(), errc::record_too_large);
    EXPECT_EQ(append_record(out, 0, 0, at, {"", "", &many}).error(), errc::record_too_large);
    EXPECT_EQ(append_record(out, 0, 0, at, {"", huge}).error(), errc::record_too_large);
    EXPECT_TRUE(out.empty());
}

TEST(record_headers, that_do_not_add_up_are_none) {
    const wire::octets bad{0, 5, 'a', 'b'};
    EXPECT_TRUE(read_headers(bad).empty());
}

}  // namespace
}  // namespace ota::queue::embedded
