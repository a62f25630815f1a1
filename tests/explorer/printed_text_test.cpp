#include "sandbox/explorer/printed_text.hpp"

#include <gtest/gtest.h>

namespace ota::sandbox {
namespace {

TEST(printed_text, lets_no_card_steer_the_terminal) {
    EXPECT_EQ(printable("plain text"), "plain text");
    EXPECT_EQ(printable("\x1B[2J"), "\\x1b[2J");
    EXPECT_EQ(printable("a\nb\x7F"), "a\\x0ab\\x7f");
    EXPECT_EQ(printable("Stra\xC3\x9F"
                        "e"),
              "Stra\xC3\x9F"
              "e");
    EXPECT_EQ(printable("\xC2\x9B"
                        "2J"),
              "\\xc2\\x9b2J");  // a control character in UTF-8
    EXPECT_EQ(printable("\xC3"), "\\xc3");
    EXPECT_EQ(printable("\xFF\xFE"), "\\xff\\xfe");
}

TEST(printed_text, makes_columns_as_wide_as_their_widest_cell) {
    EXPECT_EQ(columns({{"a", "b"}, {"long", "c", ""}, {"\xC3\x9F", "d"}}), "a     b\nlong  c\n\xC3\x9F     d\n");
}

}  // namespace
}  // namespace ota::sandbox
