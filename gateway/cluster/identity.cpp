#include "gateway/cluster/identity.hpp"

#include <array>
#include <fstream>

namespace ota::cluster {

wire::result<identity> identity::take(const std::string& data_directory, std::uint16_t instance,
                                      const std::function<void(std::span<std::uint8_t>)>& random) {
    const auto path = data_directory + "/instance-" + std::to_string(instance);
    identity who;
    OTA_TRY(who.lock_, store::lock_file::take(path + ".lock"));
    constexpr std::size_t digits = 32;
    {
        std::ifstream kept(path);
        if (kept >> who.name_ && who.name_.size() == digits) return who;
    }
    std::array<std::uint8_t, digits / 2> octets{};
    random(octets);
    who.name_ = wire::to_hex(octets);
    // A file that is only half there is another name: then the old leases run out by themselves.
    std::ofstream fresh(path, std::ios::trunc);
    fresh << who.name_ << '\n';
    fresh.close();
    if (!fresh) return store::errc::io;
    return who;
}

}  // namespace ota::cluster
