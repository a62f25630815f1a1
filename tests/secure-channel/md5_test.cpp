#include "secure-channel/crypto.hpp"

#include <gtest/gtest.h>

namespace ota::secure_channel {
namespace {

std::string md5_of(std::string_view text) { return wire::to_hex(md5(wire::as_octets(text))); }

// RFC 1321, appendix A.5.
TEST(md5, agrees_with_rfc_1321) {
    const std::pair<std::string_view, std::string> published[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    for (const auto& [text, digest] : published) {
        auto made = md5_of(text);
        for (auto& c : made) c = static_cast<char>(std::tolower(c));
        EXPECT_EQ(made, digest) << text;
    }
}

}  // namespace
}  // namespace ota::secure_channel
