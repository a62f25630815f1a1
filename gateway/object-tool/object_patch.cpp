#include "gateway/object-tool/object_patch.hpp"

#include "gateway/flow/rehearsal.hpp"
#include "gateway/profile/load_profiles.hpp"
#include "gateway/profile/object_files.hpp"
#include "management-object/ddf_check.hpp"

#include <algorithm>
#include <fstream>

namespace ota::object_tool {

namespace mo = management_object;
using wire::octets;

namespace {

/// A document of the call, and the object in it.
struct given {
    input file;
    std::optional<mo::placed_node> object;
};

answered<given> read_given(const std::string& file, std::istream& in) {
    OTA_TRY(auto read, read_input(file, in));
    OTA_TRY(auto document, parse_either(read));
    OTA_TRY(auto object, one_object(read, std::move(document)));
    return given{std::move(read), std::move(object)};
}

/// Where the object hangs: as the document says, or where the profile has an object of that name.
std::string address_in(const card_profile& p, const mo::placed_node& placed) {
    const auto said = mo::serialize_uri(address_of(placed));
    if (placed.path) return said;
    const management_object_binding* only = nullptr;
    for (const auto& each : p.management_objects) {
        const auto uri = mo::parse_uri(each.uri);
        if (!uri || uri.value().name() != placed.top.name) continue;
        if (only != nullptr) return said;
        only = &each;
    }
    return only == nullptr ? said : only->uri;
}

answered<std::string> address_of_call(const patch_call& call, const card_profile& p, const given& before,
                                      const given& after) {
    if (call.uri) {
        const auto uri = mo::parse_uri(*call.uri);
        if (!uri || uri.value().is_root()) return complaint{"--uri: not the address of an object", wrong_usage};
        return mo::serialize_uri(uri.value());
    }
    const auto& known = after.object ? after : before;
    if (!known.object) return complaint{known.file.name + ": holds no object, and neither does " + before.file.name};
    const auto uri = address_in(p, *known.object);
    if (before.object && address_in(p, *before.object) != uri)
        return complaint{
            before.file.name + " and " + after.file.name + " hold objects of other addresses; name one with --uri",
            wrong_usage};
    return uri;
}

complaint no_object(const card_profile& p, const std::string& uri) {
    std::string text = "profile " + p.name + " has no management object " + uri;
    if (p.management_objects.empty()) return {text + ", nor any other", wrong_usage};
    for (std::size_t i = 0; i < p.management_objects.size(); ++i)
        text += (i == 0 ? "; it has " : ", ") + p.management_objects[i].uri;
    return {text, wrong_usage};
}

complaint flaws_of(const input& in, const std::vector<mo::ddf::finding>& found) {
    std::string text = in.name + ": does not follow its description";
    for (const auto& each : found)
        text += "\n  " + mo::serialize_uri(each.node) + ": " + std::string(mo::ddf::to_string(each.what));
    return {text};
}

answered<octets> padded(const input& in, const management_object_binding& object) {
    const auto image = wire::as_octets(in.octets);
    const auto used = mo::used_length(image);
    if (used > object.file.size)
        return complaint{in.name + ": has " + std::to_string(used) + " octets, the file " +
                         std::to_string(object.file.size)};
    octets out(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(used));
    out.resize(object.file.size, 0xFF);
    return out;
}

/// What the card holds: the file as it was read, or the one that the gateway makes.
answered<octets> image_of(const given& g, const management_object_binding& object, const mo::uri& at) {
    if (is_image(g.file) || !g.object) return padded(g.file, object);
    auto image = mo::make_image(g.object->top, at, form_of(object));
    if (!image) return too_large_or(g.file, image.error(), *g.object, form_of(object));
    return std::move(image).value();
}

answered<octets> next_image(const given& g, const management_object_binding& object, const mo::uri& at,
                            const octets& before) {
    if (!g.object) return mo::empty_image(object.file.size);
    auto top = g.object->top;
    top.name = at.name();
    if (object.description) {
        if (const auto found = mo::ddf::check(top, *object.description, at); !found.empty())
            return flaws_of(g.file, found);
    }
    auto image = mo::replace_image(before, top, at, form_of(object));
    if (!image) return too_large_or(g.file, image.error(), *g.object, form_of(object));
    return std::move(image).value();
}

/// Does the file hold the object in a slotted layout, slack and all?
std::optional<bool> has_slack(const given& g, const management_object_binding& object, const mo::uri& at) {
    if (object.layout != object_layout::slotted || !g.object) return std::nullopt;
    auto form = form_of(object);
    form.size *= 4;
    const auto image = mo::make_image(g.object->top, at, form);
    return image && mo::used_length(image.value()) <= object.file.size;
}

}  // namespace

answered<card_profile> read_profile(const std::string& name, const std::string& file) {
    config::faults faults;
    profile_set read;
    load_profiles(config::document::load(file, faults).root().at("profiles"), read);
    std::string text;
    for (const auto& each : faults.list()) {
        if (each.is == config::fault::severity::error) text += (text.empty() ? "" : "\n") + config::to_string(each);
    }
    if (!text.empty()) return complaint{text, bad_configuration};
    if (const auto found = read.find(name); found != read.end()) return *found->second;
    text = file + ": has no profile " + name;
    for (const auto& each : read) text += (&each == &*read.begin() ? "; it has " : ", ") + each.first;
    return complaint{text, wrong_usage};
}

wire::result<object_patch> plan_patch(const card_profile& p, const management_object_binding& object,
                                      const octets& before, const octets& after, const octets& spare,
                                      std::uint8_t mac_length) {
    auto control = mo::with_image(factory_control(p), object.file_identifier(), object.file_identifier(), before);
    if (!control) return mo::dm_status::command_not_allowed;  // a mirror is not in it
    OTA_TRY(auto stage, flow::rehearsal::of(p, object, {before, spare, std::move(*control)}, mac_length));
    auto again = stage;
    OTA_TRY(auto patch, stage.to(after));
    again.forget(after);
    OTA_TRY(auto rewrite, again.to(after));
    object_patch out{.profile = p.name, .uri = object.uri, .layout = object.layout, .before = before, .after = after};
    if (object.layout == object_layout::ber_tlv) {
        out.how = object_patch::way::data_objects;
    } else if (object.spare) {
        out.how = object_patch::way::pair;
    }
    out.tar = p.applications[p.objects_at->application].tar;
    OTA_TRY(out.patch, cost_of(p, std::move(patch), mac_length));
    OTA_TRY(out.rewrite, cost_of(p, std::move(rewrite), mac_length));
    return out;
}

answered<object_patch> perform(const patch_call& call, std::istream& in) {
    const auto dashes = (call.old_file == "-") + (call.new_file == "-") + (call.spare_file == "-");
    if (dashes > 1) return complaint{"only one of the files can be standard input", wrong_usage};
    const auto file = call.profiles_file.value_or("config/profiles/" + call.profile + ".yaml");
    if (!call.profiles_file && !std::ifstream(file))
        return complaint{file + ": cannot be read; name the file that has profile " + call.profile + " with --profiles",
                         wrong_usage};
    OTA_TRY(const auto profile, read_profile(call.profile, file));
    OTA_TRY(const auto old_object, read_given(call.old_file, in));
    OTA_TRY(const auto new_object, read_given(call.new_file, in));
    OTA_TRY(const auto uri, address_of_call(call, profile, old_object, new_object));
    const auto* object = profile.object(uri);
    if (object == nullptr) return no_object(profile, uri);
    if (object->mirror) return complaint{"the card writes " + uri + " itself"};
    const auto at = mo::parse_uri(uri).value();
    OTA_TRY(const auto before, image_of(old_object, *object, at));
    OTA_TRY(const auto after, next_image(new_object, *object, at, before));
    auto spare = mo::empty_image(object->file.size);
    if (call.spare_file) {
        if (!object->spare) return complaint{"--spare: " + uri + " has one file, not a pair", wrong_usage};
        OTA_TRY(const auto other, read_given(*call.spare_file, in));
        OTA_TRY(spare, image_of(other, *object, at));
    }
    auto planned = plan_patch(profile, *object, before, after, spare, call.mac_length);
    if (!planned) return complaint{new_object.file.name + ": cannot be planned: " + planned.error().message()};
    planned.value().slack = has_slack(new_object, *object, at);
    return std::move(planned).value();
}

}  // namespace ota::object_tool
