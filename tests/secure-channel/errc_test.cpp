#include "secure-channel/errc.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ota::secure_channel {

TEST(errc, every_fault_has_a_sentence_of_its_own) {
    std::set<std::string> sentences;
    for (int code = 1; code <= static_cast<int>(errc::unknown_stream_packet); ++code)
        sentences.insert(make_error_code(static_cast<errc>(code)).message());
    EXPECT_EQ(sentences.size(), static_cast<std::size_t>(errc::unknown_stream_packet));
    EXPECT_FALSE(sentences.contains(category().message(1000)));
}

TEST(errc, faults_convert_to_error_codes_of_the_room) {
    const std::error_code code = errc::bad_key;
    EXPECT_STREQ(code.category().name(), "secure-channel");
}

}  // namespace ota::secure_channel
