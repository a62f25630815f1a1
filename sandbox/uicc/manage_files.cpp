#include "sandbox/uicc/file_session.hpp"
#include "sandbox/uicc/status_word.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

// CREATE, DELETE and RESIZE FILE [TS 102 222, 6.3, 6.4, 6.10] of transparent files in the directory of PKCS#15.

namespace ota::sandbox {

namespace sw = status_word;

namespace {

constexpr std::uint8_t control_parameters_template = 0x62, file_descriptor = 0x82, file_identifier = 0x83,
                       file_size = 0x80;
constexpr std::uint8_t transparent_mask = 0x07, transparent = 0x01;
constexpr std::size_t largest_file = 32'767;

struct parameters {
    std::optional<std::uint8_t> descriptor;
    std::optional<std::uint16_t> identifier;
    std::optional<std::size_t> size;
};

std::optional<parameters> read_parameters(const apdu& command) {
    const auto data = command.data();
    if (!data) return std::nullopt;
    wire::reader whole(*data);
    const auto outer = wire::read_ber_tlv(whole);
    if (whole.failed() || whole.remaining() != 0 || outer.tag != control_parameters_template) return std::nullopt;
    parameters out;
    wire::reader in(outer.value);
    while (in.remaining() != 0) {
        const auto object = wire::read_ber_tlv(in);
        wire::reader value(object.value);
        if (object.tag == file_descriptor) out.descriptor = value.u8();
        if (object.tag == file_identifier) out.identifier = value.u16();
        if (object.tag == file_size && object.value.size() == 2) out.size = value.u16();
        if (value.failed()) return std::nullopt;
    }
    if (in.failed()) return std::nullopt;
    return out;
}

}  // namespace

std::optional<std::uint16_t> file_session::refusal_to_manage(std::optional<file_id> found) const {
    if (sender_ == sender::terminal) return sw::security_not_satisfied;
    if (!found) return sw::file_not_found;
    if (!files_.at(*found).resizable) return sw::security_not_satisfied;
    return std::nullopt;
}

apdu_answer file_session::create_file(const apdu& command) {
    if (sender_ == sender::terminal) return {sw::security_not_satisfied, {}};
    if (command.p1_p2() != 0) return {sw::wrong_parameters, {}};
    const auto p = read_parameters(command);
    const bool complete = p && p->descriptor && p->identifier && p->size && *p->size > 0 && *p->size <= largest_file;
    if (!complete || (*p->descriptor & transparent_mask) != transparent) return {sw::wrong_data, {}};
    if (files_.child(directory_, *p->identifier)) return {sw::file_exists, {}};
    const auto made = files_.create(directory_, *p->identifier, *p->size);
    if (!made) return {sw::no_room, {}};
    file_ = made;
    touch(files_.at(*made).first_slot);
    return {sw::ok, {}};
}

apdu_answer file_session::delete_file(const apdu& command) {
    if (command.p1_p2() != 0) return {sw::wrong_parameters, {}};
    const auto data = command.data();
    if (!data || data->size() != 2) return {sw::wrong_length, {}};
    const auto found = files_.child(directory_, wire::reader(*data).u16());
    if (const auto no = refusal_to_manage(found)) return {*no, {}};
    files_.remove(*found);
    if (file_ == found) file_.reset();
    return {sw::ok, {}};
}

apdu_answer file_session::resize_file(const apdu& command) {
    if (command.p1_p2() != 0) return {sw::wrong_parameters, {}};
    const auto p = read_parameters(command);
    if (!p || !p->identifier || !p->size || *p->size == 0 || *p->size > largest_file) return {sw::wrong_data, {}};
    const auto found = files_.child(directory_, *p->identifier);
    if (const auto no = refusal_to_manage(found)) return {*no, {}};
    files_.resize(*found, *p->size);
    touch(files_.at(*found).first_slot);
    return {sw::ok, {}};
}

}  // namespace ota::sandbox
