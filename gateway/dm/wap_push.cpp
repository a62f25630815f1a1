#include "gateway/dm/wap_push.hpp"

#include "gateway/dm/errc.hpp"

namespace ota::dm {
namespace {

constexpr std::uint8_t push_pdu = 0x06;
// Well-known numbers of OMNA, as short integers: the highest bit is set.
constexpr std::uint8_t short_integer = 0x80, syncml_notification = 0x44, x_wap_application_id = 0x2F, syncml_dm = 0x07;
constexpr std::uint8_t ports_16_bit = 0x05, concatenation_8_bit = 0x00;
constexpr std::size_t longest_user_data = 140, ports_length = 6, concatenation_length = 5, most_messages = 255;

wire::octets one_message(wire::octet_view piece, std::uint8_t reference, std::size_t count, std::size_t number) {
    wire::writer out;
    out.u8(ports_length + (count > 1 ? concatenation_length : 0));
    out.u8(ports_16_bit).u8(4).u16(wap_push_port).u16(wap_source_port);
    if (count > 1) out.u8(concatenation_8_bit).u8(3).u8(reference).u8(count).u8(number);
    return out.put(piece).take();
}

}  // namespace

wire::octets serialize_push(std::uint8_t transaction, wire::octet_view notification) {
    const wire::octets headers{short_integer | syncml_notification, short_integer | x_wap_application_id,
                               short_integer | syncml_dm};
    wire::writer out;
    return out.u8(transaction).u8(push_pdu).u8(headers.size()).put(headers).put(notification).take();
}

wire::result<std::vector<wire::octets>> serialize_push_messages(wire::octet_view push, std::uint8_t reference) {
    constexpr auto alone = longest_user_data - 1 - ports_length, in_parts = alone - concatenation_length;
    const auto room = push.size() <= alone ? alone : in_parts;
    const auto count = push.size() <= alone ? std::size_t{1} : (push.size() + in_parts - 1) / in_parts;
    if (count > most_messages) return errc::notification_too_long;
    std::vector<wire::octets> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto from = i * room;
        out.push_back(one_message(push.subspan(from, std::min(room, push.size() - from)), reference, count, i + 1));
    }
    return out;
}

}  // namespace ota::dm
