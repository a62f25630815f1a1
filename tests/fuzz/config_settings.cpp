#include "config/settings.hpp"
#include "gateway/profile/load_profiles.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Any text is read as settings and as card profiles: every fault is told, nothing crashes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 64 * 1024) return 0;
    ota::config::faults faults;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.find("${") != std::string_view::npos) return 0;  // neither files nor the environment belong to the input
    const auto root = ota::config::document::parse(text, "fuzz", faults).root();
    (void)root.text("name", "");
    (void)root.integer("size", 0, 0, 9);
    (void)root.number("share", 0, 0, 1);
    (void)root.flag("volatile", false);
    (void)root.duration("validity", {});
    (void)root.choice("refresh", {"none", "card"}, 0);
    (void)root.secret("password");
    (void)root.texts("allow");
    for (const auto& [name, child] : root.at("map").entries()) (void)child.text(name, "");
    root.finish();
    ota::profile_set profiles;
    ota::load_profiles(root, profiles);
    ota::load_profiles(root.at("profiles"), profiles);
    for (const auto& fault : faults.list()) (void)to_string(fault);
    return 0;
}
