#include "sandbox/uicc/toolkit.hpp"

#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

constexpr std::uint8_t proactive = 0xD0, command_details = 0x81, device_identities = 0x82, result = 0x83,
                       file_list = 0x92, sms_tpdu = 0x8B, imei_element = 0x94, imeisv_element = 0xE2,
                       language_element = 0xAD, comprehension = 0x80;
constexpr std::uint8_t refresh_command = 0x01, send_short_message = 0x13, provide_local_information = 0x26;
constexpr std::uint8_t file_change_notification = 0x01, whole_change_notification = 0x00, ask_imei = 0x01,
                       ask_language = 0x04, ask_imeisv = 0x08;
constexpr std::uint8_t card = 0x81, terminal = 0x82, network = 0x83;
constexpr std::uint8_t performed_mask = 0xF0;  // general results 00 to 0F: performed
constexpr std::size_t imei_digits = 15, imeisv_digits = 16;
constexpr std::size_t longest_list = 240;  // with it the command has 255 octets at most

wire::octets list_of(const std::vector<std::vector<std::uint16_t>>& files) {
    wire::writer body, out;
    body.u8(files.size());
    for (const auto& path : files) {
        body.u16(0x3F00);
        for (const auto identifier : path) body.u16(identifier);
    }
    wire::write_ber_tlv(out, file_list, body.buffer());
    return out.take();
}

/// A mobile identity: the first digit above the kind of identity, the others with their nibbles swapped, and F where an
/// octet is not full. Empty unless it has so many digits. [TS 24.008, 10.5.1.4]
std::string identity_of(wire::octet_view value, std::size_t digits) {
    std::string nibbles;
    for (const auto octet : value) {
        nibbles += static_cast<char>('0' + (octet & 0x0F));
        nibbles += static_cast<char>('0' + (octet >> 4));
    }
    if (nibbles.size() < digits + 1) return {};
    auto out = nibbles.substr(1, digits);
    const bool decimal = std::ranges::all_of(out, [](char c) { return c >= '0' && c <= '9'; });
    const bool filled = nibbles.find_first_not_of('0' + 0x0F, digits + 1) == std::string::npos;
    return decimal && filled ? out : std::string();
}

}  // namespace

void toolkit::on_terminal_profile(wire::octet_view profile, bool curious) {
    facts_.profile.assign(profile.begin(), profile.end());
    if (!ready_ && curious) {
        for (const auto what : {ask_imei, ask_language, ask_imeisv})
            commands_.push_back({provide_local_information, what, terminal, {}, {}, false});
    }
    ready_ = true;
}

void toolkit::refresh(const std::vector<std::vector<std::uint16_t>>& files) {
    if (files.empty()) return;
    const auto first = commands_.begin() + (open_ ? 1 : 0);
    auto at = std::find_if(first, commands_.end(), [](const auto& c) { return c.type == refresh_command; });
    if (at == commands_.end())
        at = commands_.insert(at, {refresh_command, file_change_notification, terminal, {}, {}, false});
    for (const auto& file : files)
        if (std::ranges::find(at->files, file) == at->files.end()) at->files.push_back(file);
    at->qualifier = file_change_notification;
    at->element = list_of(at->files);
    if (at->element.size() <= longest_list) return;
    at->qualifier = whole_change_notification;
    at->element.clear();
}

void toolkit::send(wire::octets tpdu) {
    wire::writer element;
    wire::write_ber_tlv(element, sms_tpdu, tpdu);
    commands_.push_back({send_short_message, 0, network, {}, element.take(), false});
}

void toolkit::give(proactive_command c) {
    wire::writer element;
    write_elements(element, c.elements);
    commands_.push_back({c.type, c.qualifier, c.to, {}, element.take(), true});
}

wire::octets toolkit::serialize(const command& c) const {
    wire::writer body, out;
    wire::write_ber_tlv(body, command_details, wire::octets{number_, c.type, c.qualifier});
    wire::write_ber_tlv(body, device_identities, wire::octets{card, c.to});
    wire::write_ber_tlv(out, proactive, body.put(c.element).buffer());
    return out.take();
}

std::size_t toolkit::waiting() const noexcept {
    if (!ready_ || open_ || commands_.empty()) return 0;
    return serialize(commands_.front()).size();
}

std::optional<wire::octets> toolkit::fetch() {
    if (waiting() == 0) return std::nullopt;
    open_ = true;
    return serialize(commands_.front());
}

void toolkit::learn(std::uint8_t tag, wire::octet_view value) {
    if (tag == imei_element) facts_.imei = identity_of(value, imei_digits);
    if (tag == imeisv_element) {
        const auto digits = identity_of(value, imeisv_digits);
        facts_.software_version = digits.empty() ? digits : digits.substr(imeisv_digits - 2);
    }
    if (tag == language_element && value.size() == 2) facts_.language = wire::as_text(value);
}

bool toolkit::on_terminal_response(wire::octet_view response) {
    if (!open_) return false;
    const auto& asked = commands_.front();
    bool ours = false, performed = false;
    std::vector<wire::ber_tlv> told;
    wire::reader in(response);
    while (in.remaining() != 0) {
        auto element = wire::read_ber_tlv(in);
        element.tag |= comprehension;
        if (element.tag == command_details)
            ours = std::ranges::equal(element.value, wire::octets{number_, asked.type, asked.qualifier});
        if (element.tag == result) performed = !element.value.empty() && (element.value[0] & performed_mask) == 0;
        told.push_back(element);
    }
    if (in.failed() || !ours) return false;
    if (performed && asked.type == provide_local_information)
        for (const auto& element : told) learn(element.tag, element.value);
    if (asked.given) {
        answered_ = parse_terminal_response(response);
        if (!answered_) answered_ = {number_, asked.type, asked.qualifier, toolkit_result::not_understood, {}, {}};
    }
    commands_.pop_front();
    open_ = false;
    number_ = number_ == 0xFE ? 1 : static_cast<std::uint8_t>(number_ + 1);
    return true;
}

}  // namespace ota::sandbox
