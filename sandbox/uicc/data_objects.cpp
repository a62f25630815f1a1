#include "management-object/tlv_layout.hpp"
#include "sandbox/uicc/file_session.hpp"
#include "sandbox/uicc/status_word.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

// SET DATA and RETRIEVE DATA on a BER-TLV file [TS 102 221, 11.3]. The file's slot holds its objects in the order of
// their tags, and FF up to its size.

namespace ota::sandbox {

namespace sw = status_word;
namespace mo = management_object;

namespace {

constexpr std::uint8_t first_block = 0x80, next_block = 0x00, tag_list = 0x5C, long_tag = 0x9F;
constexpr std::size_t largest_answer = 256;

std::size_t tag_octets(wire::octet_view object) noexcept { return !object.empty() && object[0] == long_tag ? 2 : 1; }

std::uint16_t tag_at(wire::octet_view object) noexcept {
    return static_cast<std::uint16_t>(tag_octets(object) == 2 && object.size() > 1 ? object[0] << 8 | object[1]
                                                                                   : object[0]);
}

/// Octets that the object will have in all; nothing while its length has not come.
std::optional<std::size_t> whole_length(wire::octet_view object) {
    wire::reader in(object);
    in.take(tag_octets(object));
    const auto length = wire::read_ber_length(in);
    if (in.failed()) return std::nullopt;
    return in.offset() + length;
}

wire::octets octets_of(const mo::tlv_object& object) {
    wire::writer out;
    if (object.tag > UINT8_MAX) {
        out.u16(object.tag);
    } else {
        out.u8(object.tag);
    }
    wire::write_ber_length(out, object.value.size());
    return out.put(object.value).take();
}

wire::octets list_of(const std::vector<mo::tlv_object>& objects) {
    wire::writer tags, out;
    for (const auto& object : objects) {
        if (object.tag > UINT8_MAX) {
            tags.u16(object.tag);
        } else {
            tags.u8(object.tag);
        }
    }
    wire::write_ber_tlv(out, tag_list, tags.buffer());
    return out.take();
}

}  // namespace

apdu_answer file_session::set_data(const apdu& command) {
    const auto data = command.data();
    if (const auto no = refusal(file_structure::ber_tlv, true)) return {*no, {}};
    if (command.p1 != 0 || (command.p2 != first_block && command.p2 != next_block)) return {sw::wrong_parameters, {}};
    if (!data || data->empty()) return {sw::wrong_length, {}};
    if (command.p2 == first_block) object_.clear();
    if (command.p2 == next_block && object_.empty()) return {sw::conditions_not_satisfied, {}};
    object_.insert(object_.end(), data->begin(), data->end());
    const bool deletes = command.p2 == first_block && object_.size() == tag_octets(object_);
    const auto whole = whole_length(object_);
    if (!deletes && (!whole || object_.size() < *whole)) return {sw::more_data_expected, {}};
    const auto object = std::exchange(object_, {});
    if (!deletes && object.size() > *whole) return {sw::wrong_data, {}};
    return set_object(object);
}

/// Replaces, adds, or with the tag alone deletes an object.
apdu_answer file_session::set_object(wire::octet_view object) {
    const auto slot = files_.at(*file_).first_slot;
    auto objects = mo::parse_tlv_image(files_.content(slot));
    if (!objects) return {sw::conditions_not_satisfied, {}};
    std::erase_if(objects.value(), [&](const auto& known) { return known.tag == tag_at(object); });
    if (object.size() > tag_octets(object)) {
        const auto made = mo::parse_tlv_image(object);
        if (!made || made.value().size() != 1) return {sw::wrong_data, {}};
        objects.value().push_back(made.value().front());
    }
    const auto image = mo::serialize_tlv_image(std::move(objects).value(), files_.size(*file_));
    if (!image) return {sw::no_room, {}};
    write(slot, 0, image.value());
    return {sw::ok, {}};
}

apdu_answer file_session::next_of_object(std::size_t most) {
    const auto length = std::min(most == 0 ? largest_answer : most, object_.size());
    const auto end = object_.begin() + static_cast<std::ptrdiff_t>(length);
    apdu_answer out{sw::ok, {object_.begin(), end}};
    object_.erase(object_.begin(), end);
    if (!object_.empty()) out.sw = sw::more_data_available;
    return out;
}

/// The first block names a tag, or 5C for the list of tags; the answer is the object with tag and length.
apdu_answer file_session::retrieve_data(const apdu& command) {
    if (const auto no = refusal(file_structure::ber_tlv, false)) return {*no, {}};
    if (command.p1 != 0 || (command.p2 != first_block && command.p2 != next_block)) return {sw::wrong_parameters, {}};
    if (command.p2 == next_block) {
        if (object_.empty()) return {sw::conditions_not_satisfied, {}};
        return next_of_object(command.p3);
    }
    const auto name = command.data();
    if (!name || name->empty() || name->size() != tag_octets(*name)) return {sw::wrong_data, {}};
    const auto objects = mo::parse_tlv_image(files_.content(files_.at(*file_).first_slot));
    if (!objects) return {sw::conditions_not_satisfied, {}};
    if (name->front() == tag_list) {
        object_ = list_of(objects.value());
    } else {
        const auto found = std::ranges::find(objects.value(), tag_at(*name), &mo::tlv_object::tag);
        if (found == objects.value().end()) return {sw::data_not_found, {}};
        object_ = octets_of(*found);
    }
    if (command.body.size() > command.p3) return next_of_object(command.body.back());
    return hold(next_of_object(0).data);
}

}  // namespace ota::sandbox
