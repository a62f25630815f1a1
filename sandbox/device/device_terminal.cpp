#include "sandbox/device/device_terminal.hpp"

#include "sandbox/uicc/apdu.hpp"
#include "sandbox/uicc/status_word.hpp"
#include "secure-channel/wire/ber_tlv.hpp"

namespace ota::sandbox {

namespace sw = status_word;

namespace {

constexpr std::uint8_t proactive = 0xD0, command_details = 0x81, device_identities = 0x82, result = 0x83,
                       file_list = 0x12, sms_tpdu = 0x0B, imei_element = 0x94, imeisv_element = 0xE2,
                       language_element = 0xAD, comprehension = 0x80;
constexpr std::uint8_t refresh_command = 0x01, send_short_message = 0x13, provide_local_information = 0x26;
constexpr std::uint8_t performed = 0x00, no_network = 0x21, beyond_capability = 0x30, not_understood = 0x32;
constexpr std::uint8_t ask_imei = 0x01, ask_language = 0x04, ask_imeisv = 0x08, uicc_reset = 0x04;
constexpr std::uint8_t is_imei = 0x0A, is_imeisv = 0x03, card = 0x81, terminal = 0x82;
constexpr std::size_t imei_without_check = 14;
/// A card that never ceases to want something is left alone. One that sends and receives data wants much.
constexpr int most_commands_in_a_row = 64, most_commands_with_data = 16384;

std::uint16_t status_of(wire::octet_view answer) { return answer.size() < 2 ? 0 : wire::reader(answer.last(2)).u16(); }

wire::octets apdu_of(std::uint8_t cla, std::uint8_t ins, wire::octet_view data) {
    wire::writer out;
    out.u8(cla).u8(ins).u16(0).u8(data.size()).put(data);
    return out.take();
}

/// A mobile identity [TS 24.008, 10.5.1.4]: the kind below the first digit, then the digits with their nibbles swapped.
wire::octets identity(std::uint8_t kind, std::string_view digits) {
    std::string nibbles(1, static_cast<char>('0' + kind));
    nibbles += digits;
    wire::octets out;
    for (std::size_t i = 0; i < nibbles.size(); i += 2) {
        const int high = i + 1 < nibbles.size() ? nibbles[i + 1] - '0' : 0x0F;
        out.push_back(static_cast<std::uint8_t>(high << 4 | (nibbles[i] - '0')));
    }
    return out;
}

/// | count | 3F00 xxxx .. | 3F00 .. |: every path begins with the MF.
std::vector<management_object::file_path> files_of(wire::octet_view list) {
    std::vector<management_object::file_path> out;
    wire::reader in(list);
    (void)in.u8();
    while (in.remaining() >= 2) {
        const auto identifier = in.u16();
        if (identifier == 0x3F00) out.emplace_back();
        if (!out.empty()) out.back().push_back(identifier);
    }
    return out;
}

}  // namespace

wire::octets device_terminal::transmit(wire::octet_view command) {
    if (!slot_) return {};
    ++commands_;
    auto answer = slot_->transmit(command);
    if ((status_of(answer) & 0xFF00) == sw::command_waits) {
        wants_ = true;
        waiting_ = answer.back();
    }
    return answer;
}

bool device_terminal::power_on() {
    if (!slot_) return false;
    wants_ = false;
    if (slot_->reset) slot_->reset();
    if (handlers_.channels != nullptr) handlers_.channels->reset();
    if (tell_profile().empty()) return false;
    serve();
    return true;
}

wire::octets device_terminal::tell_profile() {
    const auto profile = handlers_.channels != nullptr ? data_channels::announced_in(who_.profile) : who_.profile;
    return transmit(apdu_of(0x80, instruction::terminal_profile, profile));
}

bool device_terminal::poll() {
    const wire::octets status{0x80, instruction::status, 0x00, 0x0C, 0x00};
    if (transmit(status).empty()) return false;
    serve();
    return bring_events();
}

bool device_terminal::bring_events() {
    while (handlers_.channels != nullptr && slot_) {
        const auto event = handlers_.channels->next_event();
        if (!event) break;
        if (transmit(apdu_of(0x80, instruction::envelope, *event)).empty()) return false;
        serve();
    }
    return true;
}

sms_outcome device_terminal::deliver(const download& message) {
    auto answer = transmit(apdu_of(0x80, instruction::envelope, serialize_download(message)));
    sms_outcome out{.reached = !answer.empty(), .busy = status_of(answer) == sw::toolkit_is_busy};
    if ((status_of(answer) & 0xFF00) == sw::answer_waits) {
        answer = transmit(wire::octets{0x00, instruction::get_response, 0, 0, answer.back()});
        if (answer.size() > 2) out.report.emplace(answer.begin(), answer.end() - 2);
    }
    serve();
    return out;
}

void device_terminal::serve() {
    if (serving_) return;
    serving_ = true;
    const int most = handlers_.channels != nullptr ? most_commands_with_data : most_commands_in_a_row;
    for (int i = 0; i < most && std::exchange(wants_, false); ++i) {
        const auto fetched = transmit(wire::octets{0x80, instruction::fetch, 0, 0, waiting_});
        if (fetched.size() > 2) answer(wire::octet_view(fetched).first(fetched.size() - 2));
    }
    serving_ = false;
}

void device_terminal::answer(wire::octet_view command) {
    if (handlers_.channels != nullptr) {
        const auto asked = parse_proactive_command(command);
        if (asked && data_channels::knows(asked->type)) {
            const auto done = handlers_.channels->execute(*asked);
            return (void)transmit(apdu_of(0x80, instruction::terminal_response, serialize(done)));
        }
    }
    wire::octet_view details, tpdu, list;
    wire::reader whole(command);
    const auto outer = wire::read_ber_tlv(whole);
    wire::reader in(outer.value);
    while (outer.tag == proactive && in.remaining() != 0) {
        const auto element = wire::read_ber_tlv(in);
        const auto tag = static_cast<std::uint8_t>(element.tag & ~comprehension);
        if (tag == (command_details & ~comprehension)) details = element.value;
        if (tag == sms_tpdu) tpdu = element.value;
        if (tag == file_list) list = element.value;
    }
    std::uint8_t came_of_it = in.failed() || details.size() != 3 ? not_understood : beyond_capability;
    wire::writer told;
    const refresh_order order{details.size() == 3 ? details[2] : std::uint8_t{0}, files_of(list)};
    const auto type = came_of_it == beyond_capability ? details[1] : std::uint8_t{0};
    if (type == provide_local_information) came_of_it = local_information(details[2], told);
    if (type == send_short_message) came_of_it = handlers_.send && handlers_.send(tpdu) ? performed : no_network;
    if (type == refresh_command) {
        came_of_it = performed;
        if (order.qualifier != uicc_reset && handlers_.refresh) handlers_.refresh(order);
    }
    wire::writer response;
    wire::write_ber_tlv(response, command_details, details);
    wire::write_ber_tlv(response, device_identities, wire::octets{terminal, card});
    wire::write_ber_tlv(response, result, wire::octets{came_of_it});
    (void)transmit(apdu_of(0x80, instruction::terminal_response, response.put(told.buffer()).buffer()));
    if (type != refresh_command || order.qualifier != uicc_reset) return;
    if (slot_->reset) slot_->reset();
    if (handlers_.channels != nullptr) handlers_.channels->reset();
    (void)tell_profile();
    if (handlers_.refresh) handlers_.refresh(order);
}

std::uint8_t device_terminal::local_information(std::uint8_t what, wire::writer& told) const {
    if (who_.imei.empty()) return beyond_capability;
    if (what == ask_imei) {
        wire::write_ber_tlv(told, imei_element, identity(is_imei, who_.imei));
    } else if (what == ask_imeisv) {
        wire::write_ber_tlv(told, imeisv_element,
                            identity(is_imeisv, who_.imei.substr(0, imei_without_check) + who_.software_version));
    } else if (what == ask_language) {
        wire::write_ber_tlv(told, language_element, wire::as_octets(who_.language));
    } else {
        return beyond_capability;
    }
    return performed;
}

std::optional<std::string> device_terminal::iccid() {
    const wire::octets select{0x00, instruction::select, 0x00, 0x0C, 0x02, 0x2F, 0xE2};
    const wire::octets read{0x00, instruction::read_binary, 0, 0, 0x0A};
    (void)transmit(wire::octets{0x00, instruction::select, 0x00, 0x0C, 0x02, 0x3F, 0x00});
    const auto found = status_of(transmit(select));
    if (found != sw::ok && (found & 0xFF00) != sw::command_waits) return std::nullopt;
    const auto answer = transmit(read);
    if (answer.size() != 12) return std::nullopt;
    std::string out;
    for (const auto octet : wire::octet_view(answer).first(10)) {
        for (const int digit : {octet & 0x0F, octet >> 4})
            if (digit <= 9) out += static_cast<char>('0' + digit);
    }
    return out;
}

}  // namespace ota::sandbox
