#include "sandbox/demo_profile.hpp"

namespace ota::sandbox {

std::shared_ptr<const card_profile> demo_profile() {
    auto made = std::make_shared<card_profile>();
    made->name = "demo";
    made->spi = {0x16, 0x19};
    made->applications = {{"USIM", {{0xB0, 0x00, 0x11}}, secure_channel::script_format::compact, 0x00, {0x7FFF}},
                          {"UICC", {{0xB0, 0x00, 0x00}}, secure_channel::script_format::compact, 0x00, {}}};
    const auto add = [&](const char* uri, std::uint16_t file, std::size_t size) {
        node_binding node;
        node.uri = uri;
        node.path = {0x7FFF, file};
        node.size = size;
        made->nodes.emplace(uri, node);
    };
    add("./SC/USIM/SPN", 0x6F46, 17);
    add("./SC/USIM/OPLMNwAcT", 0x6F61, 60);
    add("./SC/USIM/FPLMN", 0x6F7B, 12);
    add("./SC/USIM/ACC", 0x6F78, 2);
    return made;
}

}  // namespace ota::sandbox
