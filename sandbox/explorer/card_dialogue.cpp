#include "sandbox/explorer/card_dialogue.hpp"

#include "sandbox/uicc/apdu.hpp"
#include "sandbox/uicc/status_word.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace sw = status_word;

namespace {

constexpr std::uint16_t by_name = 0x0400, by_path_from_mf = 0x0804, absolute = 0x04, first_pin_reference = 0x01;
constexpr std::size_t largest_read = 256, last_offset = 0x7FFF, pin_octets = 8;

bool family(std::uint16_t status, std::uint16_t of) noexcept { return (status & 0xFF00) == of; }

}  // namespace

bool card_reply::good() const noexcept {
    return status == sw::ok || family(status, sw::command_waits) || status == sw::deactivated_warning;
}

card_reply card_dialogue::send(wire::octet_view command) {
    const auto answer = card_.transmit(command);
    if (answer.size() < 2) return {};
    const auto told = wire::octet_view(answer).first(answer.size() - 2);
    return {wire::reader(wire::octet_view(answer).last(2)).u16(), {told.begin(), told.end()}};
}

card_reply card_dialogue::header(std::uint8_t ins, std::uint16_t p1_p2, wire::octet_view data,
                                 std::optional<std::uint8_t> le) {
    wire::writer command;
    command.u8(sim_ ? 0xA0 : 0x00).u8(ins).u16(p1_p2);
    if (!data.empty()) command.u8(data.size()).put(data);
    if (le && (data.empty() || !sim_)) command.u8(*le);
    auto reply = send(command.buffer());
    const auto more = static_cast<std::uint8_t>(reply.status);
    if (family(reply.status, sw::answer_waits) || family(reply.status, sw::answer_waits_sim))
        return header(instruction::get_response, 0, {}, more);
    const bool again =
        family(reply.status, sw::wrong_le) || (sim_ && family(reply.status, sw::wrong_length) && more != 0);
    if (again && le && data.empty() && *le != more) return header(ins, p1_p2, {}, more);
    return reply;
}

card_reply card_dialogue::select(const std::vector<std::uint16_t>& path) {
    if (!sim_ && !path.empty() && path != std::vector<std::uint16_t>{master_file}) {
        wire::writer name;
        for (std::size_t i = path.front() == master_file ? 1 : 0; i < path.size(); ++i) name.u16(path[i]);
        return header(instruction::select, by_path_from_mf, name.buffer(), 0);
    }
    auto reply = header(instruction::select, sim_ ? 0x0000 : 0x0004, wire::writer().u16(master_file).take(), 0);
    for (const auto identifier : path) {
        if (identifier == master_file) continue;
        if (!reply.good()) break;
        reply = header(instruction::select, 0, wire::writer().u16(identifier).take(), 0);
    }
    return reply;
}

card_reply card_dialogue::select_name(wire::octet_view aid) { return header(instruction::select, by_name, aid, 0); }

card_reply card_dialogue::read(std::size_t offset, std::optional<std::size_t> length) {
    card_reply out{sw::ok, {}};
    while (!length || out.data.size() < *length) {
        const auto at = offset + out.data.size();
        if (at > last_offset) return out;
        const auto wanted = length ? std::min(largest_read, *length - out.data.size()) : largest_read;
        const auto part =
            header(instruction::read_binary, static_cast<std::uint16_t>(at), {}, static_cast<std::uint8_t>(wanted));
        if (part.status == sw::wrong_offset && !out.data.empty()) return out;  // the file ends here
        out.status = part.status;
        if (!part.good()) return out;
        out.data.insert(out.data.end(), part.data.begin(), part.data.end());
        if (part.data.size() < wanted) return out;
    }
    return out;
}

card_reply card_dialogue::read_record(std::uint8_t number) {
    return header(instruction::read_record, static_cast<std::uint16_t>(number << 8 | absolute), {}, 0);
}

card_reply card_dialogue::verify(std::string_view pin) {
    wire::writer shown;
    shown.put(wire::as_octets(pin)).fill(pin_octets - std::min(pin_octets, pin.size()), 0xFF);
    return header(instruction::verify_pin, first_pin_reference, shown.buffer(), std::nullopt);
}

}  // namespace ota::sandbox
