#include "sandbox/uicc/sms_download.hpp"

#include "secure-channel/wire/ber_tlv.hpp"

#include <algorithm>

namespace ota::sandbox {

namespace {

constexpr std::uint8_t download_envelope = 0xD1, device_identities = 0x82, tpdu_element = 0x8B, comprehension = 0x80;
constexpr std::uint8_t network = 0x83, card = 0x81;
constexpr std::uint8_t message_type_mask = 0x03, deliver = 0x00, submit = 0x01, header_indicator = 0x40,
                       no_more_messages = 0x04;
constexpr std::uint8_t international = 0x91, for_the_card = 0x7F, octets_of_class_2 = 0xF6;
constexpr std::size_t time_stamp_octets = 7;

/// Digits, two to an octet with their nibbles swapped, filled up with F. [TS 23.040, 9.1.2.3]
void put_address(wire::writer& out, std::string_view digits) {
    out.u8(digits.size()).u8(international);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = i + 1 < digits.size() ? digits[i + 1] - '0' : 0x0F;
        out.u8(static_cast<std::uint8_t>(high << 4 | (digits[i] - '0')));
    }
}

std::string read_address(wire::reader& in) {
    const std::size_t digits = in.u8();
    in.u8();  // type of number
    std::string out;
    for (const auto octet : in.take((digits + 1) / 2)) {
        out += static_cast<char>('0' + (octet & 0x0F));
        out += static_cast<char>('0' + (octet >> 4));
    }
    out.resize(std::min(out.size(), digits));
    for (const char c : out)
        if (c > '9') in.fail();
    return out;
}

/// What stands after the address.
std::optional<download> finish(wire::reader& in, std::string address, std::size_t between) {
    const auto protocol = in.u8();
    in.u8();  // data coding
    in.take(between);
    const std::size_t length = in.u8();
    const auto text = in.take(length);
    if (in.failed() || in.remaining() != 0 || protocol != for_the_card || text.empty()) return std::nullopt;
    return download{std::move(address), {text.begin(), text.end()}};
}

std::optional<download> parse_deliver(wire::octet_view tpdu) {
    wire::reader in(tpdu);
    const auto first = in.u8();
    if ((first & message_type_mask) != deliver || (first & header_indicator) == 0) return std::nullopt;
    auto address = read_address(in);
    return finish(in, std::move(address), time_stamp_octets);
}

}  // namespace

wire::octets serialize_download(const download& message) {
    wire::writer tpdu, body, out;
    tpdu.u8(deliver | no_more_messages | header_indicator);
    put_address(tpdu, message.sender);
    tpdu.u8(for_the_card)
        .u8(octets_of_class_2)
        .fill(time_stamp_octets, 0)
        .u8(message.user_data.size())
        .put(message.user_data);
    wire::write_ber_tlv(body, device_identities, wire::octets{network, card});
    wire::write_ber_tlv(body, tpdu_element, tpdu.buffer());
    wire::write_ber_tlv(out, download_envelope, body.buffer());
    return out.take();
}

std::optional<download> parse_download(wire::octet_view envelope) {
    wire::reader whole(envelope);
    const auto outer = wire::read_ber_tlv(whole);
    if (whole.failed() || whole.remaining() != 0 || outer.tag != download_envelope) return std::nullopt;
    std::optional<download> out;
    wire::reader in(outer.value);
    while (in.remaining() != 0) {
        const auto element = wire::read_ber_tlv(in);
        if ((element.tag | comprehension) == tpdu_element) out = parse_deliver(element.value);
    }
    return in.failed() ? std::nullopt : out;
}

wire::octets serialize_submit(std::string_view receiver, wire::octet_view user_data) {
    wire::writer out;
    out.u8(submit | header_indicator).u8(0);  // the terminal chooses the reference
    put_address(out, receiver);
    return out.u8(for_the_card).u8(octets_of_class_2).u8(user_data.size()).put(user_data).take();
}

std::optional<download> parse_submit(wire::octet_view tpdu) {
    wire::reader in(tpdu);
    const auto first = in.u8();
    in.u8();
    if ((first & message_type_mask) != submit || (first & header_indicator) == 0) return std::nullopt;
    auto address = read_address(in);
    return finish(in, std::move(address), 0);
}

}  // namespace ota::sandbox
