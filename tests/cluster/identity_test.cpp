#include "gateway/cluster/identity.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace ota::cluster {
namespace {

struct identities : testing::Test {
    identities() {
        char name[] = "/tmp/otagw-identity-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~identities() override { std::filesystem::remove_all(folder); }
    wire::result<identity> take(std::uint16_t number) {
        return identity::take(folder, number, [this](std::span<std::uint8_t> out) {
            for (auto& octet : out) octet = ++last;
        });
    }
    std::string folder;
    std::uint8_t last = 0;
};

TEST_F(identities, a_restarted_gateway_is_the_same_one) {
    std::string name;
    {
        auto first = take(1);
        ASSERT_TRUE(first);
        name = first.value().name();
        EXPECT_EQ(name.size(), 32u);
    }
    EXPECT_EQ(take(1).value().name(), name);
    EXPECT_NE(take(2).value().name(), name);
}

TEST_F(identities, two_at_a_time_are_refused) {
    auto first = take(1);
    auto second = take(1);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), make_error_code(store::errc::locked));
}

TEST_F(identities, a_damaged_name_is_made_anew) {
    std::ofstream(folder + "/instance-1") << "half a na";
    EXPECT_EQ(take(1).value().name().size(), 32u);
}

TEST_F(identities, a_folder_that_cannot_be_written_says_so) {
    folder += "/nowhere";
    EXPECT_EQ(take(1).error(), make_error_code(store::errc::io));
    folder = folder.substr(0, folder.rfind('/'));
}

}  // namespace
}  // namespace ota::cluster
