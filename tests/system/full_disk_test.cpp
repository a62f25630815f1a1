// A full disk below the store: readiness says so, nothing is lost, and the gateway goes on when there is room.
#include "tests/system/installation.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <csignal>
#include <fstream>

namespace ota::system_test {
namespace {

/// A small disk of its own at a folder, as long as it lives.
class small_disk {
public:
    bool mount_at(const std::filesystem::path& where) {
        mounted_ = ::mount("none", where.c_str(), "tmpfs", 0, "size=8m,mode=700") == 0;
        where_ = where;
        return mounted_;
    }
    ~small_disk() {
        if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
    }
    small_disk() = default;
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;

    void fill() const {
        std::ofstream ballast(where_ / "ballast", std::ios::binary);
        const std::string block(4096, 'x');
        while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) continue;
    }
    void free() const { std::filesystem::remove(where_ / "ballast"); }

private:
    std::filesystem::path where_;
    bool mounted_ = false;
};

TEST(full_disk, is_told_by_readiness_loses_nothing_and_ends_when_there_is_room) {
    small_disk disk;
    bool mounted = false;
    site_options how;
    how.settings =
        "queue: {directory: queue}\n";  // on another disk: the events that come meanwhile have to lie somewhere
    how.prepare_data = [&](const std::filesystem::path& data) { mounted = disk.mount_at(data); };
    installation site("full-disk", 40, how);
    ASSERT_TRUE(mounted) << "mounting a tmpfs was refused: run the tests as root, or below `unshare -rm`";

    site.publish(20);
    auto gateway = site.start_gateway();
    ASSERT_EQ(site.wait_until_final(std::chrono::seconds(60)), 20u) << gateway->output();
    disk.fill();
    site.publish(1500);
    std::string ready;
    EXPECT_TRUE(wait_until(
        [&] { return (ready = installation::ask(*gateway, "/readyz")).find("disk is full") != std::string::npos; },
        std::chrono::seconds(60)))
        << ready << gateway->output();
    EXPECT_NE(installation::ask(*gateway, "/healthz").find(R"("live":true)"), std::string::npos)
        << "a restart would not mend it";
    EXPECT_TRUE(gateway->running());

    disk.free();
    EXPECT_EQ(site.wait_until_final(std::chrono::seconds(120)), 1520u) << gateway->output();
    EXPECT_TRUE(
        wait_until([&] { return installation::ask(*gateway, "/readyz").find(R"("ready":true)") != std::string::npos; },
                   std::chrono::seconds(30)));
    gateway->signal(SIGTERM);
    EXPECT_EQ(gateway->wait(std::chrono::seconds(60)), 0) << gateway->output();
    site.expect_one_final_state_each();
    site.expect_good_verdict();
}

}  // namespace
}  // namespace ota::system_test
