#include "gateway/cards/key_check.hpp"

#include "gateway/cards/errc.hpp"
#include "gateway/cards/rewrap.hpp"
#include "tests/cards/card_room.hpp"

namespace ota::cards::testing {
namespace {

struct key_check : room {
    [[nodiscard]] std::error_code check(std::uint8_t fill, keep_check how = keep_check::yes) {
        const auto done = check_key(*state, kek_of(fill), random, how);
        return done ? std::error_code() : done.error();
    }
};

TEST_F(key_check, the_first_key_is_kept_and_another_is_refused) {
    EXPECT_FALSE(check(0x42));
    const auto kept = value("kek_check");
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->find("42424242"), std::string::npos);
    EXPECT_EQ(check(0x43), make_error_code(errc::wrong_key));
    EXPECT_EQ(value("kek_check"), kept);
    EXPECT_FALSE(check(0x42));
}

TEST_F(key_check, a_store_without_the_value_is_judged_by_its_first_card) {
    take(header + row(iccid_a, "491700000001"));
    EXPECT_EQ(check(0x43), make_error_code(errc::wrong_key));
    EXPECT_FALSE(value("kek_check").has_value()) << "a wrong key must not become the right one";
    EXPECT_FALSE(check(0x42));
}

TEST_F(key_check, r3_nothing_is_written_into_a_restored_copy) {
    EXPECT_FALSE(check(0x42, keep_check::no));
    EXPECT_FALSE(value("kek_check").has_value());
}

TEST_F(key_check, an_altered_value_refuses_every_key) {
    set_value("kek_check", "00112233");
    EXPECT_EQ(check(0x42), make_error_code(errc::wrong_key));
}

TEST_F(key_check, rewrap_moves_the_check_and_in_between_no_key_is_right) {
    take(header + row(iccid_a, "491700000001"));
    ASSERT_FALSE(check(0x42));
    const auto from = kek_of(0x42), to = kek_of(0x77);
    ASSERT_TRUE(begin_rewrap(*state, from, to));
    EXPECT_EQ(check(0x42), make_error_code(errc::rewrap_cut_off));
    EXPECT_EQ(check(0x77), make_error_code(errc::rewrap_cut_off));
    ASSERT_TRUE(rewrap(*state, from, to, random, {}));  // goes on where it was cut off
    EXPECT_FALSE(check(0x77));
    EXPECT_EQ(check(0x42), make_error_code(errc::wrong_key));
    EXPECT_EQ(rewrap(*state, from, kek_of(0x78), random, {}).error(), make_error_code(errc::wrong_key))
        << "under neither";
}

TEST_F(key_check, a_rewrap_that_can_read_no_card_claims_no_key) {
    take(header + row(iccid_a, "491700000001"));
    ASSERT_TRUE(rewrap(*state, kek_of(0x66), kek_of(0x77), random, {}));
    EXPECT_FALSE(check(0x42));
}

}  // namespace
}  // namespace ota::cards::testing
