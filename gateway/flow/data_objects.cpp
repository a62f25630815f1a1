#include "gateway/flow/data_objects.hpp"

#include "management-object/tlv_layout.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

namespace ota::flow {

namespace mo = management_object;
using wire::octets;

namespace {

constexpr std::uint8_t first_block = 0x80, tag_list = 0x5C, long_tag = 0x9F;
constexpr std::size_t header = 5, p2 = 3;

std::uint16_t take_tag(wire::reader& in) {
    const std::uint16_t tag = in.u8();
    return tag == long_tag ? static_cast<std::uint16_t>(tag << 8 | in.u8()) : tag;
}

std::vector<mo::tlv_object> held_objects(const node_state& n) {
    auto objects = mo::parse_tlv_image(n.held.empty() ? n.reported : n.held);
    if (!objects) return {};
    return std::move(objects).value();
}

octets image_of(std::vector<mo::tlv_object> objects) {
    std::size_t size = 0;
    for (const auto& o : objects) size += o.value.size() + 8;
    return mo::serialize_tlv_image(std::move(objects), size).value();
}

}  // namespace

bool tags_unknown(const node_state& n) noexcept {
    return std::ranges::any_of(n.doubtful, [](octet_range r) { return r.length > UINT16_MAX; });
}

std::optional<std::vector<data_object_step>> data_object_steps(const node_state& n, const octets& image) {
    auto held = held_objects(n);
    for (const auto& doubtful : n.doubtful) {
        const auto tag = static_cast<std::uint16_t>(doubtful.offset);
        std::erase_if(held, [&](const mo::tlv_object& o) { return o.tag == tag; });
        const auto wanted = mo::parse_tlv_image(image);
        const bool goes =
            wanted && std::ranges::find(wanted.value(), tag, &mo::tlv_object::tag) == wanted.value().end();
        if (goes) held.push_back({tag, {}});  // perhaps there: it is deleted
    }
    const auto commands = mo::tlv_commands(image_of(std::move(held)), image);
    if (!commands) return std::nullopt;
    std::vector<data_object_step> out;
    for (const auto& command : commands.value()) {
        if (command[p2] == first_block || out.empty()) {
            wire::reader in(wire::octet_view(command).subspan(header));
            out.push_back({take_tag(in), {}});
        }
        out.back().commands.push_back(command);
    }
    return out;
}

void keep_set(node_state& n, const octets& image, std::uint16_t tag) {
    auto objects = held_objects(n);
    std::erase_if(objects, [&](const mo::tlv_object& o) { return o.tag == tag; });
    if (const auto wanted = mo::parse_tlv_image(image)) {
        const auto set = std::ranges::find(wanted.value(), tag, &mo::tlv_object::tag);
        if (set != wanted.value().end()) objects.push_back(*set);
    }
    n.held = objects.empty() ? octets{0xFF} : image_of(std::move(objects));
    std::erase_if(n.doubtful, [&](octet_range r) { return r.offset == tag; });
    n.confirmed = false;
    n.of_file = shadow::known;
}

std::vector<octets> retrieve_tags(secure_channel::script_format format) {
    octets retrieve{0x80, 0xCB, 0x00, first_block, 0x01, tag_list};
    if (format == secure_channel::script_format::compact) return {retrieve, {0x00, 0xC0, 0x00, 0x00, 0x00}};
    retrieve.push_back(0x00);
    return {retrieve};
}

bool keep_tags(node_state& n, wire::octet_view answer) {
    wire::reader whole(answer);
    const auto list = wire::read_ber_tlv(whole);
    if (whole.failed() || list.tag != tag_list) return false;
    wire::reader in(list.value);
    std::vector<octet_range> tags;
    while (in.remaining() != 0) {
        tags.push_back({take_tag(in), 1});
        if (in.failed() || !mo::is_data_object_tag(static_cast<std::uint16_t>(tags.back().offset))) return false;
    }
    n.held = {0xFF};  // no object whose value is known
    n.doubtful = std::move(tags);
    n.of_file = shadow::known;
    return true;
}

}  // namespace ota::flow
