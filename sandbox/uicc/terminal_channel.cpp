#include "sandbox/uicc/terminal_channel.hpp"

#include "sandbox/uicc/status_word.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace sw = status_word;

namespace {

constexpr std::uint8_t channel_mask = 0x03, secure_messaging_mask = 0x0C, further_channel = 0x40;
constexpr std::size_t header_octets = 4, longest_command = 261;
constexpr std::uint8_t open_channel = 0x00, close_channel = 0x80;

bool waits(std::uint16_t status) noexcept { return (status & 0xFF00) == sw::answer_waits; }

}  // namespace

terminal_channel::terminal_channel(const card_model& model, card& one, card_identity identity, data_hooks hooks)
    : model_(model),
      card_(one),
      identity_(std::move(identity)),
      pin_(model.tree, one.files),
      hooks_(std::move(hooks)),
      bearer_(new_bearer()) {
    reset();
}

void terminal_channel::reset() {
    for (auto& channel : channels_) channel.reset();
    pin_.reset();
    toolkit_ = {};
    bearer_ = new_bearer();
    power_ = true;
    open(0);
}

void terminal_channel::open(std::size_t channel) {
    channels_[channel].emplace(model_, model_.terminal, card_.files, identity_.iccid, sender::terminal);
}

apdu_answer terminal_channel::execute(const apdu& command) {
    if (command.cla == 0xFF) return {sw::unknown_class, {}};
    if (!sim() && (command.cla & further_channel) != 0)
        return {sw::channel_not_supported, {}};  // 4 to 19 [TS 102 221, 10.1.1]
    if ((command.cla & secure_messaging_mask) != 0) return {sw::unknown_class, {}};
    const std::size_t number = command.cla & channel_mask;
    if (!channels_[number]) return {sw::channel_not_supported, {}};
    if (number == 0)
        if (auto done = toolkit_command(command)) return *std::move(done);
    auto plain = command;
    plain.cla &= static_cast<std::uint8_t>(~channel_mask);
    if (plain.cla == model_.terminal.class_octet && plain.ins == instruction::verify_pin) {
        const auto status = pin_.verify(plain);
        return {sim() ? sw::in_class_a0(status) : status, {}};
    }
    if (plain.cla == 0x00 && plain.ins == instruction::manage_channel) return manage_channel(plain);
    channels_[number]->on_pin(pin_.verified());
    return channels_[number]->execute(plain);
}

/// P1 00 opens the next free channel, whose number is the answer; P1 80 closes that in P2.
apdu_answer terminal_channel::manage_channel(const apdu& command) {
    if (command.p1 == open_channel && command.p2 == 0) {
        const auto free = std::ranges::find_if(channels_, [](const auto& channel) { return !channel; });
        if (free == channels_.end()) return {sw::channel_not_supported, {}};
        const auto number = static_cast<std::size_t>(free - channels_.begin());
        open(number);
        return {sw::ok, {static_cast<std::uint8_t>(number)}};
    }
    if (command.p1 != close_channel || command.p2 == 0 || command.p2 >= channel_count)
        return {sw::wrong_parameters, {}};
    if (!channels_[command.p2]) return {sw::channel_not_supported, {}};
    channels_[command.p2].reset();
    return {sw::ok, {}};
}

wire::octets terminal_channel::transmit(wire::octet_view octets) {
    wire::writer out;
    if (!power_) return {};
    if (octets.size() < header_octets || octets.size() > longest_command) return out.u16(sw::wrong_length).take();
    const auto command = read_apdu(octets);
    auto answer = execute(command);
    if (!power_) return {};
    const bool asks = command.p3 != 0 && command.body.size() == command.p3 + 1U;  // Lc, data, Le
    if (asks && waits(answer.sw)) {
        const auto& le = command.body.back();
        const auto cla = static_cast<std::uint8_t>(model_.terminal.class_octet | (command.cla & channel_mask));
        answer = execute({cla, instruction::get_response, 0, 0, 0, {}});
        if (le != 0 && le < answer.data.size()) answer.data.resize(le);
    }
    go_on();
    if (!power_) return {};
    if (answer.sw == sw::ok && toolkit_.waiting() != 0)
        answer.sw = static_cast<std::uint16_t>(sw::command_waits | (toolkit_.waiting() & 0xFF));
    return out.put(answer.data).u16(answer.sw).take();
}

std::vector<slot_id> terminal_channel::touched() const {
    std::vector<slot_id> out;
    for (const auto& channel : channels_) {
        if (!channel) continue;
        for (const auto slot : channel->touched())
            if (std::ranges::find(out, slot) == out.end()) out.push_back(slot);
    }
    return out;
}

}  // namespace ota::sandbox
