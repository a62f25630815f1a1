#include "sandbox/uicc/device_mirror.hpp"

#include "gateway/profile/object_files.hpp"

namespace ota::sandbox {

namespace mo = management_object;

namespace {

constexpr std::size_t type_allocation_digits = 8;  // the first of an IMEI tell its model [TS 23.003, 6.2]

/// The model by its type allocation code: a card is told no name of maker or model.
std::string model_of(const terminal_facts& told) { return "TAC:" + told.imei.substr(0, type_allocation_digits); }

mo::node info_of(const terminal_facts& told) {
    auto out = mo::interior("DevInfo");
    out.children = {mo::text_leaf("DevId", "IMEI:" + told.imei), mo::text_leaf("Mod", model_of(told))};
    if (!told.language.empty()) out.children.push_back(mo::text_leaf("Lang", told.language));
    const std::string profile(told.profile.begin(), told.profile.end());
    const auto what = mo::leaf("TerminalProfile", mo::node_format::bin, profile, "application/octet-stream");
    out.children.push_back(mo::interior("Ext", {what}));
    return out;
}

mo::node detail_of(const terminal_facts& told) {
    mo::node out = mo::interior("DevDetail", {mo::text_leaf("DevTyp", model_of(told))});
    if (!told.software_version.empty()) out.children.push_back(mo::text_leaf("SwV", told.software_version));
    return out;
}

}  // namespace

std::optional<wire::octets> mirror_image(const management_object_binding& object, const terminal_facts& told) {
    if (!object.mirror || told.imei.empty()) return std::nullopt;
    const bool info = object.object_id.find("devinfo") != std::string::npos;
    if (!info && object.object_id.find("devdetail") == std::string::npos) return std::nullopt;
    const auto at = mo::parse_uri(object.uri);
    if (!at) return std::nullopt;
    auto top = info ? info_of(told) : detail_of(told);
    top.type = object.object_id;
    auto image = mo::make_image(top, at.value(), form_of(object));
    if (!image) return std::nullopt;
    return std::move(image).value();
}

}  // namespace ota::sandbox
