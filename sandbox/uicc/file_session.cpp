#include "sandbox/uicc/file_session.hpp"

#include "sandbox/uicc/status_word.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace sw = status_word;

namespace {

constexpr std::uint8_t sfi_flag = 0x80;
constexpr std::size_t largest_le = 256;

/// Commands of class 80.
bool is_of_uicc(std::uint8_t ins) noexcept {
    return ins == instruction::status || ins == instruction::resize_file || ins == instruction::set_data ||
           ins == instruction::retrieve_data;
}

std::size_t asked(std::uint8_t le, std::size_t available) noexcept {
    return le == 0 ? std::min(available, largest_le) : le;
}

}  // namespace

file_session::file_session(const card_model& model, const application_model& application, file_store& store,
                           std::string_view iccid, sender who)
    : model_(model),
      application_(application),
      files_(model.tree, store, iccid),
      sender_(who),
      directory_(application.default_directory) {}

apdu_answer file_session::execute(const apdu& command) {
    auto answer = dispatch(command);
    if (sim()) answer.sw = sw::in_class_a0(answer.sw);
    return answer;
}

apdu_answer file_session::dispatch(const apdu& command) {
    if (sender_ == sender::over_the_air && model_.applet_takes(command.cla, command.ins)) return {sw::ok, {}};
    const bool of_uicc = !sim() && command.cla == 0x80 && is_of_uicc(command.ins);
    if (command.cla != application_.class_octet && !of_uicc) return {sw::unknown_class, {}};
    if (command.ins != instruction::get_response) waiting_.clear();
    const bool goes_on = command.ins == instruction::set_data || command.ins == instruction::retrieve_data ||
                         command.ins == instruction::get_response;
    if (!goes_on) object_.clear();  // what is begun ends with any other command
    switch (command.ins) {
        case instruction::select: return select(command);
        case instruction::status: return status(command);
        case instruction::get_response: return get_response(command);
        case instruction::read_binary: return read_binary(command);
        case instruction::update_binary: return update_binary(command);
        case instruction::read_record: return read_record(command);
        case instruction::update_record: return update_record(command);
        case instruction::activate_file: return set_activation(command, true);
        case instruction::deactivate_file: return set_activation(command, false);
        case instruction::create_file: return create_file(command);
        case instruction::delete_file: return delete_file(command);
        case instruction::resize_file: return resize_file(command);
        case instruction::set_data: return set_data(command);
        case instruction::retrieve_data: return retrieve_data(command);
        default: return {sw::unknown_instruction, {}};
    }
}

apdu_answer file_session::hold(wire::octets answer) {
    waiting_ = std::move(answer);
    return {static_cast<std::uint16_t>(sw::answer_waits | (waiting_.size() & 0xFF)), {}};
}

apdu_answer file_session::get_response(const apdu& command) {
    if (command.p1_p2() != 0) return {sw::wrong_parameters, {}};
    if (waiting_.empty()) return {sw::wrong_length, {}};
    const auto length = asked(command.p3, waiting_.size());
    if (length > waiting_.size()) return {static_cast<std::uint16_t>(sw::wrong_le | waiting_.size()), {}};
    waiting_.resize(length);
    return {sw::ok, std::exchange(waiting_, {})};
}

std::optional<std::uint16_t> file_session::refusal(file_structure wanted, bool to_write) const {
    if (!file_ || !files_.exists(*file_)) return sw::no_file_selected;
    const auto& f = files_.at(*file_);
    if (f.structure != wanted) return sw::not_for_this_structure;
    const bool writable = sender_ == sender::terminal ? f.terminal_writable : f.writable;
    if (to_write ? !writable : !f.readable) return sw::security_not_satisfied;
    if (!to_write && f.pin && sender_ == sender::terminal && !pin_verified_) return sw::security_not_satisfied;
    if (files_.deactivated(*file_)) return sw::deactivated;
    return std::nullopt;
}

apdu_answer file_session::read_binary(const apdu& command) {
    if (command.p1 & sfi_flag) return {sw::file_not_found, {}};  // no file here has a short identifier
    if (const auto no = refusal(file_structure::transparent, false)) return {*no, {}};
    const auto image = files_.content(files_.at(*file_).first_slot);
    const std::size_t offset = command.p1_p2();
    if (offset >= image.size()) return {sw::wrong_offset, {}};
    const auto left = image.size() - offset;
    const auto length = asked(command.p3, left);
    if (length > left) return {static_cast<std::uint16_t>(sw::wrong_le | (left & 0xFF)), {}};
    const auto from = image.begin() + static_cast<std::ptrdiff_t>(offset);
    return {sw::ok, wire::octets(from, from + static_cast<std::ptrdiff_t>(length))};
}

apdu_answer file_session::update_binary(const apdu& command) {
    if (command.p1 & sfi_flag) return {sw::file_not_found, {}};
    if (const auto no = refusal(file_structure::transparent, true)) return {*no, {}};
    const auto data = command.data();
    if (!data || data->empty()) return {sw::wrong_length, {}};
    const auto size = files_.size(*file_);
    const std::size_t offset = command.p1_p2();
    if (offset >= size) return {sw::wrong_offset, {}};
    if (data->size() > size - offset) return {sw::wrong_length, {}};
    write(files_.at(*file_).first_slot, offset, *data);
    return {sw::ok, {}};
}

/// P2: 02 next, 03 previous, 04 absolute or current (P1 = 0). [TS 102 221, 11.1.5.2]
std::optional<std::uint8_t> file_session::record_meant(const apdu& command) {
    const int records = files_.at(*file_).records;
    int wanted = command.p1;
    switch (command.p2) {
        case 0x02: wanted = record_ + 1; break;
        case 0x03: wanted = record_ == 0 ? records : record_ - 1; break;
        default:
            if (wanted == 0) wanted = record_;
            if (wanted < 1 || wanted > records) return std::nullopt;
            return static_cast<std::uint8_t>(wanted);
    }
    if (wanted < 1 || wanted > records) return std::nullopt;
    record_ = static_cast<std::uint8_t>(wanted);
    return record_;
}

apdu_answer file_session::read_record(const apdu& command) {
    if (command.p2 >> 3) return {sw::file_not_found, {}};
    if (command.p2 < 2 || command.p2 > 4) return {sw::wrong_parameters, {}};
    if (const auto no = refusal(file_structure::linear_fixed, false)) return {*no, {}};
    const auto record = record_meant(command);
    if (!record) return {sw::record_not_found, {}};
    const auto& f = files_.at(*file_);
    if (asked(command.p3, f.size) != f.size) return {static_cast<std::uint16_t>(sw::wrong_le | (f.size & 0xFF)), {}};
    return {sw::ok, files_.content(static_cast<slot_id>(f.first_slot + *record - 1))};
}

apdu_answer file_session::update_record(const apdu& command) {
    if (command.p2 >> 3) return {sw::file_not_found, {}};
    if (command.p2 < 2 || command.p2 > 4) return {sw::wrong_parameters, {}};
    if (const auto no = refusal(file_structure::linear_fixed, true)) return {*no, {}};
    const auto record = record_meant(command);
    if (!record) return {sw::record_not_found, {}};
    const auto& f = files_.at(*file_);
    const auto data = command.data();
    if (!data || data->size() != f.size) return {sw::wrong_length, {}};
    write(static_cast<slot_id>(f.first_slot + *record - 1), 0, *data);
    return {sw::ok, {}};
}

apdu_answer file_session::set_activation(const apdu& command, bool active) {
    if (command.p1_p2() != 0) return {sw::wrong_parameters, {}};
    if (!file_ || !files_.exists(*file_)) return {sw::no_file_selected, {}};
    if (sender_ == sender::terminal || !files_.at(*file_).writable) return {sw::security_not_satisfied, {}};
    files_.set_deactivated(*file_, !active);
    return {sw::ok, {}};
}

void file_session::touch(slot_id slot) {
    if (std::find(touched_.begin(), touched_.end(), slot) == touched_.end()) touched_.push_back(slot);
}

void file_session::write(slot_id slot, std::size_t offset, wire::octet_view data) {
    files_.write(slot, offset, data);
    touch(slot);
}

}  // namespace ota::sandbox
