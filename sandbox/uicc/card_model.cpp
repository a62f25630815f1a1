#include "sandbox/uicc/card_model.hpp"

#include "sandbox/uicc/apdu.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

bool file_system_knows(std::uint8_t ins) noexcept {
    switch (ins) {
        case instruction::deactivate_file:
        case instruction::activate_file:
        case instruction::select:
        case instruction::read_binary:
        case instruction::read_record:
        case instruction::get_response:
        case instruction::update_binary:
        case instruction::update_record:
        case instruction::create_file:
        case instruction::delete_file:
        case instruction::resize_file:
        case instruction::manage_channel:
        case instruction::retrieve_data:
        case instruction::set_data:
        case instruction::status: return true;
        default: return false;
    }
}

}  // namespace

card_model::card_model(const card_profile& profile, card_quirks q)
    : tree(profile),
      scope(profile.scope),
      kic_algorithm(profile.kic_algorithm),
      kid_algorithm(profile.kid_algorithm),
      max_segments(profile.max_segments),
      quirks(q),
      refresh(profile.refresh) {
    for (const auto& application : profile.applications) {
        const auto directory = tree.find(application.directory);
        applications.push_back(
            {application.tar, application.format, application.class_octet, directory.value_or(0), profile.spi.spi1});
    }
    const bool classic =
        !applications.empty() && std::ranges::all_of(applications, [](const auto& a) { return a.class_octet == 0xA0; });
    terminal = {{}, {}, static_cast<std::uint8_t>(classic ? 0xA0 : 0x00), 0, 0};
    for (const auto& [uri, node] : profile.nodes) take_applet_commands(node.commands);
    take_applet_commands(profile.refresh_script);
    for (const auto& command : profile.refresh_script)
        if (command.size() >= 2) refresh_commands_.emplace_back(command[0], command[1]);
    std::ranges::copy_if(profile.management_objects, std::back_inserter(mirrors), &management_object_binding::mirror);
}

bool card_model::asks_for_refresh(std::uint8_t cla, std::uint8_t ins) const noexcept {
    return std::ranges::find(refresh_commands_, header(cla, ins)) != refresh_commands_.end();
}

void card_model::take_applet_commands(const std::vector<wire::octets>& commands) {
    for (const auto& command : commands) {
        if (command.size() < 4 || file_system_knows(command[1])) continue;
        applet_commands_.emplace_back(command[0], command[1]);
    }
}

const application_model* card_model::find(secure_channel::toolkit_reference tar) const noexcept {
    const auto at = std::find_if(applications.begin(), applications.end(), [&](const auto& a) { return a.tar == tar; });
    return at == applications.end() ? nullptr : &*at;
}

bool card_model::applet_takes(std::uint8_t cla, std::uint8_t ins) const noexcept {
    return std::find(applet_commands_.begin(), applet_commands_.end(), std::pair(cla, ins)) != applet_commands_.end();
}

}  // namespace ota::sandbox
