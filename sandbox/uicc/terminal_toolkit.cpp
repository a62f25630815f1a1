#include "sandbox/uicc/device_mirror.hpp"
#include "sandbox/uicc/sms_download.hpp"
#include "sandbox/uicc/status_word.hpp"
#include "sandbox/uicc/terminal_channel.hpp"

#include <algorithm>

// The commands of the toolkit: TERMINAL PROFILE, FETCH, TERMINAL RESPONSE, ENVELOPE [TS 102 221, 11.2].

namespace ota::sandbox {

namespace sw = status_word;

std::optional<apdu_answer> terminal_channel::toolkit_command(const apdu& command) {
    constexpr std::uint8_t uicc_class = 0x80, sim_class = 0xA0;
    if (command.cla != (sim() ? sim_class : uicc_class)) return std::nullopt;
    const auto is = command.ins;
    const bool ours = is == instruction::terminal_profile || is == instruction::fetch ||
                      is == instruction::terminal_response || is == instruction::envelope;
    if (!ours) return std::nullopt;
    if (command.p1_p2() != 0) return apdu_answer{sim() ? sw::wrong_offset : sw::wrong_parameters, {}};
    if (is == instruction::fetch) return fetch(command);
    if (is == instruction::terminal_response) return terminal_response(command);
    if (is == instruction::envelope) return envelope(command);
    const auto profile = command.data();
    if (!profile || profile->empty()) return apdu_answer{sw::wrong_length, {}};
    toolkit_.on_terminal_profile(*profile, !model_.mirrors.empty());
    return apdu_answer{sw::ok, {}};
}

apdu_answer terminal_channel::fetch(const apdu& command) {
    const auto length = toolkit_.waiting();
    if (length == 0) return {sw::conditions_not_satisfied, {}};
    if (command.p3 != 0 && command.p3 < length) return {static_cast<std::uint16_t>(sw::wrong_le | length), {}};
    return {sw::ok, toolkit_.fetch().value()};
}

apdu_answer terminal_channel::terminal_response(const apdu& command) {
    const auto response = command.data();
    if (!response) return {sw::wrong_length, {}};
    const auto known = toolkit_.facts();
    if (!toolkit_.on_terminal_response(*response)) return {sw::wrong_data, {}};
    if (toolkit_.facts() != known) write_mirrors();
    return {sw::ok, {}};
}

void terminal_channel::write_mirrors() {
    for (const auto& object : model_.mirrors) {
        const auto slot = model_.tree.slot_of(object.file);
        const auto image = mirror_image(object, toolkit_.facts());
        if (slot && image) card_.files.assign(model_.tree, *slot, *image);
    }
}

/// A secured packet, or a segment of one. The proof of receipt is the answer; where it goes by SMS-SUBMIT, or is too
/// long, the card asks the terminal to send it.
apdu_answer terminal_channel::envelope(const apdu& command) {
    const auto data = command.data();
    if (!data) return {sw::wrong_length, {}};
    if (const auto event = parse_toolkit_event(*data)) {
        bearer_.on_event(*event, now_);
        return {sw::ok, {}};
    }
    const auto message = parse_download(*data);
    if (!message) return {sw::wrong_data, {}};
    auto result = on_message(model_, card_, identity_, message->user_data, std::exchange(next_, {}), this);
    for (const auto& part : result.submitted) toolkit_.send(serialize_submit(message->sender, part));
    notify(result);
    delivered_ = std::move(result);
    if (delivered_->how == acknowledgement::refused) return {sw::toolkit_is_busy, {}};
    if (delivered_->how == acknowledgement::none) {
        reset();
        power_ = false;
        return {};
    }
    if (!delivered_->report) return {sw::ok, {}};
    auto held = channels_[0]->hold(*delivered_->report);
    return {sim() ? sw::in_class_a0(held.sw) : held.sw, {}};
}

/// R20: after an update the card tells by REFRESH which files changed, when its profile says so, or when the script
/// asked.
void terminal_channel::notify(const card_answer& answer) {
    if (!answer.packet || answer.packet->touched.empty()) return;
    const auto asks = [&](const command_trace& ran) { return model_.asks_for_refresh(ran.header[0], ran.header[1]); };
    const bool told = model_.refresh == refresh_policy::card || std::ranges::any_of(answer.packet->ran, asks);
    if (!told) return;
    const card_files files(model_.tree, card_.files, identity_.iccid);
    std::vector<std::vector<std::uint16_t>> changed;
    for (const auto slot : answer.packet->touched) {
        auto path = files.path_of(slot);
        if (!path.empty()) changed.push_back(std::move(path));
    }
    toolkit_.refresh(changed);
}

}  // namespace ota::sandbox
